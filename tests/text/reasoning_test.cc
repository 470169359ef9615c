#include "text/reasoning.h"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace cortland::text {
namespace {

using Options = ReasoningSplitter::Options;
using Parts = std::pair<std::string, std::string>;  // reasoning, answer

// All of it, added in pieces that end at these places.
Parts split(const std::string& text, Options options, const std::vector<size_t>& cuts) {
  ReasoningSplitter splitter(std::move(options));
  Parts parts;
  const auto keep = [&](const ReasoningSplitter::Pieces& pieces) {
    parts.first += pieces.reasoning;
    parts.second += pieces.answer;
  };
  size_t begin = 0;
  for (const size_t end : cuts) {
    keep(splitter.add(text.substr(begin, end - begin)));
    begin = end;
  }
  keep(splitter.add(text.substr(begin)));
  keep(splitter.finish());
  return parts;
}

Parts split(const std::string& text, const Options& options = {}) { return split(text, options, {}); }

TEST(Reasoning, OpenedByTheModel) {
  EXPECT_EQ(split("<think>\nwhy\n</think>\n\nYo"), Parts("why", "Yo"));
  EXPECT_EQ(split("\n <think>why</think>Yo </think> <think>"), Parts("why", "Yo </think> <think>"));
}

TEST(Reasoning, OpenedByThePrompt) {
  EXPECT_EQ(split("why\n\nmore\n</think>\n\nYo\n", {.is_open = true}), Parts("why\n\nmore", "Yo\n"));
  EXPECT_EQ(split("</think>Yo", {.is_open = true}), Parts("", "Yo"));
}

TEST(Reasoning, NoneAtAll) {
  EXPECT_EQ(split(" Yo <think>no</think>"), Parts("", " Yo <think>no</think>"));
  EXPECT_EQ(split("<thin"), Parts("", "<thin"));
  EXPECT_EQ(split(" \n"), Parts("", " \n"));
  EXPECT_EQ(split(""), Parts("", ""));
}

TEST(Reasoning, CutOff) {
  EXPECT_EQ(split("why </thi", {.is_open = true}), Parts("why </thi", ""));
  EXPECT_EQ(split("why \n", {.is_open = true}), Parts("why \n", ""));
}

TEST(Reasoning, OtherTags) {
  const Options options{.open = "[a]", .close = "[/a]", .is_open = false};
  EXPECT_EQ(split("[a]x <think> [[/a]y", options), Parts("x <think> [", "y"));
}

TEST(Reasoning, PieceSizesDoNotMatter) {
  const std::string text = "<think>\n<<//think </thin> 한글\n\n</think>\n\n Yo <think> </think>\n";
  const Parts whole = split(text);
  EXPECT_EQ(whole, Parts("<<//think </thin> 한글", "Yo <think> </think>\n"));
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<size_t> cuts;
    for (size_t i = 1; i < text.size(); ++i) {
      if (random() % 3 == 0) cuts.push_back(i);
    }
    ASSERT_EQ(split(text, {}, cuts), whole) << testing::PrintToString(cuts);
  }
}

TEST(Reasoning, ShowsNoPartOfATag) {
  ReasoningSplitter splitter({.is_open = true});
  EXPECT_EQ(splitter.add("so </").reasoning, "so");
  EXPECT_TRUE(splitter.is_reasoning());
  EXPECT_EQ(splitter.add("b> ok").reasoning, " </b> ok");
  EXPECT_EQ(splitter.add("\n</thin").reasoning, "");
  const auto last = splitter.add("k>\nA");
  EXPECT_EQ(last.reasoning, "");
  EXPECT_EQ(last.answer, "A");
  EXPECT_FALSE(splitter.is_reasoning());
}

TEST(Reasoning, ShowsTextAtOnceWhenItCanBeNoTag) {
  ReasoningSplitter splitter({.is_open = true});
  EXPECT_EQ(splitter.add("a <").reasoning, "a");
  EXPECT_EQ(splitter.add("b").reasoning, " <b");
}

TEST(Reasoning, LooksAtThePrompt) {
  EXPECT_TRUE(ReasoningSplitter::is_opened_by("[|assistant|]\n<think>\n", {}));
  EXPECT_FALSE(ReasoningSplitter::is_opened_by("[|assistant|]\n<think>\n\n</think>\n\n", {}));
  EXPECT_FALSE(ReasoningSplitter::is_opened_by("<think> x", {}));
  EXPECT_FALSE(ReasoningSplitter::is_opened_by("\n", {}));
}

}  // namespace
}  // namespace cortland::text
