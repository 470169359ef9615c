#include <algorithm>
#include <iterator>
#include <vector>

#include "base/file.h"
#include "capi/app/array.h"
#include "capi/interp/handles.h"
#include "package/reader.h"

using namespace cortland;
using namespace cortland::capi;

namespace {

std::vector<mil::ValueId> features_of(const mil::Function& function, cortland_interp_role role) {
  if (role == CORTLAND_INTERP_OUTPUT) return function.outputs;
  std::vector<mil::ValueId> ids;
  for (const mil::ValueId id : function.inputs) {
    if (function.value(id).type.is_state == (role == CORTLAND_INTERP_STATE)) ids.push_back(id);
  }
  return ids;
}

cortland_string string_of(const std::string& text) { return {text.data(), text.size()}; }

// The sides that an input may have.
InputRange range_of(const Package& package, const mil::Function& function, const mil::ValueInfo& value) {
  const auto is_meant = [&](const auto& entry) { return entry.function == function.name && entry.input == value.name; };
  require(std::none_of(package.choices.begin(), package.choices.end(), is_meant), ErrorCode::unsupported,
          "function {}: input {}: lists of shapes are not supported", function.name, value.name);
  const auto it = std::find_if(package.ranges.begin(), package.ranges.end(), is_meant);
  if (it != package.ranges.end()) return *it;
  return {function.name, value.name, value.type.shape, value.type.shape, value.type.shape};
}

}  // namespace

cortland_status cortland_interp_package_open(const char* path, cortland_interp_package** package,
                                             cortland_error* error) noexcept {
  return create_or_error(package, error, [&]() -> Outcome {
    if (path == nullptr) return missing("path");
    *package = new cortland_interp_package{std::make_shared<const Package>(read_package(disk(), path))};
    return {};
  });
}

void cortland_interp_package_free(cortland_interp_package* package) noexcept { delete package; }

size_t cortland_interp_function_count(const cortland_interp_package* package) noexcept {
  return package == nullptr ? 0 : package->package->program.functions.size();
}

cortland_status cortland_interp_function_at(const cortland_interp_package* package, size_t function,
                                            cortland_interp_function* description, cortland_error* error) noexcept {
  return guarded_errors(error, [&]() -> Outcome {
    if (package == nullptr) return missing("package");
    if (description == nullptr) return missing("description");
    if (auto bad = check_index("function", function, cortland_interp_function_count(package))) return *bad;
    const mil::Function& described = package->package->program.functions[function];
    *description = {.name = string_of(described.name),
                    .input_count = features_of(described, CORTLAND_INTERP_INPUT).size(),
                    .output_count = described.outputs.size(),
                    .state_count = features_of(described, CORTLAND_INTERP_STATE).size()};
    return {};
  });
}

size_t cortland_interp_default_function(const cortland_interp_package* package) noexcept {
  if (package == nullptr) return 0;
  const Package& read = *package->package;
  const auto it = std::find_if(read.program.functions.begin(), read.program.functions.end(),
                               [&](const mil::Function& function) { return function.name == read.default_function; });
  return it == read.program.functions.end() ? 0 : static_cast<size_t>(it - read.program.functions.begin());
}

cortland_status cortland_interp_feature(const cortland_interp_package* package, size_t function,
                                        cortland_interp_role role, size_t index, cortland_feature* feature,
                                        cortland_interp_range* range, cortland_error* error) noexcept {
  return guarded_errors(error, [&]() -> Outcome {
    if (package == nullptr) return missing("package");
    if (feature == nullptr) return missing("feature");
    if (auto bad = check_index("function", function, cortland_interp_function_count(package))) return *bad;
    if (auto bad = check_index("role", static_cast<size_t>(role), CORTLAND_INTERP_STATE + 1)) return *bad;
    const mil::Function& owner = package->package->program.functions[function];
    const std::vector<mil::ValueId> ids = features_of(owner, role);
    if (auto bad = check_index("index", index, ids.size())) return *bad;
    const mil::ValueInfo& value = owner.value(ids[index]);
    const auto number = number_of(value.type.dtype);
    require(number && !value.type.shape.empty() && value.type.shape.size() <= CORTLAND_MAX_RANK, ErrorCode::unsupported,
            "function {}: {}: got {}; want fp16, fp32 or int32 and 1 to {} sides", owner.name, printable(value.name),
            mil::to_string(value.type), CORTLAND_MAX_RANK);
    InputRange sides = range_of(*package->package, owner, value);
    std::replace(sides.initial.begin(), sides.initial.end(), kUnknown, int64_t{0});
    *feature = make_feature(value.name, *number, sides.initial);
    if (range != nullptr && role == CORTLAND_INTERP_INPUT) {
      std::copy(sides.lower.begin(), sides.lower.end(), range->lower);
      std::copy(sides.upper.begin(), sides.upper.end(), range->upper);
    }
    return {};
  });
}

size_t cortland_interp_metadata_count(const cortland_interp_package* package) noexcept {
  return package == nullptr ? 0 : package->package->metadata.size();
}

cortland_status cortland_interp_metadata(const cortland_interp_package* package, size_t index, cortland_string* key,
                                         cortland_string* value, cortland_error* error) noexcept {
  return guarded_errors(error, [&]() -> Outcome {
    if (package == nullptr) return missing("package");
    if (key == nullptr || value == nullptr) return missing("result");
    if (auto bad = check_index("index", index, cortland_interp_metadata_count(package))) return *bad;
    const auto entry = std::next(package->package->metadata.begin(), static_cast<ptrdiff_t>(index));
    *key = string_of(entry->first);
    *value = string_of(entry->second);
    return {};
  });
}
