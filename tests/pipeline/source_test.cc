#include "pipeline/source.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/failure.h"
#include "base/memory_file.h"
#include "support/golden.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

// The config of a golden checkpoint in a folder of its own.
MemoryFileSystem folder(std::string_view generation = {}) {
  MemoryFileSystem files;
  write_file(files, "m/config.json", disk().read_text(load_golden("exaone4-full").folder + "/config.json"));
  if (!generation.empty()) write_file(files, "m/generation_config.json", generation);
  return files;
}

TEST(Source, GenerationConfigDecidesWhereTextEnds) {
  const ModelSpec plain = read_config(folder(), "m");
  const ModelSpec spec = read_config(folder(R"({"eos_token_id": [7, 8]})"), "m");
  EXPECT_EQ(spec.eos, (std::vector<int64_t>{7, 8}));
  EXPECT_NE(plain.eos, spec.eos);
  EXPECT_EQ(plain.bos, spec.bos);
}

TEST(Source, HasANameEvenWhereThePathHasNone) {
  EXPECT_EQ(source_name("a/demo"), "demo");
  EXPECT_EQ(source_name("./demo///"), "demo");
  EXPECT_EQ(source_name("org/name-1.2B"), "name-1.2B");
  EXPECT_EQ(source_name("org/name-1.2B@refs/pr/1"), "name-1.2B");
  const std::string here = std::filesystem::current_path().filename().string();
  EXPECT_EQ(source_name("."), here);
  EXPECT_EQ(source_name("./"), here);
  EXPECT_EQ(source_name("no/such/demo/."), "demo");
  EXPECT_EQ(source_name("no/demo/such/.."), "demo");
}

TEST(Source, SaysWhatIsWrongWithAFolder) {
  EXPECT_EQ(failure([] { read_config(folder("{"), "m"); }).substr(0, 44),
            "corrupt: m/generation_config.json: not valid");
  EXPECT_EQ(
      failure([] { read_config(folder(), "m/config.json"); }),
      "corrupt: m/config.json: is a file; want the folder of a Hugging Face checkpoint, or a file whose name ends in .gguf");
  EXPECT_EQ(failure([] { locate_source(folder(), ""); }),
            "invalid: checkpoint: the name is empty; want a folder or a Hub id");
  EXPECT_EQ(
      failure([] { locate_source(folder(), "no/such/folder"); }),
      "not_found: no/such/folder: there is no such folder or file; want a Hugging Face checkpoint or a GGUF file");
  MemoryFileSystem empty;
  write_file(empty, "m/README.md", "");
  EXPECT_EQ(failure([&] { read_config(empty, "m"); }),
            "not_found: m/config.json: there is no such file; want the folder of a Hugging Face checkpoint");
}

}  // namespace
}  // namespace cortland
