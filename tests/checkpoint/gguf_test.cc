#include "checkpoint/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/failure.h"
#include "base/memory_file.h"
#include "checkpoint/ggml_blocks.h"
#include "checkpoint/safetensors.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

std::string golden(const char* name) { return std::string(CORTLAND_TEST_DATA) + "/golden/gguf/" + name; }

// What the `gguf` package reads, bit by bit.
TEST(Gguf, BlocksOfEveryType) {
  const Checkpoint checkpoint = Checkpoint::open(disk(), golden("blocks.gguf"));
  const auto file = disk().open(golden("expected.safetensors"));
  std::set<std::string_view> seen;
  for (const TensorEntry& want : read_safetensors(*file, 0)) {
    const TensorEntry* entry = checkpoint.find(want.name);
    ASSERT_NE(entry, nullptr) << want.name;
    EXPECT_EQ(entry->shape, want.shape);
    EXPECT_EQ(entry->type_name(), want.name);
    std::vector<float> expected(static_cast<size_t>(element_count(want.shape))), values(expected.size());
    file->read(want.offset, std::as_writable_bytes(std::span(expected)));
    checkpoint.read_floats(*entry, 0, values);
    EXPECT_EQ(values, expected) << want.name;
    // A part that begins and ends inside of blocks.
    std::vector<float> part(301);
    checkpoint.read_floats(*entry, 77, part);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), expected.begin() + 77)) << want.name;
    seen.insert(entry->type_name());
  }
  for (const GgmlType& type : ggml_types()) EXPECT_THAT(seen, testing::Contains(type.name));
}

// A scale times integers is the same number.
TEST(Gguf, CodesOfTheTypesThatAreOneScaleTimesIntegers) {
  const Checkpoint checkpoint = Checkpoint::open(disk(), golden("blocks.gguf"));
  std::set<std::string_view> with_codes;
  for (const TensorEntry& entry : checkpoint.tensors()) {
    if (entry.codes == nullptr) continue;
    with_codes.insert(entry.type_name());
    std::vector<float> expected(static_cast<size_t>(element_count(entry.shape))), values(expected.size());
    checkpoint.read_floats(entry, 0, expected);
    entry.codes->decode(0, values);
    EXPECT_EQ(values, expected) << entry.type_name();
  }
  EXPECT_THAT(with_codes, testing::UnorderedElementsAre("Q8_0", "Q4_0", "Q5_0", "IQ4_NL"));
  for (const GgmlType& type : ggml_types()) {
    EXPECT_EQ(type.elements > 1, (type.split != nullptr) != !type.obstacle.empty()) << type.name;
  }
}

TEST(Gguf, Metadata) {
  const Checkpoint checkpoint = Checkpoint::open(disk(), golden("blocks.gguf"));
  ASSERT_NE(checkpoint.metadata(), nullptr);
  EXPECT_EQ(checkpoint.metadata()->at("general.architecture"), "llama");
  EXPECT_EQ(checkpoint.metadata()->at("llama.block_count"), 1);
  EXPECT_EQ(checkpoint.metadata()->at("tokenizer.ggml.tokens"), (Json{"a", "b"}));
}

// Files made by hand.
class GgufText {
 public:
  template <typename T>
  GgufText& number(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  GgufText& text(std::string_view value) {
    number<uint64_t>(value.size());
    text_ += value;
    return *this;
  }
  GgufText& begin(uint64_t tensors, uint64_t keys) {
    text_ += "GGUF";
    return number<uint32_t>(3).number<uint64_t>(tensors).number<uint64_t>(keys);
  }
  // [4, 2] F32 at an offset.
  GgufText& tensor(std::string_view name, uint64_t offset, uint32_t type = 0) {
    return text(name).number<uint32_t>(2).number<uint64_t>(2).number<uint64_t>(4).number(type).number(offset);
  }
  GgufText& data(size_t bytes) {
    text_.resize((text_.size() + 31) / 32 * 32 + bytes);
    return *this;
  }
  std::string failure_of() const {
    MemoryFileSystem files;
    write_file(files, "m.gguf", text_);
    return failure([&] { Checkpoint::open(files, "m.gguf"); });
  }

 private:
  std::string text_;
};

TEST(Gguf, DamagedFiles) {
  EXPECT_EQ(GgufText().begin(1, 0).tensor("w", 0).data(32).failure_of(), "no error");
  EXPECT_EQ(GgufText().text("").failure_of(), "corrupt: m.gguf: is no GGUF file: begins with 0x00000000");
  EXPECT_EQ(GgufText().failure_of(),
            "corrupt: m.gguf: magic at byte 0: the file ends; hint: it is truncated, download it again");
  EXPECT_EQ(GgufText().number<uint32_t>(0x46554747).number<uint32_t>(1).failure_of(),
            "unsupported: m.gguf: GGUF version 1 is not supported; want 2 or 3");
  EXPECT_EQ(GgufText().begin(uint64_t{1} << 40, 0).failure_of(),
            "corrupt: m.gguf: got 1099511627776 tensors and 0 keys, want at most 1048576 and 65536");
  EXPECT_EQ(GgufText().begin(0, 1).number<uint64_t>(uint64_t{1} << 60).failure_of(),
            "corrupt: m.gguf: key at byte 32: got a length of 1152921504606846976, want at most 65536");
  EXPECT_EQ(GgufText().begin(0, 1).text("k").number<uint32_t>(13).failure_of(),
            "corrupt: m.gguf: key k: got value type 13, want 0 to 12");
  EXPECT_EQ(GgufText().begin(0, 1).text("k").number<uint32_t>(9).number<uint32_t>(9).failure_of(),
            "unsupported: m.gguf: key k: a list of lists is not supported");
  EXPECT_EQ(
      GgufText().begin(0, 1).text("k").number<uint32_t>(9).number<uint32_t>(4).number<uint64_t>(1 << 30).failure_of(),
      "corrupt: m.gguf: k at byte 49: the file ends; hint: it is truncated, download it again");
  EXPECT_EQ(
      GgufText().begin(1, 0).tensor("w", 0, 99).data(32).failure_of(),
      "unsupported: m.gguf: tensor w: storage type 99 is not supported; want F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, "
      "Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL");
  EXPECT_EQ(GgufText().begin(1, 0).tensor("w", 0, 8).data(32).failure_of(),
            "corrupt: m.gguf: tensor w: [4, 2] does not fill blocks of 32 Q8_0 weights");
  EXPECT_EQ(GgufText().begin(2, 0).tensor("w", 0).tensor("w", 32).data(64).failure_of(),
            "corrupt: m.gguf: tensor w appears twice");
  EXPECT_EQ(GgufText().begin(2, 0).tensor("a", 0).tensor("b", 0).data(64).failure_of(),
            "corrupt: m.gguf: tensor b: begins at byte 0 of the data, which is not aligned or overlaps");
  EXPECT_EQ(GgufText().begin(1, 0).tensor("w", 16).data(64).failure_of(),
            "corrupt: m.gguf: tensor w: begins at byte 16 of the data, which is not aligned or overlaps");
  EXPECT_EQ(GgufText().begin(1, 0).tensor("w", 0).data(31).failure_of(),
            "corrupt: m.gguf: tensor w: ends behind the file; hint: it is truncated, download it again");
}

}  // namespace
}  // namespace cortland
