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

}  // namespace

size_t grapheme_end(std::string_view utf8, size_t begin, size_t limit) {
  if (utf8.substr(begin).starts_with("\r\n")) return begin + 2;
  Break last = Break::kPrepend;
  size_t at = begin;
  while (at < utf8.size() && at < limit) {
    const Decoded decoded = decode_utf8(utf8, at);
    const Break next = break_of(decoded.code);
    const bool continues = next == Break::kExtend || next == Break::kSpacingMark || last == Break::kPrepend;
    if (at > begin && (last == Break::kControl || next == Break::kControl || !continues)) break;
    at += decoded.length;
    last = next;
  }
  return at;
}

}  // namespace cortland::text
