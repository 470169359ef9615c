// The bytes are those that Apple's own protobuf classes give (coreml-format section 2.9).
#include "package/value_codec.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "package/messages.h"
#include "package/encode.h"

namespace cortland {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

template <typename T>
std::vector<std::byte> stored(std::initializer_list<T> values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  size_t at = 0;
  for (const T value : values) {
    store_le(std::span(out), at, value);
    at += sizeof(T);
  }
  return out;
}

std::string type_hex(const mil::Type& type) {
  proto::ValueType message;
  encode_type(type, &message);
  EXPECT_EQ(decode_type(message), type);
  return hex(message);
}

std::string literal_hex(const mil::Literal& literal) {
  proto::Value message;
  encode_literal(literal, &message);
  EXPECT_EQ(decode_literal(message), literal);
  return hex(message);
}

TEST(ValueCodec, TypesHaveTheBytesOfApplesClasses) {
  EXPECT_EQ(type_hex({DType::f16, {1, 4}}), "0a10080a10021a040a0208011a040a020804");
  EXPECT_EQ(type_hex({DType::i32, {}}), "0a020817");
  EXPECT_EQ(type_hex({DType::f16, {1, kUnknown}}), "0a0e080a10021a040a0208011a021200");
  EXPECT_EQ(type_hex({DType::f16, {2, 3}, true}), "2a140a120a10080a10021a040a0208021a040a020803");
}

TEST(ValueCodec, ConstantsHaveTheBytesOfApplesClasses) {
  EXPECT_EQ(literal_hex(mil::Literal::of(-1)), "12040a0208171a100a0e120c0a0affffffffffffffffff01");
  EXPECT_EQ(literal_hex(mil::Literal::of(std::vector<int32_t>{1, 300})),
            "120c0a0a081710011a040a0208021a090a0712050a0301ac02");
  EXPECT_EQ(literal_hex(mil::Literal::of(false)), "12040a0208011a070a051a030a0100");
  EXPECT_EQ(literal_hex(mil::Literal::of(std::vector<bool>{true, false})),
            "120c0a0a080110011a040a0208021a080a061a040a020100");
  EXPECT_EQ(literal_hex(mil::Literal::of(mil::Scalar{1.5f, DType::f32})), "12040a02080b1a0a0a080a060a040000c03f");
  EXPECT_EQ(literal_hex(mil::Literal::of(mil::Scalar{1.5f, DType::f16})), "12040a02080a1a080a063a040a02003e");
  EXPECT_EQ(literal_hex(mil::Literal::of(std::string("fp16"))), "12040a0208021a0a0a0822060a0466703136");
  EXPECT_EQ(literal_hex({DType::u8, {3}, bytes({1, 2, 255}), {}}),
            "120c0a0a081f10011a040a0208031a090a073a050a030102ff");
  EXPECT_EQ(literal_hex({DType::i4, {3}, bytes({0x2f, 0x08}), {}}), "120c0a0a081910011a040a0208031a080a063a040a022f08");
}

TEST(ValueCodec, BlobReferenceHasTheBytesOfApplesClasses) {
  proto::Value message;
  encode_blob(DType::f16, {16}, 64, &message);
  EXPECT_EQ(hex(message),
            "120c0a0a080a10011a040a0208102a220a1e406d6f64656c5f706174682f776569676874732f7765696768742e62696e1040");
}

TEST(ValueCodec, EveryElementTypeComesBack) {
  const std::vector<mil::Literal> literals = {
      {DType::i16, {2}, stored<int16_t>({-3, 300}), {}},  {DType::u16, {2}, stored<uint16_t>({3, 65535}), {}},
      {DType::i64, {2}, stored<int64_t>({-5, 1}), {}},    {DType::u64, {1}, stored<uint64_t>({~uint64_t{0}}), {}},
      {DType::f64, {1}, stored<double>({0.25}), {}},      {DType::u32, {1}, stored<uint32_t>({4000000000u}), {}},
      {DType::u3, {9}, bytes({0xd1, 0x58, 0x1f, 5}), {}}, {DType::string, {2}, {}, {"a", ""}},
      {DType::f32, {0}, {}, {}},                          {DType::i8, {2, 1}, bytes({255, 4}), {}},
  };
  for (const mil::Literal& literal : literals) {
    SCOPED_TRACE(std::string(name_of(literal.dtype)));
    literal_hex(literal);
  }
}

TEST(ValueCodec, RefusesWhatCannotBeWritten) {
  proto::Value message;
  EXPECT_EQ(message_of([&] { encode_literal({DType::i32, {3}, bytes({0, 0, 0, 0}), {}}, &message); }),
            "constant of int32[3]: got 4 bytes, want 12");
  EXPECT_EQ(message_of([&] { encode_literal({DType::bf16, {1}, bytes({0, 0}), {}}, &message); }),
            "constant of bf16: this element type has no immediate form");
}

TEST(ValueCodec, RefusesBrokenConstants) {
  proto::Value message;
  encode_literal(mil::Literal::of(std::vector<int32_t>{1, 2}), &message);
  message.mutable_immediate()->mutable_tensor()->mutable_ints()->add_values(3);
  EXPECT_EQ(message_of([&] { decode_literal(message); }), "constant of int32[2]: got 12 bytes, want 8");

  message.mutable_immediate()->mutable_tensor()->mutable_floats();
  EXPECT_EQ(message_of([&] { decode_literal(message); }),
            "constant of int32[2]: its values stand in the wrong list");

  message.Clear();
  encode_literal({DType::u16, {1}, bytes({1, 0}), {}}, &message);
  message.mutable_immediate()->mutable_tensor()->mutable_ints()->set_values(0, -1);
  EXPECT_EQ(message_of([&] { decode_literal(message); }),
            "constant: got -1, which its element type cannot hold");
}

TEST(ValueCodec, RefusesBrokenTypes) {
  proto::ValueType type;
  EXPECT_EQ(message_of([&] { decode_type(type); }), "type: is missing");
  type.mutable_list_type();
  EXPECT_EQ(message_of([&] { decode_type(type); }),
            "type: a list, tuple or dictionary, want a tensor or a state");
  encode_type({DType::f16, {1, 4}}, &type);
  type.mutable_tensor_type()->set_rank(3);
  EXPECT_EQ(message_of([&] { decode_type(type); }), "type: rank 3 with 2 dimensions");
  encode_type({DType::f16, {}}, &type);
  type.mutable_tensor_type()->set_data_type(99);
  EXPECT_EQ(message_of([&] { decode_type(type); }), "type: element type 99 is not known");
  type.Clear();
  encode_type({DType::f16, {int64_t{1} << 40, int64_t{1} << 40}}, &type);
  EXPECT_EQ(message_of([&] { decode_type(type); }), "type: a dimension of 1099511627776 makes it too large");
}

}  // namespace
}  // namespace cortland
