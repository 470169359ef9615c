#include "text/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/loaded_tokenizer.h"
#include "text/tokenizer_golden.h"

namespace cortland::text {
namespace {

using testing::ElementsAre;

const std::string kOpen = "\xEF\xB7\x90", kClose = "\xEF\xB7\x91";

// "<s>" and "</s>" are special, "[x]" is not; "<S>" becomes "<s>" by normalization only when that token allows it.
std::string tokenizer_json(bool normalized) {
  return R"({"model":{"type":"BPE","vocab":{"<":0,"s":1,">":2,"/":3,"a":4,"b":5,"ab":6," ":7,"[":8,"x":9,"]":10},
      "merges":["a b"]},"normalizer":{"type":"Lowercase"},"added_tokens":[
      {"id":11,"content":"<s>","special":true,"normalized":)" + std::string(normalized ? "true" : "false") + R"(},
      {"id":12,"content":"</s>","special":true,"lstrip":true,"rstrip":true,"normalized":false},
      {"id":13,"content":"[x]","special":false,"normalized":false}]})";
}

class Prompt : public testing::Test {
 protected:
  std::vector<int32_t> encode(const std::string& rendered) const {
    const auto ids = prompts_.encode(rendered);
    EXPECT_TRUE(ids) << ids.message();
    return ids ? *ids : std::vector<int32_t>();
  }

  LoadedTokenizer tokenizer_{tokenizer_json(false)};
  PromptEncoder prompts_{*tokenizer_};
};

TEST_F(Prompt, QuotesSpecialTokensOnly) {
  EXPECT_EQ(prompts_.quote("ab"), "ab");
  EXPECT_EQ(prompts_.quote(""), "");
  EXPECT_EQ(prompts_.quote("a<s>b[x]"), "a" + kOpen + "<s>" + kClose + "b[x]");
  EXPECT_EQ(prompts_.quote("<s><s>"), kOpen + "<s>" + kClose + kOpen + "<s>" + kClose);
  EXPECT_EQ(prompts_.quote("a </s> b"), "a" + kOpen + " </s> " + kClose + "b");
  EXPECT_EQ(prompts_.quote("<S>"), "<S>");
}

TEST_F(Prompt, QuotedTokensAreText) {
  EXPECT_THAT(encode("<s>" + prompts_.quote("a<s>b") + "</s>"), ElementsAre(11, 4, 0, 1, 2, 5, 12));
  EXPECT_THAT(encode("<s>a<s>b</s>"), ElementsAre(11, 4, 11, 5, 12));
  EXPECT_THAT(encode(prompts_.quote("[x]ab")), ElementsAre(13, 6));
  EXPECT_THAT(encode(""), ElementsAre());
}

TEST_F(Prompt, MarksInATextAreDropped) {
  EXPECT_EQ(prompts_.quote("<" + kOpen + "s>"), kOpen + "<s>" + kClose);
  EXPECT_EQ(prompts_.quote(kClose + "a" + kOpen), "a");
  EXPECT_THAT(encode(prompts_.quote(kClose + "<s>" + kOpen)), ElementsAre(0, 1, 2));
  EXPECT_EQ(PromptEncoder::unquote("<s>" + prompts_.quote("a<s>b")), "<s>a<s>b");
  EXPECT_EQ(PromptEncoder::unquote("\xEF\xB7"), "\xEF\xB7");
  EXPECT_EQ(PromptEncoder::unquote("\xEF\xB7\x92"), "\xEF\xB7\x92");
}

// As when a template cuts a text at a control token, or takes one out of it.
TEST_F(Prompt, PartedMarksQuoteNothingAndNoTokenReachesOverThem) {
  EXPECT_THAT(encode(kOpen + "a<s>"), ElementsAre(4, 11));
  EXPECT_THAT(encode("a" + kClose + "<s>"), ElementsAre(4, 11));
  EXPECT_THAT(encode("a" + kOpen + "<s>" + kOpen + "b" + kClose), ElementsAre(4, 11, 5));
  EXPECT_THAT(encode(kOpen + "a<s>b" + kClose), ElementsAre(4, 11, 5));
  EXPECT_THAT(encode("<" + kOpen + kClose + "s>"), ElementsAre(0, 1, 2));
  EXPECT_THAT(encode("a" + kClose + "b"), ElementsAre(4, 5));
}

TEST_F(Prompt, TextThatIsNotUtf8IsRefused) {
  EXPECT_EQ(prompts_.quote("\xFF<s>"), "\xFF<s>");
  const auto ids = prompts_.encode("a\xFF");
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.message(), "text: want well-formed UTF-8");
}

TEST_F(Prompt, QuotesEveryStringOfMessages) {
  const auto messages = portable::parse_json(
      R"([{"role": "<s>", "content": [{"type": "text", "text": "a<s>"}], "n": 1, "<s>": true, "none": null}])");
  ASSERT_TRUE(messages);
  const portable::JsonValue quoted = prompts_.quote(*messages);
  const portable::JsonValue& message = (*quoted.array())[0];
  EXPECT_EQ(*message.find("role")->text(), kOpen + "<s>" + kClose);
  EXPECT_EQ(*(*message.find("content")->array())[0].find("text")->text(), "a" + kOpen + "<s>" + kClose);
  EXPECT_EQ(*message.find("n")->integer(), 1);
  EXPECT_TRUE(*message.find(kOpen + "<s>" + kClose)->boolean());
  EXPECT_TRUE(message.find("none")->is_null());
}

TEST(PromptNormalized, TokensThatNormalizationMakesAreQuotedToo) {
  const LoadedTokenizer tokenizer(tokenizer_json(true));
  const PromptEncoder prompts(*tokenizer);
  EXPECT_EQ(prompts.quote("a<S>b"), kOpen + "a<S>b" + kClose);
  const auto ids = prompts.encode("<s>" + prompts.quote("a<S>b"));
  ASSERT_TRUE(ids) << ids.message();
  EXPECT_THAT(*ids, ElementsAre(11, 4, 0, 1, 2, 5));
}

// Quoted texts give no special token, whatever the tokenizer; and what holds none is encoded as without quotes.
TEST(PromptGolden, NoSpecialTokenComesFromAQuotedText) {
  const char* const names[] = {"llama3",      "llama2",   "llama2_legacy", "qwen2",
                               "added_flags", "deepseek", "unigram_nfkc"};
  for (const std::string name : names) {
    const LoadedTokenizer tokenizer(golden_text("tokenizers/" + name + "/tokenizer.json"));
    const PromptEncoder prompts(*tokenizer);
    size_t quoted = 0;
    for (const portable::JsonValue& line : golden_lines("tokenizers/" + name + "/cases.jsonl")) {
      const std::string& text = *line.find("text")->text();
      const std::string marked = prompts.quote(text);
      const auto ids = prompts.encode(marked);
      ASSERT_TRUE(ids) << ids.message();
      if (marked == text) {
        EXPECT_EQ(*ids, ids_of(*line.find("ids"))) << name << ": " << text;
        continue;
      }
      ++quoted;
      const auto unknown = tokenizer->id("<unk>");
      for (const int32_t id : *ids) EXPECT_FALSE(tokenizer->is_special(id) && id != unknown) << name << ": " << text;
    }
    EXPECT_GT(quoted, 0u) << name;
  }
}

}  // namespace
}  // namespace cortland::text
