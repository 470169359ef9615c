#include "lint/cases.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

// Products of so many rows, joined to one output [1, 1, V].
Body head(std::vector<int64_t> shards) {
  return [=](Builder& b, Value) {
    const Value x = b.input("hidden", {DType::f16, {1, 64, 1, 1}});
    std::vector<Value> parts;
    for (const int64_t rows : shards) {
      const Value part =
          b.add("head", mil::Conv{.x = x, .weight = b.constant("weight", sized_weights({rows, 64, 1, 1}))});
      parts.push_back(b.add("rows", mil::Reshape{.x = part, .shape = {1, 1, static_cast<int32_t>(rows)}}));
    }
    return parts.size() == 1 ? parts.front() : b.add("logits", mil::Concat{.values = parts, .axis = 2});
  };
}

// A function for one token that gives `y` [1, 1, 2048], beside the one of the case.
void add_decode(Package& package) {
  Builder b("decode", mil::Opset::coreml8);
  b.output(b.add("relu", mil::Relu{.x = b.input("x", {DType::f16, {1, 1, 2048}})}), "y");
  package.program.functions.push_back(b.finish());
}

Body wide(int64_t width) {
  return
      [=](Builder& b, Value) { return b.add("relu", mil::Relu{.x = b.input("wide", {DType::f16, {1, 64, width}})}); };
}

}  // namespace

std::vector<Case> head_cases() {
  return {
      {"L40",
       "lanes",
       {head({100, 100})},
       {head({128, 100})},
       "parts of 100, 100 rows; want equal multiples of 64",
       Severity::warning},
      {"L40", "unequal", {head({64, 128, 64})}, {head({128, 128, 64})}, "parts of 64, 128, 64 rows", Severity::warning},
      {"L40", "longest last", {head({64, 128})}, {head({100})}, "parts of 64, 128 rows", Severity::warning},
      {"L42",
       "prefill",
       {wide(2048), add_decode},
       {wide(1024), add_decode},
       "main: relu (relu) | fp16[1, 64, 2048] for 64 tokens, though decode gives it for one",
       Severity::warning},
  };
}

}  // namespace cortland::lint
