#include "text/regex/regex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/regex/limits.h"
#include "text/regex/matcher.h"

namespace cortland::text::regex {
namespace {

using Strings = std::vector<std::string>;

// Every match, in brackets where it is empty: its offset.
Strings matches(std::string_view pattern, std::string_view text) {
  const portable::Result<Regex> regex = Regex::compile(pattern);
  if (!regex) return {regex.message()};
  Matcher matcher(*regex);
  matcher.start(text);
  Strings found;
  for (Match match; matcher.next(match);) {
    found.push_back(match.begin == match.end ? "[" + std::to_string(match.begin) + "]"
                                             : std::string(text.substr(match.begin, match.end - match.begin)));
  }
  return found;
}

std::string failure_of(std::string_view pattern) {
  const portable::Result<Regex> regex = Regex::compile(pattern);
  return regex ? "compiles" : regex.message();
}

struct Case {
  const char* pattern;
  const char* text;
  Strings want;
};

TEST(Regex, MeansWhatOnigurumaMeans) {
  const Case cases[] = {
      // repeats
      {"a*", "aab", {"aa", "[3]"}},
      {"a+?", "aa", {"a", "a"}},
      {"a{2}?", "aaaaa", {"aa", "aa", "[5]"}},
      {"a{,2}", "aaa", {"aa", "a"}},
      {"a{1,2}?b", "aaab", {"aab"}},
      {"\\d{1,3}+", "1234567", {"1234567"}},
      {"a{2}+", "aaaaa", {"aaaa"}},
      {"a++a", "aaa", {}},
      {"a?+a", "a", {}},
      {"(?>a+)b", "aab", {"aab"}},
      {"a{", "a{", {"a{"}},
      {"(?:a|ab)(?:c|bcd)(?:d*)", "abcd", {"abcd"}},
      {"(?:a?)*b", "aab", {"aab"}},
      {"(?:a*)+?b", "aab", {"aab"}},
      {"(?:ab)*c", "ababc", {"ababc"}},
      {"(?:a|b)*?b", "aabb", {"aab", "b"}},
      {"[a-z]+d", "abcded", {"abcded"}},
      {"x*", "axb", {"[0]", "x", "[3]"}},
      // places
      {"^\\w", "ab\ncd\n", {"a", "c"}},
      {"\\w$", "ab\ncd\n", {"b", "d"}},
      {"^", "a\n", {"[0]"}},
      {"$", "a\n", {"[1]", "[2]"}},
      {"\\Aa|a\\z", "aaa", {"a", "a"}},
      {"a\\Z", "a\na\n", {"a"}},
      {"\\b\\w", "ab cd", {"a", "c"}},
      {"\\B.", "ab", {"b"}},
      // looking around
      {"a(?=b)", "abac", {"a"}},
      {"a(?!b)", "abac", {"a"}},
      {"\\s+(?!\\S)", "a   b ", {"  ", " "}},
      {"(?<=a|bc)x", "axbcxx", {"x", "x"}},
      {"(?<!a)x", "axx", {"x"}},
      {"(?<=^a)b", "ab\nab", {"b", "b"}},
      {"(?<=한{1,2})x", "한x한한x", {"x", "x"}},
      {"(?=(?:ab)+c)a", "ababc", {"a", "a"}},
      // classes
      {"[a-c&&[^b]]", "abc", {"a", "c"}},
      {"[^a&&b]", "ab", {"a", "b"}},
      {"[]a]+", "]a", {"]a"}},
      {"[a-]+", "a-", {"a-"}},
      {"[\\]\\\\^-]+", "]\\^-", {"]\\^-"}},
      {"[[:punct:]]+", "a$.b", {"$."}},
      {"\\p{Punct}+", "a$.b", {"."}},
      {"[[:^alpha:]]", "a1", {"1"}},
      {"\\p{^L}|\\P{^Lu}", "a1B", {"1", "B"}},
      {"\\p{Uppercase Letter}", "aB", {"B"}},
      {"\\p{Han}+|\\p{hangul}+", "漢字한국", {"漢字", "한국"}},
      {"\\w+", "a²b", {"a²b"}},
      {"[\\w]+", "a²b", {"a", "b"}},
      {"\\W", "a²b", {}},
      {"\\s+", "\u0085\u180E\u3000", {"\u0085", "\u3000"}},
      {"\\h+", "aFg1", {"aF", "1"}},
      {".", "a\n", {"a"}},
      {"(?m).", "a\n", {"a", "\n"}},
      {"\\R", "a\r\nb\u2028", {"\r\n", "\u2028"}},
      {"\\x41\\x{4E00}\\u4E01\\t", "A一丁\t", {"A一丁\t"}},
      // case
      {"(?i)k", "kK\u212A", {"k", "K", "\u212A"}},
      {"(?i:'s)", "'s'S'ſ", {"'s", "'S", "'ſ"}},
      {"(?i)ss", "ssßSSẞ", {"ss", "ß", "SS", "ẞ"}},
      {"(?i)ß", "ssß", {"ss", "ß"}},
      {"(?i)[ß]", "ssß", {"ss", "ß"}},
      {"(?i)sß", "sßß ßs", {"sß"}},
      {"(?i)[sß]", "ss", {"s", "s"}},
      {"(?i)[sß]x", "ssx", {"ssx"}},
      {"(?i)[^k]", "kKa", {"a"}},
      {"(?i:a)b", "AbAB", {"Ab"}},
      {"a(?i)b|c", "aBCac", {"aB", "ac"}},
      {"(?i)a(?-i)b", "AbAB", {"Ab"}},
      // groups
      {"(?x) a b # c", "ab", {"ab"}},
      {"a(?#x)b", "ab", {"ab"}},
      {"(?<name>a)(b)", "ab", {"ab"}},
      {"a||b", "ab", {"a", "[2]"}},
      {"", "한", {"[0]", "[3]"}},
  };
  for (const Case& item : cases) EXPECT_EQ(matches(item.pattern, item.text), item.want) << item.pattern;
}

TEST(Regex, FindsFromAPlaceAndSeesWhatIsBefore) {
  const portable::Result<Regex> regex = Regex::compile("(?<=a)b");
  ASSERT_TRUE(regex);
  Match match;
  ASSERT_TRUE(regex->find("abab", 1, match));
  EXPECT_EQ(match.begin, 1u);
  ASSERT_TRUE(regex->find("abab", 2, match));
  EXPECT_EQ(match.begin, 3u);
  EXPECT_FALSE(regex->find("abab", 4, match));
}

TEST(Regex, BrokenTextIsReplacementCharacters) {
  EXPECT_EQ(matches("\\p{L}+", "a\xEA\xB0z\x80"), (Strings{"a", "z"}));
  EXPECT_EQ(matches("\\uFFFD", "\xEA\xB0"), (Strings{"\xEA", "\xB0"}));
  EXPECT_EQ(matches("[^a]+(?!.)", "a\xFF\xF0\x9F"), (Strings{"\xFF\xF0\x9F"}));
}

TEST(Regex, FailuresNameThePlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"ab[", "byte 3: a class without ']'"},
      {"[[:foo:]]", "byte 1: a POSIX class; got [:foo:], want alpha, digit, punct or the like"},
      {"[z-a]", "byte 1: a range whose end comes before its beginning"},
      {"[a-\\d]", "byte 1: a range; got a class as its end, want a character"},
      {"[]", "byte 0: an empty class"},
      {"a(b", "byte 1: a group without ')'"},
      {"a)b", "byte 1: a ')' that closes no group"},
      {"*a", "byte 0: a repeat of nothing"},
      {"a|{2}", "byte 2: a repeat of nothing"},
      {"^*", "byte 0: a repeat of what takes no text"},
      {"a{3,1}", "byte 0: a repeat {n,m}; want n <= m"},
      {"a{100001}", "byte 0: a repeat of more than 100000"},
      {"a***+*+*", "byte 0: too many repeats of one item"},
      {"a(b)\\1", "byte 4: back-references are not supported"},
      {"\\k<a>", "byte 0: back-references are not supported"},
      {"\\G", "byte 0: \\G is not supported"},
      {"(?(1)a)", "byte 0: an unknown kind of group; want one of (?: (?= (?! (?<= (?<! (?> (?imx"},
      {"(?#a", "byte 0: a comment without ')'"},
      {"\\p{Foo}", "byte 1: \\p; got {Foo}, want a general category, a script or a POSIX name"},
      {"\\pL", "byte 1: \\p; want a name in braces"},
      {"\\x{110000}", "byte 1: a code point; want digits up to 10FFFF in braces"},
      {"\\xE4", "byte 1: \\x with a byte that is no whole character; want \\x{...}"},
      {"a\\", "byte 2: a backslash at the end of the pattern"},
  };
  for (const auto& [pattern, want] : cases) {
    EXPECT_EQ(failure_of(pattern), "regular expression, " + std::string(want)) << pattern;
  }
  EXPECT_EQ(failure_of("(?<=a+)"), "regular expression: a look-behind without a limit of length is not supported");
  EXPECT_EQ(failure_of("\xFF"), "regular expression: no UTF-8");
}

