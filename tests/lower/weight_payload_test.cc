#include "lower/weight_payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/failure.h"
#include "lower/tiny.h"

namespace cortland {
namespace {

using Bits = std::vector<uint16_t>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename T>
StoredTensor stored(const std::string& dtype, Shape shape, const std::vector<T>& values) {
  return {"w", dtype, std::move(shape), {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}};
}
template <typename T>
StoredTensor stored(const std::string& dtype, const std::vector<T>& values) {
  return stored(dtype, {static_cast<int64_t>(values.size())}, values);
}

// A checkpoint with one tensor and payloads of it.
struct Source {
  explicit Source(const StoredTensor& tensor, Parameter parameter = {})
      : checkpoint(open_checkpoint({tensor})), spec(spec_of(tensor, std::move(parameter))), weights(spec, checkpoint) {}

  static ModelSpec spec_of(const StoredTensor& tensor, Parameter parameter) {
    parameter.tensors = {"w"};
    parameter.stored = tensor.shape;
    if (parameter.shape.empty()) parameter.shape = tensor.shape;
    ModelSpec spec;
    spec.parameters = {parameter};
    return spec;
  }
  const Binding& binding() const { return weights.binding({}); }
  mil::PayloadPtr payload(const WeightRecipe& recipe, Shape shape) {
    return make_weight_payload(weights, binding(), recipe, std::move(shape), report);
  }
  // All elements.
  Bits bits(const WeightRecipe& recipe = {}) { return bits_of_blob(*payload(recipe, binding().parameter->shape)); }
  std::string refusal() {
    return failure([&] { bits(); });
  }

