#include "mil/payload.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace cortland::mil {
namespace {

std::vector<std::byte> counting(size_t n) {
  std::vector<std::byte> bytes(n);
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 1);
  return bytes;
}

TEST(Payload, ProducesItsBytesWholeAndInPieces) {
  const PayloadPtr payload = make_bytes_payload(DType::f16, {5, 20}, counting(200));
  EXPECT_EQ(payload->dtype(), DType::f16);
  EXPECT_EQ(payload->shape(), (Shape{5, 20}));
  EXPECT_EQ(payload->size_bytes(), 200u);
  EXPECT_EQ(produce_all(*payload), counting(200));
  EXPECT_EQ(std::vector<std::byte>(payload->view().begin(), payload->view().end()), counting(200));
  EXPECT_EQ(payload->granule_bytes(), 64u);
  std::vector<std::byte> pieces(200);
  for (size_t at = 0; at < 200; at += 64)
    payload->produce(at, std::span(pieces).subspan(at, std::min<size_t>(64, 200 - at)));
  EXPECT_EQ(pieces, counting(200));
}

TEST(Payload, TheKeyIsADigestOfTheBytes) {
  const PayloadPtr a = make_bytes_payload(DType::u8, {3}, {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}});
  EXPECT_EQ(a->key(), "bytes:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(a->key(), make_bytes_payload(DType::u8, {3}, counting(3))->key());
}

TEST(Payload, SizeCountsPackedBits) {
  EXPECT_EQ(make_bytes_payload(DType::u4, {3, 3}, counting(5))->size_bytes(), 5u);
  EXPECT_EQ(make_bytes_payload(DType::u1, {9}, counting(2))->size_bytes(), 2u);
  EXPECT_EQ(make_bytes_payload(DType::f32, {}, counting(4))->size_bytes(), 4u);
}

}  // namespace
}  // namespace cortland::mil
