#include "lint/cases.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/norm.h"
#include "mil/ops/state.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Body holding(Shape state) {
  return [=](Builder& b, Value) {
    return pass(b, b.add("read", mil::ReadState{.input = b.input("kv", {DType::f16, state, true})}));
  };
}

// Linear layers of 8192 columns and so many rows.
Body linear(std::vector<int64_t> rows) {
  return [=](Builder& b, Value) {
    const Value x = b.input("rows", {DType::f16, {1, 8192}});
    Value y = x;
    for (const int64_t n : rows) {
      const Value weight = b.constant("weight", sized_weights({n, 8192}));
      y = b.add("linear", mil::Linear{.x = x, .weight = weight, .bias = b.constant("bias", sized_weights({n}))});
    }
    return y;
  };
}

Body layers(int count) {
  return [=](Builder& b, Value x) {
    for (int i = 0; i < count; ++i) {
      const Value weights = b.add("weights", mil::Softmax{.x = x});
      x = b.add("layer",
                mil::Matmul{.x = weights, .y = b.input("v" + std::to_string(i), {DType::f16, {1, 64, 64, 64}})});
    }
    return x;
  };
}

}  // namespace

std::vector<Case> size_cases() {
  // A row is 16 kB.
  return {
      {"L24",
       "state",
       {holding({3, 128, 8192, 64})},
       {holding({2, 128, 8192, 64})},
       "states of 403 MB; want at most 268 MB",
       Severity::warning},
      {"L36",
       "one operation",
       {linear({31251})},
       {linear({31249})},
       "main: linear (linear) | a weight of 512 MB",
       Severity::warning},
      {"L37",
       "Macs",
       {linear({30000, 30001, 30002, 30003})},
       {linear({30000, 27900})},
       "weights of 1966 MB; a Mac is known to load 1900 MB"},
      {"L37",
       "phones",
       {linear({30000, 30001})},
       {linear({30000, 30001})},
       "weights of 983 MB; an iPhone is known to load 950 MB",
       Severity::warning,
       "",
       "m1"},
      {"L37",
       "one phone",
       {linear({30000, 30001})},
       {linear({30000, 27900})},
       "a17 is known to load 950 MB",
       Severity::error,
       "a17",
       "a17"},
      {"L38",
       "compilers",
       {layers(29)},
       {layers(17)},
       "29 layers; compilers are known to give up beyond 28",
       Severity::warning},
      {"L38", "phones", {layers(18)}, {layers(17)}, "18 layers; up to 17 are sure", Severity::note},
      {"L39",
       "whole",
       {linear({2048})},
       {linear({2000})},
       "the weight [2048, 8192] is 2 MiB for each of 16 cores",
       Severity::warning},
      {"L39", "nearly", {linear({2064})}, {linear({2065})}, "the weight [2064, 8192]", Severity::warning},
      {"L39", "chip", {linear({1024})}, {linear({1024})}, "is 1 MiB", Severity::warning, "m3", "m4"},
  };
}

}  // namespace cortland::lint
