#include <limits>

#include "lint/cases.h"
#include "mil/ops/convert.h"
#include "mil/ops/elementwise.h"
#include "mil/ops/reduce.h"
#include "mil/ops/shape.h"

namespace cortland::lint {
namespace {

using mil::Builder;
using mil::Value;

Value widened(Builder& b, Value x) {
  const Value wide = b.add("wide", mil::Exp{.x = b.add("cast", mil::Cast{.x = x, .dtype = "fp32"})});
  return b.add("narrow", mil::Cast{.x = wide, .dtype = "fp16"});
}

Value normed(Builder& b, Value x, Value y) {
  const Value squares = b.add("squares", mil::Mul{.x = y, .y = y});
  const Value mean = b.add("mean", mil::ReduceMean{.x = squares, .axes = {1}, .keep_dims = true});
  return b.add("out", mil::Mul{.x = x, .y = b.add("factor", mil::Rsqrt{.x = mean, .epsilon = {1e-5f, DType::f16}})});
}

Value bare_norm(Builder& b, Value x) { return normed(b, x, x); }

Value scaled_norm(Builder& b, Value x) {
  const Value largest = b.add("largest", mil::ReduceMean{.x = x, .axes = {1}, .keep_dims = true});
  return normed(b, x, b.add("scaled", mil::RealDiv{.x = x, .y = largest}));
}

Body plus(float value) {
  return [=](Builder& b, Value x) {
    return b.add("sum", mil::Add{.x = x, .y = b.constant("number", mil::Literal::of(mil::Scalar{value, DType::f16}))});
  };
}

// A blob of fp16 numbers, all of these bits.
Body plus_blob(uint8_t high) {
  return [=](Builder& b, Value x) {
    std::vector<std::byte> bytes(128);
    for (size_t i = 1; i < bytes.size(); i += 2) bytes[i] = std::byte{high};
    return b.add(
        "sum", mil::Add{.x = x, .y = b.constant("number", mil::make_bytes_payload(DType::f16, {1, 1, 1, 64}, bytes))});
  };
}

Change with_contract(double mask) {
  return [=](Package& package) { package.metadata["cortland.contract"] = contract_text(mask); };
}

// sin of position times frequency.
Body angles(std::string dtype) {
  return [=](Builder& b, Value) {
    const mil::Scalar frequency{0.5f, dtype == "fp16" ? DType::f16 : DType::f32};
    const Value position =
        b.add("position_cast", mil::Cast{.x = b.input("position", {DType::i32, {1, 64}}), .dtype = dtype});
    const Value angle =
        b.add("angle", mil::Mul{.x = position, .y = b.constant("frequency", mil::Literal::of(frequency))});
    return b.add("sine", mil::Tanh{.x = angle});
  };
}

}  // namespace

std::vector<Case> number_cases() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return {
      {"L03", "inside", {widened}, {wide_output}, "main: cast (cast) | computes fp32[1, 64, 1, 64]"},
      {"L16",
       "bare",
       {bare_norm},
       {scaled_norm, retype("largest", "reduce_max")},
       "main: mean (reduce_mean) | the mean of the squares of x",
       Severity::warning},
      {"L17",
       "infinity",
       {plus(-kInfinity)},
       {plus(-1e4f)},
       "main: number (const) | element 0 is -inf",
       Severity::warning},
      {"L17", "lowest", {plus(-65504)}, {plus(-4e4f)}, "element 0 is -65504", Severity::warning},
      {"L17",
       "of hosts",
       {pass, with_contract(-60000)},
       {pass, with_contract(-1e4)},
       "asks hosts for masks of -60000",
       Severity::warning},
      {"L18",
       "NaN",
       {plus(std::numeric_limits<float>::quiet_NaN())},
       {plus(1)},
       "main: number (const) | element 0 is nan"},
      {"L18", "blob", {plus_blob(0x7c)}, {plus_blob(0x7b)}, "element 0 is inf"},
      {"L18", "masks are L17", {plus(kInfinity)}, {plus(-kInfinity)}, "element 0 is inf"},
      {"L46",
       "angles",
       {angles("fp16"), retype("sine", "sin")},
       {angles("fp32"), retype("sine", "sin")},
       "main: sine (sin) | its angle is computed in fp16"},
  };
}

}  // namespace cortland::lint
