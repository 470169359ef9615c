#include "text/tokenizer/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cortland::text {
namespace {

using Made = portable::Result<std::unique_ptr<const PreTokenizer>>;
using Strings = std::vector<std::string>;

Made make(const std::string& json) {
  const auto value = portable::parse_json(json);
  EXPECT_TRUE(value) << json;
  return make_pre_tokenizer(value ? *value : portable::JsonValue(), "tokenizer.json: pre_tokenizer");
}

std::string failure_of(const std::string& json) {
  const Made made = make(json);
  return made ? "no failure" : made.message();
}

Strings strings_of(const Pieces& pieces) {
  Strings strings;
  for (const Pieces::Range& range : pieces.ranges) {
    strings.push_back(pieces.text.substr(range.begin, range.end - range.begin));
  }
  return strings;
}

Strings cut(const std::string& json, Pieces pieces) {
  const Made made = make(json);
  if (!made) return {made.message()};
  (*made)->split(pieces);
  return strings_of(pieces);
}

Strings cut(const std::string& json, const std::string& text) { return cut(json, whole_piece(text, true)); }

TEST(PreTokenizer, NullIsNone) {
  const Made made = make("null");
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, nullptr);
}

TEST(PreTokenizer, NoTextHasNoPieces) {
  for (const char* json : {R"({"type":"ByteLevel"})", R"({"type":"Metaspace","replacement":"_"})",
                           R"({"type":"Whitespace"})", R"({"type":"FixedLength"})", R"({"type":"UnicodeScripts"})"}) {
    EXPECT_EQ(cut(json, ""), Strings{}) << json;
  }
}

TEST(PreTokenizer, ObjectsWithoutTypeAreKnownByTheirMembers) {
  EXPECT_EQ(cut(R"({"add_prefix_space":true,"trim_offsets":true})", "a b"), (Strings{"Ġa", "Ġb"}));
  EXPECT_EQ(cut(R"({"individual_digits":true})", "a12"), (Strings{"a", "1", "2"}));
  EXPECT_EQ(cut(R"({"pattern":{"String":"b"},"behavior":"Removed","invert":false})", "abc"), (Strings{"a", "c"}));
  EXPECT_EQ(cut(R"({"delimiter":"한"})", "a한b"), (Strings{"a", "b"}));
  EXPECT_EQ(cut(R"({"pretokenizers":[{"type":"WhitespaceSplit"},{"behavior":"Isolated"}]})", "a b."),
            (Strings{"a", "b", "."}));
}

TEST(PreTokenizer, MetaspaceOfOldFiles) {
  EXPECT_EQ(cut(R"({"type":"Metaspace","replacement":"_","add_prefix_space":false})", "a b"), (Strings{"a", "_b"}));
  EXPECT_EQ(cut(R"({"type":"Metaspace","replacement":"_","str_rep":"_","add_prefix_space":true})", "a b"),
            (Strings{"_a", "_b"}));
  EXPECT_EQ(cut(R"({"replacement":"_"})", "a b"), (Strings{"_a", "_b"}));
  EXPECT_EQ(cut(R"({"replacement":"_","prepend_scheme":"never","add_prefix_space":true})", "a"), Strings{"a"});
}

TEST(PreTokenizer, MetaspaceFirstKnowsWhereTheInputBegins) {
  const std::string json = R"({"type":"Metaspace","replacement":"_","prepend_scheme":"first"})";
  EXPECT_EQ(cut(json, whole_piece("a b", true)), (Strings{"_a", "_b"}));
  EXPECT_EQ(cut(json, whole_piece("a b", false)), (Strings{"a", "_b"}));
  const std::string words = R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},)" + json + "]}";
  EXPECT_EQ(cut(words, "a b"), (Strings{"_a", "b"}));
  EXPECT_EQ(cut(words, " a b"), (Strings{"a", "b"})) << "the first word is not at the beginning";
  const std::string bytes = R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
      {"type":"ByteLevel","add_prefix_space":false,"use_regex":false},)" + json + "]}";
  EXPECT_EQ(cut(bytes, " a b"), (Strings{"a", "b"})) << "nor is it when the space in front is gone";
  EXPECT_EQ(cut(bytes, "a b"), (Strings{"_a", "b"}));
}

