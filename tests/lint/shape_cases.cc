#include "lint/cases.h"
#include "mil/ops/constant.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

// relu of x in another shape, and back.
Body reshaped(std::vector<int32_t> shape) {
  return [=](Builder& b, Value x) {
    const Value y = b.add("relu", mil::Relu{.x = b.add("shaped", mil::Reshape{.x = x, .shape = shape})});
    return b.add("back", mil::Reshape{.x = y, .shape = {1, 64, 1, 64}});
  };
}

Change listed(size_t count) {
  return [=](Package& package) { package.choices = {{"main", "input", std::vector<Shape>(count, Shape{1, 8})}}; };
}

Value ranged(Builder& b, Value x) {
  return b.add("tile", mil::Reshape{.x = x, .shape = {-1, 64}});
}

Value column(Builder& b, int64_t length) {
  const Value x = b.input("input", {DType::f16, {1, 1, 1, length}});
  const Value y = b.add(
      "relu", mil::Relu{.x = b.add("column", mil::Reshape{.x = x, .shape = {1, static_cast<int32_t>(length), 1, 1}})});
  return b.add("row", mil::Reshape{.x = y, .shape = {1, 1, 1, static_cast<int32_t>(length)}});
}

Value joined(Builder& b, int64_t each) {
  const Value a = b.add("first", mil::Relu{.x = b.input("a", {DType::f16, {1, each}})});
  const Value c = b.add("second", mil::Relu{.x = b.input("c", {DType::f16, {1, each}})});
  return b.add("join", mil::Concat{.values = {a, c}, .axis = 1});
}

Body channels_of(int64_t channels) {
  return [=](Builder& b, Value x) {
    return b.add("conv", mil::Conv{.x = x, .weight = b.constant("weight", sized_weights({channels, 64, 1, 1}))});
  };
}

}  // namespace

std::vector<Case> shape_cases() {
  return {
      {"L01",
       "six axes",
       {reshaped({1, 1, 4, 16, 8, 8})},
       {reshaped({1, 4, 16, 8, 8})},
       "main: shaped (reshape) | fp16[1, 1, 4, 16, 8, 8] has 6 axes"},
      {"L02",
       "unknown",
       {of_input({1, kUnknown})},
       {of_input({1, 8})},
       "main: input | fp16[1, ?] has an unknown dimension"},
      {"L02",
       "range",
       {of_input({1, kUnknown}),
        [](Package& package) { package.ranges = {{"main", "input", {1, 1}, {1, 512}, {1, 64}}}; }},
       {of_input({1, kUnknown}), listed(128)},
       "takes shapes from [1, 1] to [1, 512]; only [1, 64] can run"},
      {"L02",
       "many listed",
       {of_input({1, kUnknown}), listed(129)},
       {of_input({1, kUnknown}), listed(1)},
       "129 shapes are listed"},
      {"L02",
       "of values",
       {ranged, [](Package& package) { package.program.functions[0].values.back().type.shape = {kUnknown, 64}; }},
       {ranged},
       "main: tile (reshape) | its shape depends on values"},
      {"L06",
       "column",
       {[](Builder& b, Value) { return column(b, 32769); }},
       {[](Builder& b, Value) { return column(b, 32768); }},
       "main: column (reshape) | fp16[1, 32769, 1, 1] has a last axis of 1, and its 64 kB take 2048 kB",
       Severity::warning},
      {"L07",
       "no chip",
       {of_input({1, 65537})},
       {of_input({1, 16384})},
       "main: input | fp16[1, 65537] has an axis of 65537; chips take up to 65536"},
      {"L07",
       "old chips",
       {of_input({1, 16385})},
       {of_input({1, 16385})},
       "chips up to the A15 and the M2 take up to 16384",
       Severity::warning,
       "",
       "a16"},
      {"L07",
       "one old chip",
       {of_input({1, 16385})},
       {of_input({1, 65536})},
       "m1 take up to 16384",
       Severity::warning,
       "m1",
       "m4"},
      {"L07",
       "at the end",
       {[](Builder& b, Value) { return joined(b, 40000); }},
       {[](Builder& b, Value) { return joined(b, 8192); }},
       "main: join (concat) | fp16[1, 80000] is joined at the end",
       Severity::note,
       "m4"},
      {"L07",
       "not at the end",
       {[](Builder& b, Value) { return b.add("after", mil::Exp{.x = joined(b, 40000)}); }},
       {[](Builder& b, Value) { return b.add("after", mil::Exp{.x = joined(b, 8192)}); }},
       "main: join (concat)",
       Severity::error,
       "m4"},
      {"L08", "lanes", {channels_of(48)}, {channels_of(96)}, "48 output and 64 input channels", Severity::note},
  };
}

}  // namespace cortland::lint
