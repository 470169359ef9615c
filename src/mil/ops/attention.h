// Fused attention.
#pragma once

#include <cmath>

#include "base/parallel.h"
#include "mil/op.h"
#include "tensor/broadcast.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"

namespace cortland::mil {

// softmax(query key^T / sqrt(E) + attn_mask) value, with query [..., L, E], key [..., S, E], value [..., S, EV].
// C1: one float type. C2: equal leading dimensions (no grouped heads). C3: the mask broadcasts to [..., L, S]; it is
// added (float; bool masks are not known here).
struct ScaledDotProductAttention {
  static constexpr std::string_view kName = "scaled_dot_product_attention";
  static constexpr Opset kSince = Opset::coreml8;
  Value query;
  Value key;
  Value value;
  std::optional<Value> attn_mask = {};
  static constexpr auto fields() {
    return std::tuple{field("query", &ScaledDotProductAttention::query), field("key", &ScaledDotProductAttention::key),
                      field("value", &ScaledDotProductAttention::value),
                      optional_field("attn_mask", &ScaledDotProductAttention::attn_mask)};
  }
  std::vector<Type> infer(const Inference& in) const;
  void eval(Evaluation& e) const;
};

}  // namespace cortland::mil