TEST(PreTokenizer, EveryBehaviour) {
  const std::pair<const char*, Strings> cases[] = {
      {"Removed", {"a", "b", "c"}},
      {"Isolated", {"a", "-", "-", "b", "-", "c"}},
      {"MergedWithPrevious", {"a-", "-", "b-", "c"}},
      {"MergedWithNext", {"a", "-", "-b", "-c"}},
      {"Contiguous", {"a", "--", "b", "-", "c"}}};
  for (const auto& [behavior, want] : cases) {
    const std::string json = R"({"type":"Split","pattern":{"String":"-"},"invert":false,"behavior":")";
    EXPECT_EQ(cut(json + behavior + "\"}", "a--b-c"), want) << behavior;
  }
}

TEST(PreTokenizer, PiecesAreCutOnTheirOwn) {
  // Look-behind must not see the piece before.
  EXPECT_EQ(cut(R"({"type":"Sequence","pretokenizers":[
                   {"type":"Split","pattern":{"String":"-"},"behavior":"Isolated","invert":false},
                   {"type":"Split","pattern":{"Regex":"(?<=-)b|^c"},"behavior":"Removed","invert":false}]})",
                "a-b-c"),
            (Strings{"a", "-", "b", "-"}));
}

TEST(PreTokenizer, FixedLengthCountsCharacters) {
  EXPECT_EQ(cut(R"({"type":"FixedLength","length":2})", "한국어ab"), (Strings{"한국", "어a", "b"}));
  EXPECT_EQ(cut(R"({"type":"FixedLength"})", "abcdef"), (Strings{"abcde", "f"}));
}

TEST(PreTokenizer, FailuresNameThePath) {
  const std::string where = "tokenizer.json: pre_tokenizer";
  const std::string types = "ByteLevel, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, Metaspace, "
                            "CharDelimiterSplit, FixedLength, BertPreTokenizer, UnicodeScripts, Sequence";
  EXPECT_EQ(failure_of("[]"), where + ": got a list, want an object");
  EXPECT_EQ(failure_of("{}"), where + ".type: missing");
  EXPECT_EQ(failure_of(R"({"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Foo"}]})"),
            where + ".pretokenizers[1].type: got \"Foo\", want one of " + types);
  EXPECT_EQ(failure_of(R"({"type":"Split","pattern":{"Regex":"\\1"},"behavior":"Isolated","invert":false})"),
            where + ".pattern: regular expression, byte 0: back-references are not supported");
  EXPECT_EQ(failure_of(R"({"type":"Split","pattern":{"String":"a"},"behavior":"isolated","invert":false})"),
            where + ".behavior: got \"isolated\", want one of Removed, Isolated, MergedWithPrevious, MergedWithNext, "
                    "Contiguous");
  EXPECT_EQ(failure_of(R"({"type":"Metaspace","replacement":"ab"})"),
            where + ".replacement: got \"ab\", want one character");
  EXPECT_EQ(failure_of(R"({"type":"Metaspace","replacement":"_","prepend_scheme":"x"})"),
            where + ".prepend_scheme: got \"x\", want one of always, first, never");
  EXPECT_EQ(failure_of(R"({"type":"CharDelimiterSplit","delimiter":""})"),
            where + ".delimiter: got \"\", want one character");
  EXPECT_EQ(failure_of(R"({"type":"FixedLength","length":0})"),
            where + ".length: got 0, want an integer of at least 1");
  EXPECT_EQ(failure_of(R"({"type":"ByteLevel","use_regex":1})"), where + ".use_regex: got 1, want true or false");
  EXPECT_EQ(failure_of(R"({"type":"Digits"})"), where + ".individual_digits: missing");
}

TEST(PreTokenizer, LongTextTakesNoLongTime) {
  const std::string letters(1'000'000, 'a');
  EXPECT_EQ(cut(R"({"type":"ByteLevel"})", letters), Strings{"Ġ" + letters});
  EXPECT_EQ(cut(R"({"type":"Whitespace"})", letters), Strings{letters});
  EXPECT_EQ(cut(R"({"type":"Punctuation","behavior":"Contiguous"})", std::string(1'000'000, '!')).size(), 1u);
}

}  // namespace
}  // namespace cortland::text
