#include "lint/cases.h"
#include "mil/ops/attention.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/index.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Body fused(int64_t batch) {
  return [=](Builder& b, Value) {
    const Value q = b.input("q", {DType::f16, {batch, 2, 8, 64}}), k = b.input("k", {DType::f16, {batch, 2, 32, 64}});
    return b.add("fused", mil::ScaledDotProductAttention{
                              .query = q, .key = k, .value = b.input("v", {DType::f16, {batch, 2, 32, 64}})});
  };
}

// Attention over scores of a shape, by a product with values [1, H, keys, 64].
Body attended(Shape scores, int32_t axis = -1) {
  return [=](Builder& b, Value) {
    const Value weights = b.add("weights", mil::Softmax{.x = b.input("scores", {DType::f16, scores}), .axis = axis});
    const Value values = b.input("values", {DType::f16, {1, scores[1], scores[3], 64}});
    return b.add("attended", mil::Matmul{.x = weights, .y = values});
  };
}

// One layer and a number of transposes.
Body transposed(int count, std::vector<int32_t> perm) {
  return [=](Builder& b, Value x) {
    Value y = attended({1, 64, 64, 64})(b, x);
    for (int i = 0; i < count; ++i) y = b.add("turned", mil::Transpose{.x = y, .perm = perm});
    return y;
  };
}

Body repeated(std::vector<int32_t> heads) {
  return [=](Builder& b, Value x) {
    const Value indices = b.constant("heads", mil::Literal::of(heads));
    return b.add("repeat", mil::Gather{.x = pass(b, x), .indices = indices, .axis = 1, .validate_indices = false});
  };
}

// A cache of 64 slots that is written at `position`, and a table that is read there.
Body positioned(int64_t rows) {
  return [=](Builder& b, Value x) {
    const auto ints = [&](const char* name, std::vector<int32_t> values) {
      return b.constant(name, mil::Literal::of(std::move(values)));
    };
    const Value position = b.input("position", {DType::i32, {1}}),
                state = b.input("kv", {DType::f16, {2, 64, 64, 64}, true});
    const Value row = b.add("row", mil::Gather{.x = b.constant("table", sized_weights({rows, 64})),
                                               .indices = position,
                                               .validate_indices = false});
    const Value begin = b.add("begin", mil::Concat{.values = {ints("zeros", {0, 0}), position, ints("zero", {0})}});
    const Value end = b.add("end", mil::Add{.x = begin, .y = ints("sides", {1, 64, 1, 64})});
    const Value before = b.add("before", mil::ReadState{.input = state});
    const Value sum = b.add("sum", mil::Add{.x = x, .y = row});
    const Value after = b.add("update", mil::SliceUpdate{.x = before, .update = sum, .begin = begin, .end = end});
    b.add_effect("write", mil::WriteState{.input = state, .data = after});
    return b.add("again", mil::ReadState{.input = state});
  };
}

Body rotated(DType dtype) {
  return [=](Builder& b, Value x) {
    b.input("cos", {dtype, {1, 1, 1, 64}});
    return pass(b, x);
  };
}
void add_contract(Package& package) { package.metadata["cortland.contract"] = contract_text(-1e4); }

}  // namespace

std::vector<Case> attention_cases() {
  const auto other_heads = [](Package& package) { package.program.functions[0].values[2].type.shape = {1, 4, 32, 64}; };
  return {
      {"L25", "fused", {fused(1)}, {attended({1, 2, 8, 64})}, "main: fused (scaled_dot_product_attention) | is fused"},
      {"L26", "batch", {fused(10)}, {fused(9)}, "a batch of 10; want less than 10", Severity::error, "", "", Unit::gpu},
      {"L26",
       "heads",
       {fused(1), other_heads},
       {fused(1)},
       "heads of query [1, 2, 8, 64], key [1, 4, 32, 64]",
       Severity::error,
       "",
       "",
       Unit::gpu},
      {"L27",
       "repeat",
       {repeated({0, 0, 1, 1})},
       {repeated({1, 0, 3, 2})},
       "main: repeat (gather) | repeats parts of pass by index",
       Severity::warning},
      {"L28",
       "axis",
       {attended({1, 2, 32, 64}, 2)},
       {attended({1, 2, 32, 64})},
       "axis 2 of [1, 2, 32, 64] is not the one",
       Severity::warning},
      {"L28",
       "length",
       {attended({1, 2, 8, 48})},
       {attended({1, 2, 8, 96})},
       "48 keys; want a multiple of 32",
       Severity::warning},
      {"L29",
       "nine",
       {transposed(9, {0, 1, 3, 2})},
       {transposed(8, {0, 1, 3, 2})},
       "main | 9 transposes of the last axis in 1 layers",
       Severity::warning},
      {"L29",
       "others",
       {transposed(9, {0, 1, 3, -2})},
       {transposed(9, {0, 2, 1, 3})},
       "9 transposes",
       Severity::warning},
      {"L45",
       "table",
       {positioned(63)},
       {positioned(64)},
       "main: row (gather) | a table of 63 rows for a cache of 64 slots"},
      {"L45",
       "type",
       {rotated(DType::f32), add_contract},
       {rotated(DType::f16), add_contract},
       "main: cos | got fp32[1, 1, 1, 64], want fp16"},
      {"L56",
       "scores",
       {attended({1, 8, 2080, 1024})},
       {attended({1, 8, 2048, 1024})},
       "of 32 MiB; want at most 32",
       Severity::warning},
  };
}

}  // namespace cortland::lint
