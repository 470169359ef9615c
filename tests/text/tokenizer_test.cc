#include "text/tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/detokenizer.h"
#include "text/loaded_tokenizer.h"
#include "text/tokenizer_golden.h"
#include "text/utf8_prefix.h"

namespace cortland::text {
namespace {

using portable::JsonValue;
using portable::Result;

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
  const LoadedTokenizer loaded_{golden_text(file("tokenizer.json"))};
  const Tokenizer& tokenizer() const { return *loaded_; }
};

TEST_P(Golden, Cases) {
  ASSERT_TRUE(loaded_);
  for (const JsonValue& line : golden_lines(file("cases.jsonl"))) {
    const std::string& text = *line.find("text")->text();
    SCOPED_TRACE(testing::PrintToString(text));
    const std::vector<int32_t> ids = ids_of(*line.find("ids"));
    const std::vector<int32_t> special = ids_of(*line.find("ids_special"));
    ASSERT_EQ(loaded_.encode(text), ids);
    ASSERT_EQ(loaded_.encode(text, {.add_special_tokens = true}), special);
    const JsonValue* plain = line.find("ids_plain");
    ASSERT_EQ(loaded_.encode(text, {.special_text = SpecialText::kPlain}),
              plain == nullptr ? ids : ids_of(*plain));

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

// Where a run of byte tokens was spoiled, the reference has U+FFFD for every byte, and a stream keeps what it has
// shown.
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
  ASSERT_TRUE(loaded_);
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

// Bytes are broken one at a time, more of them where the offsets are.
TEST_P(Golden, DamagedImagesDoNoHarm) {
  ASSERT_TRUE(loaded_);
  const std::string& image = loaded_.image();
  size_t refused = 0;
  for (size_t at = 0; at < image.size(); at = at * 5 / 4 + 5) {
    for (const bool cut : {true, false}) {
      std::string broken = cut ? image.substr(0, at) : image;
      if (!cut) broken[at] = static_cast<char>(broken[at] ^ (at % 2 == 0 ? 0xFF : 0x11));
      const Result<Tokenizer> loaded = Tokenizer::load(as_bytes(broken));
      refused += !loaded;
      if (!loaded) continue;
      const Result<std::vector<int32_t>> ids =
          loaded->encode("Hello  world <s>!\n가나다 123 \u2581x", {.add_special_tokens = true});
      if (ids) loaded->decode(*ids);
    }
  }
  EXPECT_GT(refused, 25u);
}

INSTANTIATE_TEST_SUITE_P(Tokenizer, Golden, testing::ValuesIn(golden_names()),
                         [](const auto& param) { return param.param; });

TEST(Tokenizer, RefusesTextThatIsNone) {
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[]}})");
  EXPECT_EQ(tokenizer->encode("a\xFF").message(), "text: want well-formed UTF-8");
  EXPECT_TRUE(tokenizer.encode("").empty());
  EXPECT_TRUE(tokenizer.encode("b").empty());
}

TEST(Tokenizer, SaysThatACharacterIsUnknown) {
  const LoadedTokenizer unigram(R"({"model":{"type":"Unigram","vocab":[["a",-1]]}})");
  const std::string message =
      "text: a character is not in the vocabulary, and the tokenizer has no token for unknown ones";
  EXPECT_EQ(unigram->encode("ab").message(), message);
  const LoadedTokenizer bpe(R"({"model":{"type":"BPE","unk_token":"<unk>","vocab":{"a":0},"merges":[]}})");
  EXPECT_EQ(bpe->encode("ab").message(), message);
}

TEST(Tokenizer, SeveralThreadsMayShareOne) {
  const LoadedTokenizer tokenizer(golden_text("tokenizers/qwen2/tokenizer.json"));
  const std::string text = "Hello world, 안녕하세요! Hello again.";
  const std::vector<int32_t> want = tokenizer.encode(text);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) count += tokenizer.encode(text) != want;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

// A piece of any length takes the way of a queue; a short one is searched. Both must merge alike.
TEST(Tokenizer, LongPiecesAreMergedLikeShortOnes) {
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"aa":2,"ab":3,"aab":4,"aaaa":5},
      "merges":["a a","a b","aa b","aa aa"]}})");
  const std::string unit = "aabababaab";
  const std::vector<int32_t> few = tokenizer.encode(unit + "b");
  std::string text;
  for (int i = 0; i < 10000; ++i) text += unit + "b";
  std::vector<int32_t> many;
  for (int i = 0; i < 10000; ++i) many.insert(many.end(), few.begin(), few.end());
  EXPECT_EQ(tokenizer.encode(text), many);
}

TEST(Tokenizer, CutsBeforeTheSpaceCharacterOnlyWhereNoTokenCrosses) {
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"\u2581":2,"\u2581a":3,"b\u2581":4,
      "b\u2581a":5},"merges":["\u2581 a","b \u2581","b\u2581 a","b \u2581a"]}})");
  EXPECT_THAT(tokenizer.encode("a\u2581ab\u2581a\u2581\u2581b"), testing::ElementsAre(0, 3, 5, 2, 2, 1));
}

TEST(Tokenizer, TokensInWhiteSpaceThatAnotherSwallowedAreFoundAgain) {
  const LoadedTokenizer tokenizer(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[
      {"id":1,"content":"<x>","rstrip":true},{"id":2,"content":"\t"}]})");
  EXPECT_THAT(tokenizer.encode("<x> \t a"), testing::ElementsAre(1, 2, 0));
  EXPECT_EQ(tokenizer.encode(std::string(200000, '\t')).size(), 200000u);
}

}  // namespace
}  // namespace cortland::text
