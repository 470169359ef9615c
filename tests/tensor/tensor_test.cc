#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "tensor/numbers.h"

namespace cortland {
namespace {

std::vector<float> floats_of(const Tensor& t) {
  const Floats floats = t.floats();
  return {floats.span().begin(), floats.span().end()};
}

TEST(Tensor, ThreeRepresentationsHoldTheirValues) {
  const Tensor floats = Tensor::of_floats(DType::f16, {2}, {1, 2.5f});
  EXPECT_EQ(floats.dtype(), DType::f16);
  EXPECT_EQ(floats.shape(), Shape{2});
  EXPECT_EQ(floats.size(), 2);
  EXPECT_FALSE(floats.is_stored());
  EXPECT_EQ(floats_of(floats), (std::vector<float>{1, 2.5f}));
  EXPECT_EQ(floats.raw().size(), 8u);
  EXPECT_EQ(floats.raw_element_size(), 4u);

  const Tensor ints = Tensor::of_ints(DType::boolean, {1, 3}, {1, 0, 1});
  EXPECT_EQ(std::vector<int32_t>(ints.ints().begin(), ints.ints().end()), (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(ints.raw_element_size(), 4u);

  EXPECT_EQ(Tensor::of_text("valid").text(), "valid");
  EXPECT_EQ(Tensor::of_text("valid").dtype(), DType::string);
}

TEST(Tensor, StoredElementsConvertOnReading) {
  const std::vector<float> values = exact_numbers(37, 1);
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
    const auto bytes = std::make_shared<std::vector<std::byte>>(stored_as(dtype, values, 1));
    const std::weak_ptr<std::vector<std::byte>> alive = bytes;
    Tensor t = Tensor::of_stored(dtype, {37}, std::span(*bytes).subspan(1), bytes);
    EXPECT_TRUE(t.is_stored());
    EXPECT_EQ(t.stored().data(), bytes->data() + 1);
    EXPECT_EQ(t.raw_element_size(), static_cast<size_t>(bits_of(dtype) / 8));
    EXPECT_EQ(floats_of(t), values);
    EXPECT_EQ(alive.use_count(), 2);
    t = Tensor();
    EXPECT_EQ(alive.use_count(), 1);
  }
}

TEST(Tensor, ReadingAsAnotherKindIsRefused) {
  const Tensor floats = Tensor::of_floats(DType::f32, {1}, {1}), ints = Tensor::of_ints(DType::i32, {1}, {1});
  const Tensor text = Tensor::of_text("x");
  EXPECT_EQ(failure([&] { ints.floats(); }), "invalid: tensor of int32: want a float type");
  EXPECT_EQ(failure([&] { text.floats(); }), "invalid: tensor of string: want a float type");
  EXPECT_EQ(failure([&] { floats.ints(); }), "invalid: tensor of fp32: want an integer type");
  EXPECT_EQ(failure([&] { Tensor::zeros_stored(DType::i32, {1}).ints(); }),
            "invalid: tensor of int32: want an integer type");
  EXPECT_EQ(failure([&] { floats.text(); }), "invalid: tensor of fp32: want a string");
  EXPECT_EQ(failure([&] { text.raw(); }), "invalid: a string has no elements");
  EXPECT_EQ(failure([] { Tensor().floats(); }), "invalid: tensor of fp32: want a float type");
  EXPECT_EQ(failure([] { Tensor::zeros_stored(DType::u4, {2}).raw_element_size(); }),
            "unsupported: packed elements of uint4 cannot be moved one by one");
  EXPECT_EQ(failure([] { Tensor::zeros_stored(DType::f8_e4m3, {2}).floats(); }),
            "unsupported: elements of fp8e4m3fn cannot be read as numbers");
}

TEST(Tensor, CopiesShareUntilTheyAreGone) {
  Tensor a = Tensor::of_floats(DType::f32, {2}, {1, 2});
  EXPECT_TRUE(a.is_unique());
  {
    const Tensor b = a;
    EXPECT_FALSE(a.is_unique());
    EXPECT_EQ(b.raw().data(), a.raw().data());
  }
  EXPECT_TRUE(a.is_unique());
  a.mutable_floats()[1] = 7;
  EXPECT_EQ(floats_of(a), (std::vector<float>{1, 7}));
  EXPECT_FALSE(Tensor().is_unique());
}

TEST(Tensor, ZerosCanBeChangedInPlace) {
  Tensor t = Tensor::zeros_stored(DType::f16, {2, 2});
  EXPECT_EQ(t.mutable_stored().size(), 8u);
  EXPECT_EQ(floats_of(t), std::vector<float>(4, 0.0f));
  const std::vector<std::byte> bytes = stored_as(DType::f16, {1.5f});
  std::copy(bytes.begin(), bytes.end(), t.mutable_stored().begin() + 2);
  EXPECT_EQ(floats_of(t), (std::vector<float>{0, 1.5f, 0, 0}));
  EXPECT_EQ(Tensor::zeros_stored(DType::u3, {5}).stored().size(), 2u);
}

TEST(Tensor, ReshapedAndDeclaredShareTheValues) {
  const Tensor a = Tensor::of_floats(DType::f32, {2, 3}, exact_numbers(6, 2));
  const Tensor b = a.reshaped({3, 2, 1});
  EXPECT_EQ(b.shape(), (Shape{3, 2, 1}));
  EXPECT_EQ(b.raw().data(), a.raw().data());
  EXPECT_EQ(failure([&] { a.reshaped({7}); }), "invalid: reshape: got [7], want 6 elements");
  const Tensor c = a.declared_as(DType::f16);
  EXPECT_EQ(c.dtype(), DType::f16);
  EXPECT_EQ(c.shape(), a.shape());
  EXPECT_EQ(c.raw().data(), a.raw().data());
  EXPECT_EQ(a.dtype(), DType::f32);
}

TEST(Tensor, RearrangedKeepsTypeAndRepresentation) {
  const auto fill = [](std::byte* out) { std::fill(out, out + 4, std::byte{0}); };
  EXPECT_EQ(floats_of(Tensor::of_floats(DType::f16, {2}, {1, 2}).rearranged({1}, fill)), std::vector<float>{0});
  const Tensor ints = Tensor::of_ints(DType::i8, {2}, {1, 2}).rearranged({1}, fill);
  EXPECT_EQ(ints.dtype(), DType::i8);
  EXPECT_EQ(ints.ints()[0], 0);
  const Tensor stored = Tensor::zeros_stored(DType::f16, {3}).rearranged({2}, fill);
  EXPECT_TRUE(stored.is_stored());
  EXPECT_EQ(stored.stored().size(), 4u);
  EXPECT_EQ(failure([&] { Tensor::of_text("x").rearranged({1}, fill); }), "invalid: a string has no elements");
}

TEST(Floats, MovingKeepsTheView) {
  Floats owned(std::vector<float>{1, 2, 3});
  const Floats moved = std::move(owned);
  EXPECT_EQ(moved.size(), 3u);
  EXPECT_EQ(moved[2], 3);
}

}  // namespace
}  // namespace cortland
