#include "pipeline/interface_text.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace cortland {

std::string border_type_text(const Package& package, const mil::Function& function, mil::ValueId id) {
  const mil::ValueInfo& value = function.value(id);
  const auto range = std::find_if(package.ranges.begin(), package.ranges.end(), [&](const InputRange& r) {
    return r.function == function.name && r.input == value.name && r.lower.size() == value.type.shape.size();
  });
  if (range == package.ranges.end()) return mil::to_string(mil::Type{value.type.dtype, value.type.shape});
  std::vector<std::string> dims;
  for (size_t i = 0; i < range->lower.size(); ++i) {
    const int64_t lower = range->lower[i], upper = range->upper[i];
    dims.push_back(lower == upper ? fmt::format("{}", lower) : fmt::format("{} to {}", lower, upper));
  }
  return fmt::format("{}[{}]", name_of(value.type.dtype), fmt::join(dims, ", "));
}

}  // namespace cortland
