#include "checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/memory_file.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

constexpr const char* kIndexPath = "m/model.safetensors.index.json";

std::string failure_to_open(const FileSystem& files, const std::string& folder = "m") {
  return failure([&] { Checkpoint::open(files, folder); });
}

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string read(const Checkpoint& checkpoint, std::string_view name, uint64_t offset, size_t size) {
  std::vector<std::byte> bytes(size);
  checkpoint.read(*checkpoint.find(name), offset, bytes);
  return text_of(bytes);
}

// Two shards, of one and of two tensors.
MemoryFileSystem sharded() {
  MemoryFileSystem files;
  write_file(files, "m/1.safetensors", safetensors_text({{"a", "F16", {2}, "aaAA"}}));
  write_file(files, "m/2.safetensors", safetensors_text({{"b", "U8", {3}, "bBb"}, {"c", "F32", {1}, "cccc"}}));
  write_file(files, kIndexPath,
             R"({"weight_map": {"c": "2.safetensors", "a": "1.safetensors", "b": "2.safetensors"}})");
  return files;
}

TEST(Checkpoint, SingleFile) {
  MemoryFileSystem files;
  write_file(files, "m/model.safetensors", safetensors_text({{"b", "U8", {3}, "bBb"}, {"a", "F16", {2}, "aaAA"}}));
  const Checkpoint checkpoint = Checkpoint::open(files, "m");
  EXPECT_EQ(checkpoint.folder(), "m");
  ASSERT_EQ(checkpoint.files().size(), 1u);
  EXPECT_EQ(checkpoint.files()[0]->path(), "m/model.safetensors");
  ASSERT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_EQ(checkpoint.tensors()[0].name, "b");
  EXPECT_EQ(checkpoint.find("a"), &checkpoint.tensors()[1]);
  EXPECT_EQ(checkpoint.find("c"), nullptr);
  EXPECT_EQ(text_of(checkpoint.map(*checkpoint.find("a"))), "aaAA");
  EXPECT_EQ(read(checkpoint, "a", 0, 4), "aaAA");
  EXPECT_EQ(read(checkpoint, "a", 1, 2), "aA");
  EXPECT_EQ(read(checkpoint, "b", 3, 0), "");
}

TEST(Checkpoint, Shards) {
  const MemoryFileSystem files = sharded();
  Checkpoint opened = Checkpoint::open(files, "m");
  const Checkpoint checkpoint = std::move(opened);
  ASSERT_EQ(checkpoint.files().size(), 2u);
  ASSERT_EQ(checkpoint.tensors().size(), 3u);
  EXPECT_EQ(checkpoint.find("c")->file, 1u);
  EXPECT_EQ(text_of(checkpoint.map(*checkpoint.find("a"))), "aaAA");
  EXPECT_EQ(text_of(checkpoint.map(*checkpoint.find("c"))), "cccc");
  EXPECT_EQ(read(checkpoint, "b", 1, 2), "Bb");
}

TEST(Checkpoint, ASingleFileComesBeforeTheIndexAndOtherFilesDoNotMatter) {
  MemoryFileSystem files = sharded();
  write_file(files, "m/model.safetensors", safetensors_text({{"x", "U8", {1}, "x"}}));
  write_file(files, "m/pytorch_model.bin", "pickle");
  write_file(files, "m/consolidated.safetensors", "");
  EXPECT_EQ(Checkpoint::open(files, "m").tensors().size(), 1u);
}

TEST(Checkpoint, SaysWhatIsWrongWithAFolder) {
  MemoryFileSystem files;
  write_file(files, "file.bin", "GGUF");
  write_file(files, "empty/config.json", "{}");
  write_file(files, "pickled/model.bin", "");
  write_file(files, "torch/consolidated.00.pth", "");
  write_file(files, "quantized/a.gguf", "GGUF");
  files.make_directories("folder/model.safetensors");
  const std::pair<const char*, const char*> cases[] = {
      {"none", "not_found: none: there is no such folder; want a Hugging Face checkpoint"},
      {"file.bin", "corrupt: file.bin: is a file; want the folder of a Hugging Face checkpoint, or a .gguf"},
      {"empty",
       "not_found: empty: found neither model.safetensors nor model.safetensors.index.json; want a Hugging Face "
       "checkpoint folder"},
      {"folder",
       "not_found: folder: found neither model.safetensors nor model.safetensors.index.json; want a Hugging Face "
       "checkpoint folder"},
      {"pickled",
       "unsupported: pickled: weights are in model.bin, which can execute code when read; want "
       "model.safetensors; hint: save the model again with safe_serialization=True"},
      {"torch",
       "unsupported: torch: weights are in consolidated.00.pth, which can execute code when read; want "
       "model.safetensors; hint: save the model again with safe_serialization=True"},
      {"quantized", "corrupt: quantized: has no model.safetensors; hint: give the GGUF file itself, quantized/a.gguf"},
  };
  for (const auto& [folder, want] : cases) EXPECT_EQ(failure_to_open(files, folder), want);
}

TEST(Checkpoint, ABadShardIsNamed) {
  MemoryFileSystem files = sharded();
  files.contents("m/2.safetensors").resize(40);
  EXPECT_EQ(failure_to_open(files),
            "corrupt: m/2.safetensors: header length at byte 0: got 112, want at most 32; hint: the "
            "file is truncated or no safetensors file");
}

TEST(Checkpoint, ShardsHoldJustWhatTheIndexGivesThem) {
  const std::pair<const char*, const char*> cases[] = {
      // A file that is not there, and one that is a folder.
      {R"({"weight_map": {"a": "1.safetensors", "b": "3.safetensors"}})",
       "not_found: m/model.safetensors.index.json: names the file 3.safetensors, which is not there; hint: download the "
       "missing shard"},
      {R"({"weight_map": {"a": "1.safetensors", "b": "folder"}})",
       "not_found: m/model.safetensors.index.json: names the file folder, which is not there; hint: download the missing "
       "shard"},
      {R"({"weight_map": {"a": "../1.safetensors"}})",
       R"(corrupt: m/model.safetensors.index.json: weight_map["a"]: got "../1.safetensors", want the name of a file in )"
       "the same folder"},
      // In the wrong shard.
      {R"({"weight_map": {"a": "1.safetensors", "b": "1.safetensors", "c": "2.safetensors"}})",
       "corrupt: m/1.safetensors: tensor b is missing, but model.safetensors.index.json places it here; hint: the shards "
       "belong to different models, or one is damaged"},
      // Nowhere.
      {R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors", "d": "2.safetensors"}})",
       "corrupt: m/2.safetensors: tensor d is missing, but model.safetensors.index.json places it here; hint: the shards "
       "belong to different models, or one is damaged"},
      // Not in the index.
      {R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}})",
       "corrupt: m/2.safetensors: tensor c is not in model.safetensors.index.json for this file"},
  };
  for (const auto& [index, want] : cases) {
    MemoryFileSystem files = sharded();
    files.make_directories("m/folder");
    files.contents(kIndexPath) = index;
    EXPECT_EQ(failure_to_open(files), want);
  }
}

TEST(Checkpoint, ATensorInTwoShardsIsRefused) {
  MemoryFileSystem files = sharded();
  files.contents("m/1.safetensors") = safetensors_text({{"a", "F16", {2}, "aaAA"}, {"b", "U8", {3}, "old"}});
  EXPECT_EQ(failure_to_open(files),
            "corrupt: m/1.safetensors: tensor b is not in model.safetensors.index.json for this file");
}

}  // namespace
}  // namespace cortland
