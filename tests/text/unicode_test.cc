#include "text/unicode.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "text/code_point_table.h"
#include "text/grapheme.h"
#include "text/normal_form.h"
#include "text/unicode_tables.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

TEST(Unicode, Categories) {
  const std::pair<char32_t, Category> cases[] = {
      {U'A', Category::kLu}, {U'a', Category::kLl}, {U'ǅ', Category::kLt}, {U'ʰ', Category::kLm}, {U'한', Category::kLo},
      {0x301, Category::kMn}, {0x903, Category::kMc}, {0x20DD, Category::kMe}, {U'7', Category::kNd},
      {U'Ⅷ', Category::kNl},
      {U'½', Category::kNo}, {U'_', Category::kPc}, {U'–', Category::kPd}, {U'(', Category::kPs}, {U')', Category::kPe},
      {U'«', Category::kPi}, {U'»', Category::kPf}, {U'!', Category::kPo}, {U'+', Category::kSm}, {U'$', Category::kSc},
      {U'^', Category::kSk}, {U'©', Category::kSo}, {U' ', Category::kZs}, {0x2028, Category::kZl},
      {0x2029, Category::kZp}, {U'\n', Category::kCc}, {0xAD, Category::kCf}, {0xD800, Category::kCs},
      {0xE000, Category::kCo}, {0x378, Category::kCn}, {kMaxCodePoint, Category::kCn}, {0x110000, Category::kCn}};
  for (const auto& [code, want] : cases) EXPECT_EQ(category(code), want) << std::hex << static_cast<uint32_t>(code);
  EXPECT_EQ(category(0x10D40), Category::kNd) << "new in Unicode 16";
}

TEST(Unicode, HowManyOfEachKind) {
  size_t letters = 0, marks = 0, numbers = 0, punctuation = 0, white = 0;
  for (char32_t code = 0; code <= kMaxCodePoint; ++code) {
    letters += is_letter(code);
    marks += is_mark(code);
    numbers += is_numeric(code);
    punctuation += is_punctuation(code);
    white += is_white_space(code);
  }
  EXPECT_EQ(letters, 141028u);
  EXPECT_EQ(marks, 2501u);
  EXPECT_EQ(numbers, 1911u);
  EXPECT_EQ(punctuation, 855u);
  EXPECT_EQ(white, 25u);
}

TEST(Unicode, Words) {
  for (const char32_t code : {U'a', U'한', U'5', U'_', U'‿', U'Ⅷ', U'ⓐ', char32_t{0x301}, char32_t{0x200D}}) {
    EXPECT_TRUE(is_word(code)) << std::hex << static_cast<uint32_t>(code);
  }
  for (const char32_t code : {U' ', U'-', U'²', U'½', U'€', char32_t{0x200B}}) {
    EXPECT_FALSE(is_word(code)) << std::hex << static_cast<uint32_t>(code);
  }
}

TEST(Unicode, LowerCaseKnowsNoContext) {
  EXPECT_EQ(to_lower("HELLO Größe ΟΔΟΣ"), "hello größe οδοσ");
  EXPECT_EQ(to_lower("İ"), "i\u0307");
  EXPECT_EQ(to_lower("ẞ한ǅ"), "ß한ǆ");
  EXPECT_EQ(to_lower("\U00010D50"), "\U00010D70");
}

TEST(Unicode, EveryTableCoversAllCodePoints) {
  const std::pair<std::string_view, uint32_t> tables[] = {
      {kCategoryRuns, 32},      {kAgeRuns, 32},           {kScriptRuns, 256},       {kCombiningClassRuns, 256},
      {kGraphemeBreakRuns, 8}, {kOtherAlphabeticRuns, 2}, {kOtherUppercaseRuns, 2}, {kOtherLowercaseRuns, 2}};
  for (const auto& [table, width] : tables) {
    const auto runs = decode_runs(table, width);
    ASSERT_FALSE(runs.empty());
    EXPECT_EQ(runs.back().end, kMaxCodePoint + 1);
  }
  EXPECT_EQ(kUnicodeVersion, "16.0.0");
}

