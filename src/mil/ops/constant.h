// const: a literal or a blob that other operations use by name.
#pragma once

#include "mil/op.h"

namespace cortland::mil {

// Operations on compressed weights begin so. Their results are constants too, and may have more axes: one per block and
// one per table entry.
inline constexpr std::string_view kConstexprPrefix = "constexpr_";

struct Const {
  static constexpr std::string_view kName = "const";
  static constexpr std::string_view kValue = "val";
  static constexpr Opset kSince = Opset::coreml5;
  Binding val;
  static constexpr auto fields() { return std::tuple{attribute_field(kValue, &Const::val)}; }

  std::vector<Type> infer(const Inference& in) const {
    if (const auto* literal = std::get_if<Literal>(&val)) return {{literal->dtype, literal->shape}};
    const auto* payload = std::get_if<PayloadPtr>(&val);
    in.check(payload != nullptr, "val must be a literal or a blob");
    return {{(*payload)->dtype(), (*payload)->shape()}};
  }
  void eval(Evaluation& e) const {
    if (const auto* literal = std::get_if<Literal>(&val)) return e.set(literal->tensor());
    const PayloadPtr payload = std::get<PayloadPtr>(val);
    if (!cortland::is_float(payload->dtype())) {
      return e.set(Literal{payload->dtype(), payload->shape(), produce_all(*payload), {}}.tensor());
    }
    if (!payload->view().empty()) {
      return e.set(Tensor::of_stored(payload->dtype(), payload->shape(), payload->view(), payload));
    }
    const auto bytes = std::make_shared<const std::vector<std::byte>>(produce_all(*payload));
    e.set(Tensor::of_stored(payload->dtype(), payload->shape(), *bytes, bytes));
  }
};

}  // namespace cortland::mil
