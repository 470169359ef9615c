#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/failure.h"

namespace cortland {
namespace {

TEST(Error, CarriesItsCodeAndTheFormattedMessage) {
  EXPECT_EQ(failure([] { fail(ErrorCode::unsupported, "{}: got {}, want {}", "config.json", 3, "4"); }),
            "unsupported: config.json: got 3, want 4");
  EXPECT_EQ(failure([] { require(false, ErrorCode::io, "disk {}", "full"); }), "io: disk full");
  EXPECT_EQ(failure([] { require(true, ErrorCode::io, "disk {}", "full"); }), "no error");
}

TEST(Error, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (const auto code : {ErrorCode::not_found, ErrorCode::corrupt, ErrorCode::unsupported, ErrorCode::invalid,
                          ErrorCode::io}) {
    names.insert(error_code_name(code));
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"corrupt", "invalid", "io", "not_found", "unsupported"}));
}

struct PrintableCase {
  std::string_view text;
  std::string_view want;
};

TEST(Printable, LetsThroughOnlyVisibleWellFormedText) {
  using namespace std::string_view_literals;
  const PrintableCase cases[] = {
      {"", ""},
      {"plain ~", "plain ~"},
      {"a\tb\n"sv, "a\\x09b\\x0a"},
      {"nul\0nul"sv, "nul\\x00nul"},
      {"\x1b[31m\x7f", "\\x1b[31m\\x7f"},
      {"caf\xc3\xa9 \xea\xb0\x80 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xea\xb0\x80 \xf0\x9f\x98\x80"},
      {"\xc2\x9b" "31m", "\\xc2\\x9b31m"},            // U+009B is a terminal's control sequence introducer
      {"\xff", "\\xff"},                              // never a byte of UTF-8
      {"\x80" "a", "\\x80a"},                         // a continuation without a lead
      {"\xc3", "\\xc3"},                              // cut off
      {"\xe2\x82" "a", "\\xe2\\x82a"},                // cut off in the middle
      {"\xc0\xaf", "\\xc0\\xaf"},                     // overlong "/"
      {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},            // overlong
      {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},   // overlong
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},            // a surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},   // beyond U+10FFFF
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},       // U+10FFFF
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(printable(text), want);
}

TEST(Printable, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(printable("12345", 5), "12345");
  EXPECT_EQ(printable("123456", 5), "12345...");
  EXPECT_EQ(printable(std::string(121, 'x')), std::string(120, 'x') + "...");
  EXPECT_EQ(printable("a\xea\xb0\x80" "bc", 2), "a\xea\xb0\x80...");
}

}  // namespace
}  // namespace cortland
