#include "mil/literal.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "tensor/numbers.h"

namespace cortland::mil {
namespace {

Literal of_bytes(DType dtype, Shape shape, std::vector<int> bytes) {
  Literal literal{dtype, std::move(shape), {}, {}};
  for (const int byte : bytes) literal.bytes.push_back(static_cast<std::byte>(byte));
  return literal;
}

TEST(Literal, HoldsWhatItIsMadeOf) {
  EXPECT_EQ(Literal::of(int32_t{-7}).as_int(), -7);
  EXPECT_TRUE(Literal::of(true).as_bool());
  EXPECT_FALSE(Literal::of(false).as_bool());
  EXPECT_EQ(Literal::of(std::string("valid")).as_string(), "valid");
  EXPECT_EQ(Literal::of(Scalar{0.1f, DType::f32}).as_scalar(), (Scalar{0.1f, DType::f32}));
  EXPECT_EQ(Literal::of(Scalar{0.1f, DType::f16}).as_scalar(), (Scalar{0.0999755859375f, DType::f16}));
  EXPECT_EQ(Literal::of(std::vector<int32_t>{1, -2}).as_ints(), (std::vector<int32_t>{1, -2}));
  EXPECT_EQ(Literal::of(std::vector<int32_t>{}).as_ints(), std::vector<int32_t>{});
  EXPECT_EQ(Literal::of(std::vector<bool>{true, false}).as_bools(), (std::vector<bool>{true, false}));
}

TEST(Literal, BytesAreDenseAndLittleEndian) {
  EXPECT_EQ(Literal::of(int32_t{0x01020304}), of_bytes(DType::i32, {}, {4, 3, 2, 1}));
  EXPECT_EQ(Literal::of(std::vector<bool>{true, false}), of_bytes(DType::boolean, {2}, {1, 0}));
  EXPECT_EQ(Literal::of(Scalar{1.0f, DType::f16}), of_bytes(DType::f16, {}, {0x00, 0x3c}));
  EXPECT_EQ(Literal::of(Scalar{1.0f, DType::f32}), of_bytes(DType::f32, {}, {0, 0, 0x80, 0x3f}));
}

TEST(Literal, EveryIntegerTypeUpTo32BitsReads) {
  struct Case {
    DType dtype;
    std::vector<int> bytes;
    int32_t want;
  };
  const Case cases[] = {{DType::i8, {0xfe}, -2},         {DType::u8, {0xfe}, 254},
                        {DType::i16, {0xfe, 0xff}, -2},  {DType::u16, {0xfe, 0xff}, 65534},
                        {DType::i32, {0xfe, 0xff, 0xff, 0xff}, -2}, {DType::u32, {1, 0, 0, 1}, 0x01000001}};
  for (const auto& [dtype, bytes, want] : cases) {
    EXPECT_EQ(of_bytes(dtype, {}, bytes).as_int(), want) << name_of(dtype);
    EXPECT_EQ(of_bytes(dtype, {1}, bytes).as_ints(), std::vector<int32_t>{want}) << name_of(dtype);
    EXPECT_EQ(of_bytes(dtype, {1}, bytes).tensor().ints()[0], want) << name_of(dtype);
  }
}

TEST(Literal, ReadingAsAnotherTypeIsRefused) {
  const Literal number = Literal::of(int32_t{3}), list = Literal::of(std::vector<int32_t>{1, 2});
  const Literal text = Literal::of(std::string("a\nb")), half = Literal::of(Scalar{0.5f, DType::f16});
  EXPECT_EQ(failure([&] { list.as_int(); }), "corrupt: constant [1, 2]: got int32[2], want an integer scalar");
  EXPECT_EQ(failure([&] { half.as_int(); }), "corrupt: constant 0.5: got fp16[], want an integer scalar");
  EXPECT_EQ(failure([&] { number.as_bool(); }), "corrupt: constant 3: got int32[], want a bool scalar");
  EXPECT_EQ(failure([&] { number.as_string(); }), "corrupt: constant 3: got int32[], want a string");
  EXPECT_EQ(failure([&] { number.as_scalar(); }), "corrupt: constant 3: got int32[], want a floating scalar");
  EXPECT_EQ(failure([&] { text.as_ints(); }), "corrupt: constant \"a\\x0ab\": got string[], want a vector of integers");
  EXPECT_EQ(failure([&] { number.as_bools(); }), "corrupt: constant 3: got int32[], want a vector of bool");
  EXPECT_EQ(failure([] { of_bytes(DType::i8, {1, 2}, {1, 2}).as_ints(); }),
            "corrupt: constant [1, 2]: got int8[1, 2], want a vector of integers");
}

TEST(Literal, TextIsShortAndReadable) {
  EXPECT_EQ(Literal::of(std::vector<int32_t>{0, 0, 1}).text(), "[0, 0, 1]");
  EXPECT_EQ(Literal::of(std::vector<int32_t>{}).text(), "[]");
  EXPECT_EQ(Literal::of(std::string("valid")).text(), "\"valid\"");
  EXPECT_EQ(Literal::of(true).text(), "true");
  EXPECT_EQ(Literal::of(Scalar{1e-5f, DType::f32}).text(), "1e-05");
  EXPECT_EQ(Literal::of(std::vector<int32_t>(12, 7)).text(), "[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7]");
  EXPECT_EQ(Literal::of(std::vector<int32_t>(13, 7)).text(), "[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, ...]");
  EXPECT_EQ((Literal{DType::string, {14}, {}, std::vector<std::string>(14, "s")}).text(),
            "[\"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", \"s\", ...]");
}

TEST(Literal, TensorHoldsTheSameValues) {
  const std::vector<float> values = exact_numbers(6, 1);
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
    const Tensor t = Literal{dtype, {2, 3}, stored_as(dtype, values), {}}.tensor();
    EXPECT_EQ(t.dtype(), dtype);
    EXPECT_EQ(t.shape(), (Shape{2, 3}));
    EXPECT_EQ(std::vector<float>(t.floats().span().begin(), t.floats().span().end()), values);
  }
  const Tensor flags = Literal::of(std::vector<bool>{true, false}).tensor();
  EXPECT_EQ(flags.dtype(), DType::boolean);
  EXPECT_EQ(flags.ints()[0], 1);
  EXPECT_EQ(flags.ints()[1], 0);
  EXPECT_EQ(Literal::of(std::string("x")).tensor().text(), "x");
}

TEST(Literal, TensorRefusesElementsThatItCannotHold) {
  EXPECT_EQ(failure([] { of_bytes(DType::u4, {2}, {0x21}).tensor(); }),
            "unsupported: constant of uint4[2]: its elements cannot be read as numbers");
  EXPECT_EQ(failure([] { of_bytes(DType::i64, {}, {1, 0, 0, 0, 0, 0, 0, 0}).tensor(); }),
            "unsupported: constant of int64[]: its elements cannot be read as numbers");
  EXPECT_EQ(failure([] { of_bytes(DType::f8_e5m2, {1}, {0x3c}).tensor(); }),
            "unsupported: elements of fp8e5m2 cannot be read as numbers");
}

}  // namespace
}  // namespace cortland::mil
