#include "pipeline/weight_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "interp/constants.h"
#include "mil/ops/constant.h"
#include "mil/ops/constexpr.h"
#include "tensor/convert.h"
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

namespace {

// Floats of a payload, read when they are asked for.
class PayloadElements : public Elements {
 public:
  explicit PayloadElements(mil::PayloadPtr payload) : payload_(std::move(payload)) {}
  void read(int64_t first, std::span<float> out) const override {
    const auto size = static_cast<size_t>(bits_of(payload_->dtype()) / 8);
    std::vector<std::byte> bytes(out.size() * size);
    payload_->produce(static_cast<uint64_t>(first) * size, bytes);
    to_floats(payload_->dtype(), bytes.data(), out);
  }

 private:
  mil::PayloadPtr payload_;
};

// The same payload, of which no byte stays in a map.
class UnmappedPayload : public mil::Payload {
 public:
  explicit UnmappedPayload(mil::PayloadPtr payload) : payload_(std::move(payload)) {}
  const std::string& key() const override { return payload_->key(); }
  DType dtype() const override { return payload_->dtype(); }
  const Shape& shape() const override { return payload_->shape(); }
  void produce(uint64_t offset, std::span<std::byte> out) const override { payload_->produce(offset, out); }

 private:
  mil::PayloadPtr payload_;
};

bool has_equal_bytes(const mil::Payload& first, const mil::Payload& second) {
  constexpr uint64_t kPiece = 256 << 10;
  std::vector<std::byte> a, b;
  for (uint64_t at = 0; at < first.size_bytes(); at += kPiece) {
    const uint64_t count = std::min(kPiece, first.size_bytes() - at);
    a.resize(count);
    b.resize(count);
    first.produce(at, a);
    second.produce(at, b);
    if (a != b) return false;
  }
  return true;
}

// Evaluates what makes a value, operands first. Those have smaller numbers: programs are in SSA form.
void evaluate_chain(const mil::Function& function, mil::ValueId id, Constants& constants) {
  std::set<int32_t> needed{function.value(id).producer};
  for (auto it = needed.rbegin(); it != needed.rend(); ++it) {
    const mil::Operation& operation = function.operations[static_cast<size_t>(*it)];
    for (const auto* list : {&operation.inputs, &operation.attributes}) {
      for (const mil::Argument& argument : *list) {
        for (const mil::Binding& binding : argument.bindings) {
          const auto* operand = std::get_if<mil::ValueId>(&binding);
          if (operand != nullptr && function.value(*operand).producer >= 0) {
            needed.insert(function.value(*operand).producer);
          }
        }
      }
    }
  }
  for (const int32_t index : needed) {
    mil::Operation operation = function.operations[static_cast<size_t>(index)];
    for (auto* list : {&operation.inputs, &operation.attributes}) {
      for (mil::Argument& argument : *list) {
        for (mil::Binding& binding : argument.bindings) {
          if (auto* payload = std::get_if<mil::PayloadPtr>(&binding)) {
            *payload = std::make_shared<UnmappedPayload>(*payload);
          }
        }
      }
    }
    constants.evaluate(operation);
  }
}

}  // namespace

WeightValues weight_values(const mil::Function& function, mil::ValueId id) {
  const mil::Operation& operation = function.operations[static_cast<size_t>(function.value(id).producer)];
  if (operation.type == mil::Const::kName && operation.attributes.size() == 1 &&
      operation.attributes.front().bindings.size() == 1) {
    const auto* payload = std::get_if<mil::PayloadPtr>(&operation.attributes.front().bindings.front());
    if (payload != nullptr && is_convertible((*payload)->dtype())) {
      return {(*payload)->dtype(), (*payload)->shape(), std::make_shared<PayloadElements>(*payload), *payload};
    }
  }
  Constants constants(function);
  evaluate_chain(function, id, constants);
  const Tensor& tensor = constants.at(id);
  return {tensor.dtype(), tensor.shape(), tensor.elements(), nullptr};
}

WeightDifference compare_weights(const WeightValues& first, const WeightValues& second, bool is_form_equal) {
  if (without_ones(first.shape) != without_ones(second.shape)) return {WeightRelation::reshaped, 0, 0};
  const bool is_alike = is_form_equal && first.dtype == second.dtype && first.shape == second.shape;
  const WeightDifference equal{is_alike ? WeightRelation::equal : WeightRelation::recoded,
                               std::numeric_limits<double>::infinity(), 0};
  if (is_alike && first.payload != nullptr && second.payload != nullptr &&
      has_equal_bytes(*first.payload, *second.payload)) {
    return equal;
  }
  constexpr int64_t kPiece = 64 << 10;  // numbers read at a time
  const int64_t size = element_count(first.shape);
  std::vector<float> x, y;
  DifferenceSum sum;
  PowerOfTwo power;
  bool is_same = true;  // to the last bit
  for (int64_t at = 0; at < size; at += kPiece) {
    const auto count = static_cast<size_t>(std::min(kPiece, size - at));
    x.resize(count);
    y.resize(count);
    first.elements->read(at, x);
    second.elements->read(at, y);
    is_same = is_same && std::memcmp(x.data(), y.data(), count * sizeof(float)) == 0;
    sum.add(x, y);
    power.see(x, y);
  }
  if (is_same) return equal;
  WeightDifference out{.snr_db = sum.snr_db(), .max_abs = sum.result().max_abs};
  if (power.exponent() != 0) {
    out.relation = WeightRelation::scaled;
    out.exponent = power.exponent();
  } else {
    out.relation = !is_form_equal && out.snr_db >= kLeastSnr ? WeightRelation::quantized : WeightRelation::changed;
  }
  return out;
}

}  // namespace cortland
