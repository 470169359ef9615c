#include "package/weight_file.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory_file.h"
#include "base/parallel.h"
#include "mil/builder.h"
#include "mil/ops/constant.h"
#include "package/weight_stream.h"

namespace cortland {
namespace {

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(b));
  return text;
}

mil::PayloadPtr blob(DType dtype, int64_t elements, int first) {
  std::vector<std::byte> bytes(stored_size(static_cast<uint64_t>(elements), dtype));
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(static_cast<size_t>(first) + i);
  return mil::make_bytes_payload(dtype, {elements}, std::move(bytes));
}

mil::Program program_of(const std::vector<mil::PayloadPtr>& payloads) {
  mil::Builder b("main", mil::Opset::coreml8);
  for (const auto& payload : payloads) b.add("c", mil::Const{.val = payload});
  return {{b.finish()}};
}

std::string written(const std::vector<mil::PayloadPtr>& payloads) {
  MemoryFileSystem files;
  const WeightPlan plan(program_of(payloads));
  const auto out = files.create("weight.bin");
  write_weights(plan, *out, {});
  out->close();
  EXPECT_EQ(out->size(), plan.file_size());
  return files.contents("weight.bin");
}

// Computes its bytes; counts nothing, remembers nothing.
class Counting : public mil::Payload {
 public:
  explicit Counting(int64_t elements, uint64_t granule) : shape_{elements}, granule_(granule) {}
  const std::string& key() const override { return key_; }
  DType dtype() const override { return DType::u8; }
  const Shape& shape() const override { return shape_; }
  void produce(uint64_t offset, std::span<std::byte> out) const override {
    if (offset % granule_ != 0) throw std::logic_error("not at a granule");
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>((offset + i) * 7 >> 8);
  }
  uint64_t granule_bytes() const override { return granule_; }

 private:
  std::string key_ = "counting";
  Shape shape_;
  uint64_t granule_;
};

TEST(WeightFile, HasTheBytesOfTheFormat) {
  const std::string zeros(128, '0');
  const std::string file = written({blob(DType::f16, 16, 1)});
  const auto bytes = std::as_bytes(std::span(file));
  EXPECT_EQ(hex(bytes.subspan(0, 64)), "0100000002000000" + zeros.substr(0, 112));
  EXPECT_EQ(hex(bytes.subspan(64, 64)),
            "efbeadde0100000020000000000000008000000000000000" "0000000000000000" + zeros.substr(0, 64));
  EXPECT_EQ(hex(bytes.subspan(128)), "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
}

TEST(WeightFile, PacksSubByteTypesWithTheirUnusedBits) {
  const std::string file = written({blob(DType::i4, 3, 1), blob(DType::u3, 9, 1), blob(DType::u6, 5, 1)});
  const auto bytes = std::as_bytes(std::span(file));
  const BlobRecord first = unpack_record(bytes, 64);
  EXPECT_EQ(first.type, 8u);
  EXPECT_EQ(first.size, 2u);
  EXPECT_EQ(first.spare_bits, 4u);
  const BlobRecord second = unpack_record(bytes, 192);
  EXPECT_EQ(second.size, 4u);
  EXPECT_EQ(second.spare_bits, 5u);
  const BlobRecord third = unpack_record(bytes, 320);
  EXPECT_EQ(third.size, 4u);
  EXPECT_EQ(third.spare_bits, 2u);
  EXPECT_EQ(file.size(), 320u + 64 + 4);
}

TEST(WeightFile, LargePayloadsComeInTilesAndSmallOnesBetweenThem) {
  constexpr int64_t kElements = 9'000'001;
  const auto large = std::make_shared<Counting>(kElements, 96);
  const std::string file = written({blob(DType::u8, 3, 1), large, blob(DType::u8, 5, 9)});
  std::vector<std::byte> want(kElements);
  large->produce(0, want);
  const auto bytes = std::as_bytes(std::span(file));
  const auto found = find_blob(bytes, 192, DType::u8, kElements);
  EXPECT_TRUE(std::equal(found.begin(), found.end(), want.begin(), want.end()));
  EXPECT_EQ(hex(find_blob(bytes, round_up(192 + 64 + kElements, 64), DType::u8, 5)), "090a0b0c0d");
}

TEST(WeightFile, BytesDoNotDependOnThreads) {
  const std::vector<mil::PayloadPtr> payloads = {blob(DType::u8, 77, 1), std::make_shared<Counting>(20'000'000, 64)};
  const ThreadLimit one(1);
  const std::string file = written(payloads);
  const ThreadLimit four(4);
  EXPECT_EQ(written(payloads), file);
}

TEST(WeightFile, EqualBytesOfOtherTypesOrSizesAreKeptApart) {
  const std::string file = written({blob(DType::u3, 9, 1), blob(DType::u3, 10, 1), blob(DType::u4, 8, 1)});
  EXPECT_EQ(unpack_header(std::as_bytes(std::span(file))).count, 3u);
}

TEST(WeightFile, EqualBytesAreStoredOnceWhateverTheirShape) {
  const mil::PayloadPtr flat = mil::make_bytes_payload(DType::u8, {4}, std::vector<std::byte>(4));
  const mil::PayloadPtr square = mil::make_bytes_payload(DType::u8, {2, 2}, std::vector<std::byte>(4));
  const WeightPlan plan({{program_of({flat}).functions[0], program_of({square}).functions[0]}});
  EXPECT_EQ(plan.blobs().size(), 1u);
  EXPECT_EQ(plan.record_offset(*flat), plan.record_offset(*square));
}

struct Damage {
  const char* name;
  size_t at;
  uint8_t byte;
  const char* message;
};

TEST(WeightFile, BrokenRecordsAreRefused) {
  const std::string good = written({blob(DType::f16, 16, 1)});
  const std::vector<Damage> table = {
      {"version", 4, 3, "byte 4: format version; got 3, want 2"},
      {"sentinel", 64, 0, "byte 64: no blob record here; got 0xdeadbe00, want 0xdeadbeef"},
      {"type", 68, 2, "byte 64: element type of the blob; got fp32, want fp16"},
      {"unknown type", 68, 99, "byte 64: element type of the blob; got code 99, want fp16"},
      {"size", 72, 31, "byte 64: bytes of the blob; got 31, want 32 for 16 of fp16"},
      {"unused bits", 88, 1, "byte 64: unused bits of the blob; got 1, want 0"},
      {"misaligned", 80, 130, "byte 64: payload at byte 130, want a multiple of 64"},
      {"far away", 87, 64, "byte 4611686018427388032: the payload of 32 bytes leaves the file; got 160 bytes"},
  };
  for (const Damage& damage : table) {
    SCOPED_TRACE(damage.name);
    std::string file = good;
    file[damage.at] = static_cast<char>(damage.byte);
    try {
      find_blob(std::as_bytes(std::span(file)), 64, DType::f16, 16);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), damage.message);
    }
  }
}

}  // namespace
}  // namespace cortland
