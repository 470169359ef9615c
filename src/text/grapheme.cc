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

bool is_between(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

bool is_lead(char32_t code) { return is_between(code, 0x1100, 0x115F) || is_between(code, 0xA960, 0xA97C); }
bool is_vowel(char32_t code) { return is_between(code, 0x1160, 0x11A7) || is_between(code, 0xD7B0, 0xD7C6); }
bool is_tail(char32_t code) { return is_between(code, 0x11A8, 0x11FF) || is_between(code, 0xD7CB, 0xD7FB); }
bool is_syllable(char32_t code) { return is_between(code, 0xAC00, 0xD7A3); }

// The letters and syllables of Hangul that follow each other in one cluster.
bool joins_syllable(char32_t last, char32_t next) {
  if (is_lead(last)) return is_lead(next) || is_vowel(next) || is_syllable(next);
  const bool is_open = is_syllable(last) && (last - 0xAC00) % 28 == 0;
  if (is_vowel(last) || is_open) return is_vowel(next) || is_tail(next);
  return (is_tail(last) || is_syllable(last)) && is_tail(next);
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