TEST(NormalForm, ComposesAndDecomposes) {
  EXPECT_EQ(normalize("e\u0301", NormalForm::kC), "é");
  EXPECT_EQ(normalize("é", NormalForm::kD), "e\u0301");
  EXPECT_EQ(normalize("각", NormalForm::kD), "\u1100\u1161\u11A8");
  EXPECT_EQ(normalize("\u1100\u1161\u11A8", NormalForm::kC), "각");
  EXPECT_EQ(normalize("가\u11A8", NormalForm::kC), "각");
  EXPECT_EQ(normalize("ﬁ①Å", NormalForm::kKc), "fi1Å");
  EXPECT_EQ(normalize("ﬁ①Å", NormalForm::kKd), "fi1A\u030A");
  EXPECT_EQ(normalize("\u2126", NormalForm::kC), "Ω") << "a singleton";
  EXPECT_EQ(normalize("\u0958", NormalForm::kC), "\u0915\u093C") << "an exclusion";
  EXPECT_EQ(normalize("a\u0315\u0300\u05AE\u0300b", NormalForm::kC), "\u00E0\u05AE\u0300\u0315b");
  EXPECT_EQ(normalize("\u0385", NormalForm::kKc), " \u0308\u0301") << "composed of what is compatible only";
  EXPECT_EQ(normalize("a\x80", NormalForm::kC), "a\uFFFD");
}

TEST(NormalForm, LongRunsOfMarksTakeNoLongTime) {
  std::string marks = "a", ordered = "à";
  for (int i = 0; i < 100'000; ++i) marks += i % 2 == 0 ? "\u0315" : "\u0300";
  for (int i = 1; i < 50'000; ++i) ordered += "\u0300";
  for (int i = 0; i < 50'000; ++i) ordered += "\u0315";
  EXPECT_EQ(normalize(marks, NormalForm::kC), ordered);
}

TEST(Grapheme, Ends) {
  EXPECT_EQ(grapheme_end("e\u0301x", 0), 3u);
  EXPECT_EQ(grapheme_end("e\u0301x", 3), 4u);
  EXPECT_EQ(grapheme_end("\r\nx", 0), 2u);
  EXPECT_EQ(grapheme_end("\n\u0301", 0), 1u);
  EXPECT_EQ(grapheme_end("\u0600ab", 0), 3u);
  EXPECT_EQ(grapheme_end("\u1100\u1161\u11A8\u1100", 0), 9u);
}

TEST(CodePointSet, Algebra) {
  CodePointSet set{{10, 20}, {30, 40}};
  set.add(21, 29);
  EXPECT_EQ(set, (CodePointSet{{10, 40}}));
  set.add(5, 7);
  set.add(9, 9);
  EXPECT_EQ(set, (CodePointSet{{5, 7}, {9, 40}}));
  EXPECT_EQ(set.complement().complement(), set);
  EXPECT_EQ(set.complement().ranges().back().last, kMaxCodePoint);
  EXPECT_TRUE(CodePointSet().complement().contains(0));
  EXPECT_EQ(set.intersection({{7, 10}, {40, 50}}), (CodePointSet{{7, 7}, {9, 10}, {40, 40}}));
  EXPECT_TRUE(set.intersects({{8, 9}}));
  EXPECT_FALSE(set.intersects({{8, 8}, {41, 99}}));
  CodePointSet many;
  for (char32_t code = 0; code < 1000; code += 2) many.add(code);
  set.add(many);
  EXPECT_TRUE(set.contains(39) && set.contains(998) && !set.contains(999));
}

TEST(CodePointTable, AgreesWithItsSet) {
  const CodePointSet set{{0, 3}, {0x7F, 0x80}, {0xFF, 0x101}, {0x1234, 0x54321}, {kMaxCodePoint, kMaxCodePoint}};
  const CodePointBits bits(set);
  for (char32_t code = 0; code <= kMaxCodePoint; ++code) ASSERT_EQ(bits[code], set.contains(code));
  for (uint32_t byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(bits.ascii(static_cast<uint8_t>(byte)), byte < 128 && set.contains(byte));
  }
}

}  // namespace
}  // namespace cortland::text
