#include "pipeline/warm_up.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/json.h"
#include "pipeline/digits.h"

namespace cortland {

std::vector<int32_t> likeliest_ids(std::span<const float> logits, int64_t count) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + std::min(count, static_cast<int64_t>(logits.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](int32_t a, int32_t b) {
    return std::pair(-logits[static_cast<size_t>(a)], a) < std::pair(-logits[static_cast<size_t>(b)], b);
  });
  return {order.begin(), end};
}

std::string warm_up_text(int32_t id, std::span<const float> logits) {
  constexpr int64_t kTold = 5;
  constexpr int kDigits = 2;
  constexpr double kTolerance = 0.1;  // the noise of fp16 is a hundredth, that of two digits at most a twentieth
  double scale = 0;
  for (const float logit : logits) {
    if (!std::isfinite(logit)) return "";
    scale = std::max(scale, std::abs(static_cast<double>(logit)));
  }
  if (scale == 0) return "";
  OrderedJson values = OrderedJson::array();
  const std::vector<int32_t> ids = likeliest_ids(logits, kTold);
  for (const int32_t told : ids) values.push_back(with_digits(logits[static_cast<size_t>(told)], kDigits));
  return json_text(OrderedJson{
      {"id", id}, {"ids", ids}, {"logits", values}, {"tolerance", with_digits(kTolerance * scale, kDigits)}});
}

}  // namespace cortland
