#include "text/grapheme.h"

#include "text/code_point_table.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

enum class Break : uint8_t { kOther, kControl, kExtend, kSpacingMark, kPrepend };

Break break_of(char32_t code) {
  static const CodePointBytes kTable(decode_runs(kGraphemeBreakRuns, 8));
  return static_cast<Break>(kTable[code]);
}

// Hangul letters and the syllables and vowels they go on from.
bool joins_syllable(char32_t last, char32_t next) {
  const bool is_letter = last >= 0x1100 && last <= 0x11FF, is_syllable = last >= 0xAC00 && last <= 0xD7A3;
  return (is_letter || is_syllable) && next >= (is_syllable ? 0x1160u : 0x1100u) && next <= 0x11FF;
}

}  // namespace

size_t grapheme_end(std::string_view utf8, size_t begin) {
  if (utf8.substr(begin).starts_with("\r\n")) return begin + 2;
  size_t at = begin;
  char32_t last = 0;
  while (at < utf8.size()) {
    const Decoded decoded = decode_utf8(utf8, at);
    const Break before = break_of(last), next = break_of(decoded.code);
    const bool continues = next == Break::kExtend || next == Break::kSpacingMark || before == Break::kPrepend ||
                           joins_syllable(last, decoded.code);
    if (at > begin && (before == Break::kControl || next == Break::kControl || !continues)) break;
    at += decoded.length;
    last = decoded.code;
  }
  return at;
}

}  // namespace cortland::text
