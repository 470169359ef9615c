#include "quant/row_importance.h"

#include <algorithm>

namespace cortland {

std::vector<float> row_importance(std::span<const float> gains) {
  constexpr double kLeast = 1e-3;  // a table needs values even where all its rows have a gain of 0
  double mean = 0;
  for (const float gain : gains) {
    mean += static_cast<double>(gain) * static_cast<double>(gain) / static_cast<double>(gains.size());
  }
  std::vector<float> importance;
  if (!(mean > 0)) return importance;
  for (const float gain : gains) {
    importance.push_back(
        static_cast<float>(std::max(static_cast<double>(gain) * static_cast<double>(gain) / mean, kLeast)));
  }
  return importance;
}

}  // namespace cortland