  Checkpoint checkpoint;
  ModelSpec spec;
  Weights weights;
  WeightReport report;
};

TEST(WeightPayload, Fp32IsRoundedToTheNearestEven) {
  // Between 0x3c00 (1) and its neighbours lie 2^-10; ties go to the even one.
  Source source(stored<float>("F32", {0x1p0f, -0x1p0f, 1 + 0x1p-11f, 1 + 0x3p-11f, 1 + 0x1p-11f + 0x1p-23f,
                                      1 + 0x3p-11f - 0x1p-22f, 65504.0f, -0.0f}));
  EXPECT_EQ(source.bits(), (Bits{0x3c00, 0xbc00, 0x3c00, 0x3c02, 0x3c01, 0x3c01, 0x7bff, 0x8000}));
  EXPECT_TRUE(source.report.saturated().empty());
}

TEST(WeightPayload, TinyFp32BecomeSubnormalOrZero) {
  Source source(stored<float>(
      "F32", {0x1p-14f, 0x1p-24f, 0x1p-25f, 0x1p-25f + 0x1p-48f, 0x3p-25f, 0x5p-25f, -0x1p-30f}));
  EXPECT_EQ(source.bits(), (Bits{0x0400, 0x0001, 0x0000, 0x0001, 0x0002, 0x0002, 0x8000}));
}

TEST(WeightPayload, Bf16IsRoundedOnlyWhereFp16IsCoarser) {
  // 1, 1 + 2^-7, -2.5, 2^-14, then 1.5 and 2.5 units of the last place of fp16.
  Source source(stored<uint16_t>("BF16", {0x3f80, 0x3f81, 0xc020, 0x3880, 0x33c0, 0x3420}));
  EXPECT_EQ(source.bits(), (Bits{0x3c00, 0x3c08, 0xc100, 0x0400, 0x0002, 0x0002}));
}

TEST(WeightPayload, Fp16IsCopied) {
  const Bits all{0x3c00, 0x0001, 0x8000, 0x83ff, 0x7bff, 0xfbff, 0x1234, 0xabcd, 0x5555};
  Source source(stored("F16", all));
  EXPECT_EQ(source.bits(), all);
  EXPECT_TRUE(source.report.saturated().empty());
}

TEST(WeightPayload, Fp64IsRoundedOnce) {
  // By way of fp32 the first would become the tie 1 + 2^-11, and that 1.
  Source source(stored<double>("F64", {1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-11, 1 + 0x3p-11 - 0x1p-40, -0.5}));
  EXPECT_EQ(source.bits(), (Bits{0x3c01, 0x3c00, 0x3c01, 0xb800}));
}

TEST(WeightPayload, WhatIsBeyondFp16SaturatesAndIsCounted) {
  Source fp32(stored<float>("F32", {1, 65504, 65520, -70000, 3e38f}));
  EXPECT_EQ(fp32.bits(), (Bits{0x3c00, 0x7bff, 0x7bff, 0xfbff, 0x7bff}));
  ASSERT_EQ(fp32.report.saturated().count("w"), 1u);
  EXPECT_EQ(fp32.report.saturated().at("w").saturated, 3u);
  EXPECT_EQ(fp32.report.saturated().at("w").max_abs, 3e38f);
  Source bf16(stored<uint16_t>("BF16", {0x4780, 0xc780, 0x477f}));  // 65536, -65536, 65280
  EXPECT_EQ(bf16.bits(), (Bits{0x7bff, 0xfbff, 0x7bf8}));
  EXPECT_EQ(bf16.report.saturated().at("w").saturated, 2u);
  EXPECT_EQ(bf16.report.saturated().at("w").max_abs, 65536.0f);
}

TEST(WeightPayload, RefusesWhatIsNotFinite) {
  const std::string message =
      "corrupt: m: tensor w: holds a NaN or an infinity; hint: the file is damaged, or training diverged";
  EXPECT_EQ(Source(stored<float>("F32", {1, NAN, 2})).refusal(), message);
  EXPECT_EQ(Source(stored<float>("F32", {1, 2, -kInfinity})).refusal(), message);
  EXPECT_EQ(Source(stored<uint16_t>("BF16", {0x7f80})).refusal(), message);
  EXPECT_EQ(Source(stored<uint16_t>("F16", {0x3c00, 0xfc00})).refusal(), message);
  EXPECT_EQ(Source(stored<uint16_t>("F16", {0x7e01, 0x3c00})).refusal(), message);
  EXPECT_EQ(Source(stored<double>("F64", {NAN})).refusal(), message);
  Source norm(stored<float>("F32", {1, NAN}));
  EXPECT_EQ(failure([&] { norm.weights.values({}); }), message);
}

TEST(WeightPayload, NothingIsReadBeforeItIsWanted) {
  // A NaN in the last row: neither making the payload nor reading other rows meets it.
  Source source(stored<float>("F32", {3, 2}, {1, 2, 3, 4, 5, NAN}));
  EXPECT_EQ(bits_of_blob(*source.payload({.first_row = 0, .rows = 2}, {2, 2})), (Bits{0x3c00, 0x4000, 0x4200, 0x4400}));
  const mil::PayloadPtr last = source.payload({.first_row = 2, .rows = 1}, {1, 2});
  EXPECT_NE(failure([&] { mil::produce_all(*last); }), "no error");
}

TEST(WeightPayload, RowsAreCutOutInOrder) {
  Source source(stored<float>("F32", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  const mil::PayloadPtr middle = source.payload({.first_row = 1, .rows = 2}, {2, 2, 1, 1});
  EXPECT_EQ(bits_of_blob(*middle), (Bits{0x4200, 0x4400, 0x4500, 0x4600}));
  EXPECT_EQ(middle->dtype(), DType::f16);
  EXPECT_EQ(middle->shape(), (Shape{2, 2, 1, 1}));
  EXPECT_EQ(middle->size_bytes(), 8u);
  EXPECT_EQ(bits_of_blob(*source.payload({.first_row = 3}, {1, 2})), (Bits{0x4700, 0x4800}));
}

TEST(WeightPayload, TilesMakeUpTheWhole) {
  // More than one piece of 65536 elements, and not a multiple of it.
  const size_t n = 150001;
  const std::vector<float> values = tiny_numbers(n, 7);
  Source source(stored("F32", values));
  const mil::PayloadPtr payload = source.payload({}, {static_cast<int64_t>(n)});
  const Bits whole = bits_of_blob(*payload);
  for (const size_t i : {size_t{0}, size_t{65535}, size_t{65536}, size_t{131072}, n - 1}) {
    EXPECT_EQ(whole[i], float_to_half(values[i])) << i;
  }
  Bits tiles(n);
  for (const size_t tile : {size_t{32}, size_t{70400}}) {
    std::fill(tiles.begin(), tiles.end(), 0);
    for (size_t at = 0; at < n; at += tile) {
      payload->produce(at * 2, std::as_writable_bytes(std::span(tiles).subspan(at, std::min(tile, n - at))));
    }
    EXPECT_EQ(tiles, whole) << tile;
  }
}

TEST(WeightPayload, AScaleIsAppliedInFp32BeforeRounding) {
  // 3 x (1 + 2^-11) = 3.00146484375 lies above the tie; rounding first would lose the 2^-11.
  Source source(stored<float>("F32", {1 + 0x1p-11f, -2, 40000}));
  EXPECT_EQ(source.bits({.scale = 3}), (Bits{0x4201, 0xc600, 0x7bff}));
  EXPECT_EQ(source.report.saturated().at("w").saturated, 1u);
  Source halves(stored<uint16_t>("F16", {0x3c00, 0x4000}));
  EXPECT_EQ(halves.bits({.scale = 0.5}), (Bits{0x3800, 0x3c00}));
}

TEST(WeightPayload, EqualKeysMeanEqualBytes) {
  Source source(stored<float>("F32", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  const auto key = [&](const WeightRecipe& recipe, Shape shape) {
    return source.payload(recipe, std::move(shape))->key();
  };
  EXPECT_EQ(key({}, {4, 2}), "fp16 w[0:+8] x 1");
  // The shape is no part of it, nor whether the rows were counted.
  EXPECT_EQ(key({}, {4, 2, 1, 1}), key({}, {4, 2}));
  EXPECT_EQ(key({.first_row = 0, .rows = 4}, {4, 2}), key({}, {4, 2}));
  EXPECT_EQ(key({.first_row = 2}, {2, 2}), key({.first_row = 2, .rows = 2}, {2, 2, 1, 1}));
  // Everything that changes a byte is.
  EXPECT_NE(key({.rows = 2}, {2, 2}), key({}, {4, 2}));
  EXPECT_NE(key({.first_row = 1, .rows = 2}, {2, 2}), key({.first_row = 2, .rows = 2}, {2, 2}));
  EXPECT_NE(key({.scale = 0.5}, {4, 2}), key({}, {4, 2}));
  EXPECT_NE(key({.scale = 0.1}, {4, 2}), key({.scale = 0.1 + 1e-9}, {4, 2}));
}

TEST(WeightPayload, ValuesOfAHalfPayloadAreItsKey) {
  Source source(stored<float>("F32", {1, 1}));
  const auto payload = [&](std::vector<float> values) {
    return make_half_payload({2}, std::move(values), source.binding(), source.report);
  };
  const mil::PayloadPtr a = payload({1, 0.5f}), b = payload({1, 0.5f}), other = payload({1, 0.25f});
  EXPECT_EQ(bits_of_blob(*a), (Bits{0x3c00, 0x3800}));
  EXPECT_EQ(a->key(), b->key());
  EXPECT_NE(a->key(), other->key());
}

TEST(WeightPayload, ReadsSmallTensorsAsFp32) {
  const Source source(stored<uint16_t>("BF16", {0x3f80, 0x3f81, 0xc020}));
  EXPECT_EQ(source.weights.values({}), (std::vector<float>{1, 1.0078125f, -2.5f}));
}

TEST(WeightPayload, RowsInAnotherOrder) {
  Source source(stored<float>("F32", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                {.id = {}, .shape = {3, 2}, .rows = {2, 3, 0}});
  EXPECT_EQ(source.bits(), (Bits{0x4500, 0x4600, 0x4700, 0x4800, 0x3c00, 0x4000}));
  EXPECT_EQ(bits_of_blob(*source.payload({.first_row = 1}, {2, 2})), (Bits{0x4700, 0x4800, 0x3c00, 0x4000}));
}

TEST(WeightPayload, TransposedAndOffset) {
  // Stored [in, out]: 2 x 3.
  Source source(stored<float>("F32", {2, 3}, {1, 2, 3, 4, 5, 6}),
                {.id = {}, .shape = {2, 2}, .transposed = true, .rows = {2, 0}});
  EXPECT_EQ(source.bits(), (Bits{0x4200, 0x4600, 0x3c00, 0x4400}));
  EXPECT_EQ(bits_of_blob(*source.payload({.first_row = 1}, {1, 2})), (Bits{0x3c00, 0x4400}));
  Source gains(stored<float>("F32", {0, -0.5f, 1}), {.id = {}, .offset = 1});
  EXPECT_EQ(gains.bits(), (Bits{0x3c00, 0x3800, 0x4000}));
}

}  // namespace
}  // namespace cortland
