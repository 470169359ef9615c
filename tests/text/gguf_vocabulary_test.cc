#include "text/gguf_vocabulary.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/loaded_tokenizer.h"
#include "text/tokenizer_golden.h"

namespace cortland::text {
namespace {

using portable::JsonValue;

std::string failure(const GgufVocabulary& vocabulary) {
  const portable::Result<std::string> image = compile_gguf_vocabulary(vocabulary);
  return image ? "" : image.message();
}

// What a converter to GGUF makes of tokenizer.json.
GgufVocabulary convert(const JsonValue& json, const std::string& model, const std::string& pre) {
  GgufVocabulary vocabulary{.model = model, .pre = pre};
  const auto put = [&](int64_t id, const std::string& token, int32_t type) {
    const auto index = static_cast<size_t>(id);
    if (index >= vocabulary.tokens.size()) {
      vocabulary.tokens.resize(index + 1);
      vocabulary.token_type.resize(index + 1, 5);
    }
    vocabulary.tokens[index] = token;
    vocabulary.token_type[index] = type;
  };
  for (const auto& [token, id] : *json.find("model")->find("vocab")->object()) {
    put(*id.integer(), token, token.starts_with("<0x") && token.size() == 6 ? 6 : 1);
  }
  for (const JsonValue& added : *json.find("added_tokens")->array()) {
    put(*added.find("id")->integer(), *added.find("content")->text(), *added.find("special")->boolean() ? 3 : 4);
  }
  std::map<std::string, float> scores;
  for (const JsonValue& merge : *json.find("model")->find("merges")->array()) {
    const std::string& left = *(*merge.array())[0].text();
    const std::string& right = *(*merge.array())[1].text();
    vocabulary.merges.push_back(left + " " + right);
    scores.try_emplace(left + right, -static_cast<float>(scores.size()));
  }
  if (model == "llama") {
    vocabulary.merges.clear();
    for (const std::string& token : vocabulary.tokens) {
      vocabulary.scores.push_back(scores.contains(token) ? scores[token] : -1e6f);
    }
  }
  return vocabulary;
}

struct Case {
  std::string name, model, pre;
  std::optional<int32_t> bos;
};

class GgufGolden : public testing::TestWithParam<Case> {};

TEST_P(GgufGolden, GivesTheIdsOfTokenizerJson) {
  const std::string folder = "tokenizers/" + GetParam().name + "/";
  const JsonValue json = *portable::parse_json(golden_text(folder + "tokenizer.json"));
  GgufVocabulary vocabulary = convert(json, GetParam().model, GetParam().pre);
  vocabulary.bos_token_id = GetParam().bos;
  const LoadedTokenizer tokenizer = LoadedTokenizer::of(compile_gguf_vocabulary(vocabulary));
  ASSERT_TRUE(tokenizer);
  for (const JsonValue& line : golden_lines(folder + "cases.jsonl")) {
    const std::string& text = *line.find("text")->text();
    SCOPED_TRACE(testing::PrintToString(text));
    ASSERT_EQ(tokenizer.encode(text), ids_of(*line.find("ids")));
    ASSERT_EQ(tokenizer.encode(text, {.add_special_tokens = true}), ids_of(*line.find("ids_special")));
    ASSERT_EQ(tokenizer->decode(ids_of(*line.find("ids"))), *line.find("decoded_skip")->text());
  }
}

INSTANTIATE_TEST_SUITE_P(Gguf, GgufGolden,
                         testing::Values(Case{"gpt2", "gpt2", "gpt-2", {}}, Case{"qwen2", "gpt2", "qwen2", {}},
                                         Case{"llama3", "gpt2", "llama-bpe", 1920},
                                         Case{"superword", "gpt2", "exaone-moe", {}},
                                         Case{"o200k", "gpt2", "gpt-4o", {}},
                                         Case{"digits_bytelevel", "gpt2", "exaone", {}},
                                         Case{"falcon", "gpt2", "falcon", {}}, Case{"llama2", "llama", "", 1}),
                         [](const auto& param) { return param.param.name; });

TEST(Gguf, NamesWhatIsWrong) {
  EXPECT_EQ(failure({.model = "bert"}), "GGUF: tokenizer.ggml.model; got \"bert\", want \"gpt2\" or \"llama\"");
  EXPECT_THAT(failure({.model = "gpt2", .pre = "mine"}),
              testing::StartsWith("GGUF: tokenizer.ggml.pre; got \"mine\", want one of default, gpt-2, "));
  EXPECT_EQ(failure({.model = "gpt2", .tokens = {"a"}, .token_type = {1, 1}}),
            "GGUF: tokenizer.ggml.token_type; got 2 items, want 1");
  EXPECT_EQ(failure({.model = "gpt2", .tokens = {"a", "b"}, .merges = {"a b"}}),
            "GGUF: tokenizer.ggml.merges[0]: want two tokens that are one together");
  EXPECT_EQ(failure({.model = "llama", .tokens = {"a"}}), "GGUF: tokenizer.ggml.scores: missing");
  EXPECT_EQ(failure({.model = "llama", .tokens = {"a"}, .scores = {NAN}}),
            "GGUF: tokenizer.ggml.scores: want finite numbers");
  EXPECT_EQ(failure({.model = "llama", .tokens = {"a"}, .scores = {0}, .unknown_token_id = 5}),
            "GGUF: tokenizer.ggml.unknown_token_id; got 5, want the id of a token");
  EXPECT_EQ(failure({.model = "gpt2", .tokens = {"\xFF"}}), "GGUF: tokenizer.ggml.tokens[0]: want well-formed UTF-8");
}

TEST(Gguf, AddsEosWhenTheFileSaysSo) {
  const LoadedTokenizer tokenizer = LoadedTokenizer::of(compile_gguf_vocabulary(
      {.model = "gpt2", .tokens = {"a", "</s>"}, .token_type = {1, 3}, .eos_token_id = 1, .add_eos_token = true}));
  EXPECT_THAT(tokenizer.encode("a", {.add_special_tokens = true}), testing::ElementsAre(0, 1));
}

}  // namespace
}  // namespace cortland::text
