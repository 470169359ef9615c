#include "lint/cases.h"
#include "mil/ops/constexpr.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/linear.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Body multiplied(bool constant) {
  return [=](Builder& b, Value x) {
    const Value y = constant ? b.constant("weight", sized_weights({64, 64})) : b.input("other", {DType::f16, {64, 64}});
    return b.add("product", mil::Matmul{.x = x, .y = y});
  };
}

Value rooted(Builder& b, Value x) { return b.add("root", mil::Rsqrt{.x = x, .epsilon = {1e-5f, DType::f16}}); }

void remove_epsilon(Package& package) { find_operation(package, "root").inputs.pop_back(); }

Value unused(Builder& b, Value x) {
  b.add("lost", mil::Tanh{.x = x});
  return pass(b, x);
}

Value doubled(Builder& b, Value x) { return b.add("second", mil::Tanh{.x = b.add("first", mil::Exp{.x = x})}); }

Value palette_weight(Builder& b) {
  const auto indices = b.constant("indices", sized_weights({64, 64, 1, 1}, DType::u4));
  const auto lut = b.constant("lut", sized_weights({1, 1, 1, 1, 16, 1}));
  return b.add("palette", mil::ConstexprLutToDense{.indices = mil::Binding(indices.id), .lut = mil::Binding(lut.id)});
}

Change grouped(int32_t groups) { return set_literal("conv", "groups", mil::Literal::of(groups)); }

// Control flow, of which nothing is known but that it is there.
void make_loop(Package& package) {
  retype("lost", "while_loop")(package);
  find_operation(package, "lost").has_blocks = true;
}

}  // namespace

std::vector<Case> operation_cases() {
  return {
      {"L09",
       "constant",
       {multiplied(true)},
       {multiplied(false)},
       "main: product (matmul) | multiplies with the constant weight fp16[64, 64]",
       Severity::warning},
      {"L10", "topk", {pass, retype("pass", "topk")}, {pass}, "main: pass (topk) | runs on the CPU"},
      {"L10", "scatter", {pass, retype("pass", "scatter_nd")}, {pass}, "main: pass (scatter_nd) | runs on the CPU"},
      {"L10",
       "loop",
       {unused, make_loop},
       {unused},
       "main: lost (while_loop) | runs on the CPU; what is inside is not judged"},
      {"L14",
       "power",
       {pass, retype("pass", "pow")},
       {pass, retype("pass", "square")},
       "main: pass (pow) | is a power",
       Severity::warning},
      {"L15", "rsqrt", {rooted, remove_epsilon}, {rooted}, "main: root (rsqrt) | has no epsilon"},
      {"L15",
       "log",
       {pass, retype("pass", "log")},
       {rooted, retype("root", "log")},
       "main: pass (log) | has no epsilon"},
      {"L31",
       "quantize",
       {pass, retype("pass", "quantize")},
       {pass},
       "main: pass (quantize) | works on values of the run"},
      {"L49", "unused", {unused}, {unused, make_loop}, "main: lost (tanh) | nothing uses its result"},
      {"L49",
       "names",
       {doubled, [](Package& package) { package.program.functions[0].values[1].name = "x"; }},
       {doubled},
       "another value has this name"},
      {"L52",
       "depthwise",
       {convolved, grouped(257)},
       {convolved, grouped(256)},
       "257 groups; want at most 256",
       Severity::warning},
      {"L55", "sine", {pass, retype("pass", "sin")}, {pass}, "main: pass (sin)", Severity::note},
      {"L58",
       "sum",
       {[](Builder& b, Value x) { return b.add("sum", mil::Add{.x = x, .y = palette_weight(b)}); }},
       {[](Builder& b, Value x) { return b.add("conv", mil::Conv{.x = x, .weight = palette_weight(b)}); }},
       "main: palette (constexpr_lut_to_dense) | main: sum (add) uses it",
       Severity::warning},
  };
}

}  // namespace cortland::lint
