#include "text/tokenizer.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/detokenizer.h"
#include "text/sections.h"
#include "text/tokenizer_compiler.h"
#include "text/tokenizer_golden.h"
#include "text/utf8_prefix.h"

namespace cortland::text {
namespace {

using portable::JsonValue;
using portable::Result;

// A tokenizer with the bytes it refers to.
struct Loaded {
  std::string image;
  std::optional<Tokenizer> tokenizer;

  explicit Loaded(std::string_view json, std::string_view config = "") {
    Result<std::string> compiled = compile_tokenizer(json, config);
    EXPECT_TRUE(compiled) << compiled.message();
    if (!compiled) return;
    image = std::move(*compiled);
    Result<Tokenizer> loaded = Tokenizer::load(as_bytes(image));
    EXPECT_TRUE(loaded) << loaded.message();
    if (loaded) tokenizer = std::move(*loaded);
  }
};

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CORTLAND_TEST_DATA "/golden/text/tokenizers")) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names.size(), 20u);
  return names;
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  std::string file(const std::string& name) const { return "tokenizers/" + GetParam() + "/" + name; }
  Loaded loaded_{golden_text(file("tokenizer.json"))};
  const Tokenizer& tokenizer() const { return *loaded_.tokenizer; }
};

std::vector<int32_t> encode(const Tokenizer& tokenizer, const std::string& text, const EncodeOptions& options = {}) {
  const Result<std::vector<int32_t>> ids = tokenizer.encode(text, options);
  EXPECT_TRUE(ids) << ids.message();
  return ids ? *ids : std::vector<int32_t>();
}

TEST_P(Golden, Cases) {
  ASSERT_TRUE(loaded_.tokenizer);
  for (const JsonValue& line : golden_lines(file("cases.jsonl"))) {
    const std::string& text = *line.find("text")->text();
    SCOPED_TRACE(testing::PrintToString(text));
    const std::vector<int32_t> ids = ids_of(*line.find("ids"));
    const std::vector<int32_t> special = ids_of(*line.find("ids_special"));
    ASSERT_EQ(encode(tokenizer(), text), ids);
    ASSERT_EQ(encode(tokenizer(), text, {.add_special_tokens = true}), special);
    const JsonValue* plain = line.find("ids_plain");
    ASSERT_EQ(encode(tokenizer(), text, {.special_text = SpecialText::kPlain}), plain == nullptr ? ids : ids_of(*plain));

    const std::vector<std::string> tokens = texts_of(*line.find("tokens"));
    ASSERT_EQ(tokens.size(), ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      // The reference gives the text instead where an added token has swallowed white space or a character is unknown.
      const std::optional<int32_t> id = tokenizer().id(tokens[i]);
      if (!id) continue;
      ASSERT_EQ(*id, ids[i]);
      ASSERT_EQ(tokenizer().token(ids[i]), tokens[i]);
    }
    const std::string& decoded = *line.find("decoded")->text();
    ASSERT_EQ(tokenizer().decode(ids, {.skip_special_tokens = false}), decoded);
    ASSERT_EQ(tokenizer().decode(ids), *line.find("decoded_skip")->text());
    const JsonValue* with_special = line.find("decoded_special");
    ASSERT_EQ(tokenizer().decode(special, {.skip_special_tokens = false}),
              with_special == nullptr ? decoded : *with_special->text());
  }
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

size_t count_replacements(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(kReplacementText, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

// Where a run of byte tokens was spoiled, the reference has U+FFFD for every byte, and a stream keeps what it has shown.
std::string spoil_kept_characters(const std::string& shown, std::string_view full) {
  std::string text;
  for (size_t at = 0; at < shown.size();) {
    const std::string_view character = std::string_view(shown).substr(at, utf8_size(shown[at]));
    at += character.size();
    const bool is_kept = full.substr(text.size()).starts_with(kReplacementText) && character != kReplacementText;
    if (!is_kept) text += character;
    for (size_t i = 0; is_kept && i < character.size(); ++i) text += kReplacementText;
  }
  return text;
}

TEST_P(Golden, Stream) {
  ASSERT_TRUE(loaded_.tokenizer);
  for (const JsonValue& line : golden_lines(file("stream.jsonl"))) {
    const std::string& full = *line.find("full")->text();
    SCOPED_TRACE(testing::PrintToString(full));
    const bool skip = *line.find("skip_special")->boolean();
    DetokenizerStream stream(tokenizer(), {.skip_special_tokens = skip});
    std::vector<std::string> pieces;
    for (const int32_t id : ids_of(*line.find("ids"))) pieces.push_back(stream.push(id));
    pieces.push_back(stream.finish());

    ASSERT_EQ(tokenizer().decode(ids_of(*line.find("ids")), {.skip_special_tokens = skip}), full);
    if (line.find("retracts") != nullptr) {
      ASSERT_NE(joined(pieces), full);
      ASSERT_EQ(spoil_kept_characters(joined(pieces), full), full);
      continue;
    }
    ASSERT_EQ(joined(pieces), full);
    if (!*line.find("broken")->boolean()) {
      ASSERT_EQ(count_replacements(full), 0u);
    }
    ASSERT_EQ(pieces, texts_of(*line.find("pieces")));
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizer, Golden, testing::ValuesIn(golden_names()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace cortland::text
