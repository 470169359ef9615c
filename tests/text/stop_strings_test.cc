#include "text/stop_strings.h"

#include <gtest/gtest.h>

#include <optional>

#include "text/sampler/random.h"

namespace cortland::text {
namespace {

StopStrings make(std::vector<std::string> strings) {
  auto stop = StopStrings::make(std::move(strings));
  EXPECT_TRUE(stop) << stop.message();
  return *stop;
}

TEST(StopStrings, ShowsAtOnceWhatCannotBecomeAStop) {
  StopStrings stop = make({"END", "\n\n"});
  EXPECT_EQ(stop.add("Hello E"), "Hello ");
  EXPECT_EQ(stop.add("N"), "");
  EXPECT_EQ(stop.add("O"), "ENO");
  EXPECT_EQ(stop.add("x\n"), "x");
  EXPECT_EQ(stop.add("y"), "\ny");
  EXPECT_FALSE(stop.matched());
  EXPECT_EQ(stop.add("last EN"), "last ");
  EXPECT_EQ(stop.flush(), "EN");
  EXPECT_EQ(stop.flush(), "");
}

TEST(StopStrings, EndsAtAMatch) {
  StopStrings stop = make({"END", "\n\n"});
  EXPECT_EQ(stop.add("some text\n"), "some text");
  EXPECT_EQ(stop.add("\nmore END"), "");
  EXPECT_EQ(stop.matched(), 1u);
  EXPECT_EQ(stop.add("more"), "");
  EXPECT_EQ(stop.flush(), "");
  EXPECT_EQ(stop.matched(), 1u);
  stop.reset();
  EXPECT_FALSE(stop.matched());
  EXPECT_EQ(stop.add("newEND"), "new");
  EXPECT_EQ(stop.matched(), 0u);
}

TEST(StopStrings, TheMatchThatIsCompleteFirstCounts) {
  StopStrings stop = make({"abcd", "bc"});
  EXPECT_EQ(stop.add("xabcd"), "xa");
  EXPECT_EQ(stop.matched(), 1u);
}

TEST(StopStrings, OfTwoCompleteTogetherTheLongerCounts) {
  StopStrings stop = make({"c", "abc", "bc"});
  EXPECT_EQ(stop.add("xabc"), "x");
  EXPECT_EQ(stop.matched(), 1u);
}

TEST(StopStrings, OverlapsWithItselfAreSeen) {
  StopStrings stop = make({"aab"});
  EXPECT_EQ(stop.add("aaa"), "a");
  EXPECT_EQ(stop.add("ab"), "a");
  EXPECT_EQ(stop.matched(), 0u);
}

TEST(StopStrings, ResetForgetsWhatWasHeld) {
  StopStrings stop = make({"ab"});
  EXPECT_EQ(stop.add("a"), "");
  stop.reset();
  EXPECT_EQ(stop.add("b"), "b");
  EXPECT_EQ(stop.flush(), "");
}

TEST(StopStrings, NoStringsHoldNothing) {
  StopStrings stop = make({});
  EXPECT_EQ(stop.add("anything"), "anything");
  EXPECT_EQ(stop.add(""), "");
}

TEST(StopStrings, BadStringsAreRefused) {
  EXPECT_EQ(StopStrings::make({"a", ""}).message(), "stop strings: number 1 is empty; got 0 bytes, want at least 1");
  EXPECT_EQ(StopStrings::make({"\x80"}).message(),
            "stop strings: number 0 is no UTF-8; got a first byte from inside a character, want a whole character");
  EXPECT_EQ(StopStrings::make(std::vector<std::string>(257, "a")).message(),
            "stop strings: too many; got 257, want at most 256");
  EXPECT_TRUE(StopStrings::make(std::vector<std::string>(256, "a")));
}

// The definition, on the whole text.
std::optional<std::string> plain_cut(const std::string& text, const std::vector<std::string>& strings) {
  for (size_t end = 1; end <= text.size(); ++end) {
    size_t longest = 0;
    for (const std::string& string : strings) {
      if (std::string_view(text).substr(0, end).ends_with(string)) longest = std::max(longest, string.size());
    }
    if (longest > 0) return text.substr(0, end - longest);
  }
  return std::nullopt;
}

std::string random_text(Random& random, size_t length, uint64_t letters) {
  std::string text;
  while (text.size() < length) text += static_cast<char>('a' + random.below(letters));
  return text;
}

// Whether what was held back could still become a stop string.
bool is_justly_held(const std::string& held, const std::vector<std::string>& strings) {
  if (held.empty()) return true;
  for (const std::string& string : strings) {
    if (string.size() > held.size() && string.starts_with(held)) return true;
  }
  return false;
}

TEST(StopStrings, PiecesOfAnySizeGiveTheSame) {
  Random random(17);
  int matches = 0;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t letters = 1 + random.below(3);
    std::vector<std::string> strings(1 + random.below(4));
    for (std::string& string : strings) string = random_text(random, 1 + random.below(6), letters);
    const std::string text = random_text(random, random.below(30), letters + 1);
    StopStrings stop = make(strings);
    std::string shown;
    for (size_t at = 0; at < text.size() && !stop.matched();) {
      const size_t size = std::min(text.size() - at, random.below(5));
      shown += stop.add(std::string_view(text).substr(at, size));
      at += size;
      if (!stop.matched()) {
        ASSERT_TRUE(is_justly_held(text.substr(shown.size(), at - shown.size()), strings)) << text << " at " << at;
      }
    }
    shown += stop.flush();
    const std::optional<std::string> cut = plain_cut(text, strings);
    ASSERT_EQ(stop.matched().has_value(), cut.has_value()) << text;
    ASSERT_EQ(shown, cut.value_or(text)) << text;
    matches += cut ? 1 : 0;
  }
  EXPECT_GT(matches, 5000);
  EXPECT_LT(matches, 19000);
}

TEST(StopStrings, LongTextsTakeLinearTime) {
  StopStrings stop = make({std::string(100000, 'a') + "b"});
  size_t shown = 0;
  for (int i = 0; i < 100000; ++i) shown += stop.add("aaaaaaaaaa").size();
  EXPECT_EQ(shown, 900000u);
  EXPECT_EQ(stop.flush().size(), 100000u);
}

}  // namespace
}  // namespace cortland::text