TEST(Regex, PatternsHaveLimits) {
  EXPECT_EQ(failure_of(std::string(kMaxPatternBytes + 1, 'a')),
            "regular expression: too long; got 8193 bytes, want at most 8192");
  EXPECT_EQ(failure_of(std::string(kMaxPatternBytes, 'a')), "compiles");
  EXPECT_EQ(failure_of(std::string(4000, '(')), "regular expression, byte 33: too many levels of groups and classes");
  EXPECT_EQ(failure_of(std::string(4000, '[')), "regular expression, byte 32: too many levels of groups and classes");
  const std::string large = "regular expression: too large; repeats of groups count as often as they repeat";
  EXPECT_EQ(failure_of("(?:ab){99999}"), large);
  EXPECT_EQ(failure_of("(?:(?:(?:ab?){1000}){1000}){1000}"), large);
  EXPECT_EQ(failure_of("(?:(?:(?:){99999}){99999}){99999}"), "compiles");
  std::string classes, choices;
  for (int i = 0; i < 600; ++i) {
    classes += "[a\\x{" + std::to_string(1000 + i) + "}]";
    choices += "(?:a|b)";
  }
  EXPECT_EQ(failure_of(classes), "regular expression: too many different classes");
  EXPECT_EQ(failure_of(choices), "regular expression: too many alternatives");
}

