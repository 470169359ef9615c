#include "text/utf8.h"

#include <gtest/gtest.h>

#include <vector>

#include "text/base64.h"

namespace cortland::text {
namespace {

TEST(Utf8, EveryCodePointGoesThereAndBack) {
  for (char32_t code = 0; code <= kMaxCodePoint; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text = "x";
    append_utf8(code, text);
    const Decoded decoded = decode_utf8(text, 1);
    ASSERT_EQ(decoded.code, code);
    ASSERT_TRUE(decoded.valid);
    ASSERT_EQ(decoded.length, text.size() - 1);
    ASSERT_EQ(previous_code_point(text, text.size()), 1u);
  }
}

TEST(Utf8, BrokenTextIsRepairedByMaximalParts) {
  EXPECT_EQ(repair_utf8("a\xEA\xB0\x80z"), "a가z");
  EXPECT_EQ(repair_utf8("\xEA\xB0"), "\uFFFD");                    // cut short: one part
  EXPECT_EQ(repair_utf8("\xEA\xB0" "a"), "\uFFFD" "a");
  EXPECT_EQ(repair_utf8("\x80\x80"), "\uFFFD\uFFFD");              // nothing to continue
  EXPECT_EQ(repair_utf8("\xC0\xAF"), "\uFFFD\uFFFD");              // overlong
  EXPECT_EQ(repair_utf8("\xE0\x80\x80"), "\uFFFD\uFFFD\uFFFD");    // overlong
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");    // a surrogate
  EXPECT_EQ(repair_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  EXPECT_EQ(repair_utf8("\xF0\x9F\x98"), "\uFFFD");
  EXPECT_EQ(repair_utf8("\xFF"), "\uFFFD");
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
  EXPECT_TRUE(is_valid_utf8("가\U0010FFFF"));
}

TEST(Utf8, StepsBackAsItStepsForward) {
  const std::string text = "a\x80\xEA\xB0\x80\xEA\xB0\xF0\x9F\x98\x80\xC3";
  std::vector<size_t> forward, back;
  for (size_t at = 0; at < text.size(); at += decode_utf8(text, at).length) forward.push_back(at);
  for (size_t at = text.size(); at > 0;) back.push_back(at = previous_code_point(text, at));
  EXPECT_EQ(std::vector<size_t>(back.rbegin(), back.rend()), forward);
}

TEST(Base64, DecodesWithPadding) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("+/+/"), "\xFB\xFF\xBF");
  for (const char* bad : {"Z", "Zg=", "Zg", "Z===", "=Zg=", "Zm9 ", "Zg==Zg==", "Zm-v"}) {
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace cortland::text
