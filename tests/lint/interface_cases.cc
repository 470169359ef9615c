#include "lint/cases.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/shape.h"

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
      {"L44", "length", {masked({DType::f16, {1, 64, 64, 1}})}, {masked({DType::f16, {1, 1, 64, 64}})}, "main: mask"},
  };
}

}  // namespace cortland::lint
