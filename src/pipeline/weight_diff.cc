#include "pipeline/weight_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "mil/ops/constant.h"
#include "mil/ops/constexpr.h"
#include "tensor/metrics.h"

namespace cortland {
namespace {

Shape without_ones(Shape shape) {
  shape.erase(std::remove(shape.begin(), shape.end(), 1), shape.end());
  return shape;
}

// Whether all numbers of a pair, seen piece by piece, are one power of two apart, but for what fp16 rounds below 2^-14.
class PowerOfTwo {
 public:
  void see(std::span<const float> first, std::span<const float> second) {
    if (!exponent_) {
      const auto is_smaller = [](float a, float b) { return std::abs(a) < std::abs(b); };
      const auto at = static_cast<size_t>(std::max_element(first.begin(), first.end(), is_smaller) - first.begin());
      if (first[at] != 0) exponent_ = second[at] == 0 ? 0 : std::ilogb(second[at]) - std::ilogb(first[at]);
    }
    const int exponent = exponent_.value_or(0);
    const float rounding = 0x1p-25f * std::ldexp(1.0f, std::max(exponent, 0));
    for (size_t i = 0; is_one_ && i < first.size(); ++i) {
      is_one_ = std::abs(std::ldexp(first[i], exponent) - second[i]) <= rounding;
    }
  }
  // 0: they are not, or equal.
  int exponent() const { return is_one_ ? exponent_.value_or(0) : 0; }

 private:
  bool is_one_ = true;
  std::optional<int> exponent_;
};

}  // namespace

std::string_view to_string(WeightRelation relation) {
  switch (relation) {
    case WeightRelation::equal: return "equal";
    case WeightRelation::recoded: return "recoded";
    case WeightRelation::scaled: return "scaled";
    case WeightRelation::quantized: return "quantized";
    case WeightRelation::changed: return "changed";
    case WeightRelation::reshaped: return "reshaped";
    case WeightRelation::only_first: return "only_first";
    case WeightRelation::only_second: return "only_second";
  }
  return "";
}

std::string stored_form(const mil::Function& function, mil::ValueId id) {
  const mil::ValueInfo& value = function.value(id);
  const mil::Operation& operation = function.operations[static_cast<size_t>(value.producer)];
  if (operation.type == mil::Const::kName) return std::string(name_of(value.type.dtype));
  const std::string_view kind = std::string_view(operation.type).substr(mil::kConstexprPrefix.size());
  return fmt::format("{} bits ({})", mil::code_bits(function, operation), kind);
}

WeightDifference compare_weights(const Tensor& first, const Tensor& second, bool is_form_equal) {
  if (without_ones(first.shape()) != without_ones(second.shape())) return {WeightRelation::reshaped, 0, 0};
  const bool is_alike = is_form_equal && first.dtype() == second.dtype() && first.shape() == second.shape();
  if (is_alike && first.is_stored() && second.is_stored() && std::ranges::equal(first.stored(), second.stored())) {
    return {WeightRelation::equal, std::numeric_limits<double>::infinity(), 0};
  }
  constexpr int64_t kPiece = 64 << 10;  // numbers read at a time
  const ElementsPtr a = first.elements(), b = second.elements();
  std::vector<float> x, y;
  DifferenceSum sum;
  PowerOfTwo power;
  for (int64_t at = 0; at < first.size(); at += kPiece) {
    const auto count = static_cast<size_t>(std::min(kPiece, first.size() - at));
    x.resize(count);
    y.resize(count);
    a->read(at, x);
    b->read(at, y);
    sum.add(x, y);
    power.see(x, y);
  }
  WeightDifference out{.snr_db = sum.snr_db(), .max_abs = sum.result().max_abs};
  if (out.max_abs == 0) {
    out.relation = is_alike ? WeightRelation::equal : WeightRelation::recoded;
  } else if (power.exponent() != 0) {
    out.relation = WeightRelation::scaled;
    out.exponent = power.exponent();
  } else {
    out.relation = !is_form_equal && out.snr_db >= kLeastSnr ? WeightRelation::quantized : WeightRelation::changed;
  }
  return out;
}

}  // namespace cortland
