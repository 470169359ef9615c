#include "text/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/sections.h"

namespace cortland::text {
namespace {

using portable::Result;

std::string example() {
  static const std::string kTokenizer = "image";
  return write_text_file({.tokenizer = as_bytes(kTokenizer),
                          .chat_template = "{{ messages }}안녕",
                          .special_tokens = {{"eos", 361, "[|endofturn|]"}, {"bos", 1, "[BOS]"}, {"eos", 2, "</s>"}},
                          .generation = {{"top_p", {0.95}}, {"eos_token_id", {361, 2}}},
                          .name = "A model"});
}

TEST(TextFile, ComesBack) {
  const std::string bytes = example();
  const Result<TextFile> file = read_text_file(as_bytes(bytes));
  ASSERT_TRUE(file) << file.message();
  EXPECT_EQ(as_text(file->tokenizer), "image");
  EXPECT_EQ(file->chat_template, "{{ messages }}안녕");
  EXPECT_THAT(file->special_tokens, testing::ElementsAre(TextFile::SpecialToken{"bos", 1, "[BOS]"},
                                                         TextFile::SpecialToken{"eos", 361, "[|endofturn|]"},
                                                         TextFile::SpecialToken{"eos", 2, "</s>"}));
  EXPECT_THAT(file->generation, testing::ElementsAre(TextFile::Setting{"eos_token_id", {361, 2}},
                                                     TextFile::Setting{"top_p", {0.95}}));
  ASSERT_NE(file->find_setting("top_p"), nullptr);
  EXPECT_THAT(file->find_setting("top_p")->values, testing::ElementsAre(0.95));
  EXPECT_EQ(file->find_setting("top_k"), nullptr);
  EXPECT_EQ(file->name, "A model");
}

TEST(TextFile, IsTheSameBytesAgain) {
  EXPECT_EQ(example(), example());
  EXPECT_EQ(example().substr(0, 16), std::string("CTXT\1\0\0\0\5\0\0\0\0\0\0\0", 16));
}

TEST(TextFile, NeedsOnlyTheTokenizer) {
  const std::string bytes = write_text_file({.tokenizer = as_bytes("x")});
  const Result<TextFile> file = read_text_file(as_bytes(bytes));
  ASSERT_TRUE(file) << file.message();
  EXPECT_EQ(file->chat_template, "");
  EXPECT_TRUE(file->generation.empty());
  const std::string none = write_text_file({});
  EXPECT_EQ(read_text_file(as_bytes(none)).message(), "text file: section 1 is missing or damaged");
}

TEST(TextFile, NamesWhatIsWrong) {
  std::string bytes = example();
  bytes[4] = 9;
  EXPECT_EQ(read_text_file(as_bytes(bytes)).message(),
            "text file: format version; got 9, want 1; hint: convert the model again");
  bytes = example();
  bytes[0] = 'X';
  EXPECT_EQ(read_text_file(as_bytes(bytes)).message(),
            "text file: this is another kind of file, or its first bytes are damaged");
  bytes = example();
  bytes[bytes.find("messages")] = '\xFF';
  EXPECT_EQ(read_text_file(as_bytes(bytes)).message(), "text file: section 2 is missing or damaged");
}

TEST(TextFile, SurvivesEveryCutAndEveryBrokenByte) {
  const std::string bytes = example();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(read_text_file(as_bytes(cut))) << size;
  }
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0xFF);
    refused += !read_text_file(as_bytes(broken));
  }
  EXPECT_GT(refused, 150u);
}

}  // namespace
}  // namespace cortland::text