TEST(Regex, LongRunsTakeNeitherTimeNorStack) {
  const std::string letters(100'000, 'a');
  for (const char* pattern :
       {"\\p{L}+", "(?:a|b)+", "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+", "(?:a?)*", "(?>(?:a)+)", "a*?\\z",
        "(?:ab?)*+"}) {
    const Strings found = matches(pattern, letters);
    ASSERT_FALSE(found.empty()) << pattern;
    EXPECT_EQ(found[0].size(), letters.size()) << pattern;
  }
  std::string korean;
  for (int i = 0; i < 100'000; ++i) korean += "한";
  EXPECT_EQ(matches("[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|x", korean), Strings{korean});
}

TEST(Regex, TheWorstCaseIsBounded) {
  const std::string text = std::string(3000, 'a') + "b";
  for (const char* pattern : {"(?:a+)+c", "(?:a|a)*c", "(?=(?:a*)*c)a"}) {
    EXPECT_EQ(matches(pattern, text), Strings{}) << pattern;
  }
}

TEST(Regex, ManyAlternatives) {
  std::string pattern = "x0";
  for (int i = 1; i < 200; ++i) pattern += "|x" + std::to_string(i) + "y";
  EXPECT_EQ(matches(pattern, "x0x63yx64yx126yx199y"), (Strings{"x0", "x63y", "x64y", "x126y", "x199y"}));
}

}  // namespace
}  // namespace cortland::text::regex
