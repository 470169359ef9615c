#include "lint/cases.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Value cast_ids(Builder& b, Value) {
  return b.add("cast", mil::Cast{.x = b.input("ids", {DType::i32, {1, 64}}), .dtype = "fp16"});
}

// Scores [1, 64, 1, 64] with a mask.
Body masked(mil::Type type) {
  return [=](Builder& b, Value x) {
    const Value mask = b.input("mask", type);
    const Value half = type.dtype == DType::f16 ? mask : b.add("half", mil::Cast{.x = mask, .dtype = "fp16"});
    const Value sum = b.add("sum", mil::Add{.x = x, .y = b.add("copy", mil::Identity{.x = half})});
    return b.add("softmax", mil::Softmax{.x = sum});
  };
}

// A state, and the input of another shape beside x, which is fixed.
Body stateful(Shape shape) {
  return [=](Builder& b, Value x) {
    const Value state = b.input("kv", {DType::f16, {1, 64}, true});
    b.add("used", mil::Relu{.x = b.add("read", mil::ReadState{.input = state})});
    return of_input(shape)(b, x);
  };
}

// What is known of shapes: `input` has a range, and x has one or lists its own.
Change shapes_of(bool is_listed) {
  return [=](Package& package) {
    package.ranges = {{"main", "input", {1, 1}, {1, 512}, {1, 64}}};
    const Shape shape{1, 64, 1, 64};
    if (is_listed) {
      package.choices = {{"main", "x", {shape}}};
    } else {
      package.ranges.push_back({"main", "x", shape, {1, 64, 2, 64}, shape});
    }
  };
}

}  // namespace

std::vector<Case> interface_cases() {
  return {
      {"L04",
       "ids as numbers",
       {cast_ids},
       {pass},
       "main: ids | got int32[1, 64], want fp16, or int32 for ids",
       Severity::warning},
      {"L04", "fp32 output", {wide_output}, {pass}, "| got fp32[1, 64, 1, 64], want fp16", Severity::warning},
      {"L05",
       "last axis of 1",
       {of_input({1, 64, 1, 1})},
       {of_input({1, 64, 1, 32})},
       "main: input | fp16[1, 64, 1, 1]: rows of 1",
       Severity::warning},
      {"L05",
       "short rows",
       {of_input({1, 64, 1, 31})},
       {of_input({1, 1, 1, 1})},
       "rows of 31 are padded to 32",
       Severity::warning},
      {"L41",
       "vocabulary first",
       {of_input({1, 2048, 1, 64})},
       {of_input({1, 64, 1, 2048})},
       "its widest axis is not the last",
       Severity::warning},
      {"L44",
       "form",
       {masked({DType::f16, {64}})},
       {masked({DType::f16, {1, 1, 1, 64}})},
       "main: mask | got fp16[64] for scores [1, 64, 1, 64], want fp16 [1, 1, T, 64]",
       Severity::error},
      {"L44",
       "type",
       {masked({DType::f32, {1, 1, 64, 64}})},
       {masked({DType::f16, {1, 1, 64, 64}})},
       "got fp32[1, 1, 64, 64]"},
      {"L59",
       "fixed with a state",
       {stateful({1, kUnknown})},
       {of_input({1, kUnknown})},
       "main: x | fp16[1, 64, 1, 64] is fixed, input has a range, and the function has a state"},
      {"L59",
       "fixed beside fixed",
       {stateful({1, kUnknown})},
       {stateful({1, 64})},
       "main: x |"},
      {"L59",
       "listed",
       {of_input({1, kUnknown}), shapes_of(true)},
       {stateful({1, kUnknown}), shapes_of(false)},
       "main: x | lists its shapes, and input has a range",
       Severity::error,
       "",
       "",
       Unit::gpu},
      {"L44", "length", {masked({DType::f16, {1, 64, 64, 1}})}, {masked({DType::f16, {1, 1, 64, 64}})}, "main: mask"},
  };
}

}  // namespace cortland::lint
