#include "text/tokenizer/script_split.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/code_point_table.h"
#include "text/unicode_tables.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

constexpr uint32_t kFits = UINT32_MAX;  // goes with any script
constexpr uint32_t kKnownVersion = 9;  // of Unicode; the scripts of later characters are unknown to the original
constexpr char32_t kProlongedSoundMark = 0x30FC;

uint32_t find_script(std::string_view name) {
  return static_cast<uint32_t>(std::find(kScriptNames.begin(), kScriptNames.end(), name) - kScriptNames.begin());
}

// Kana count as Han, so that a Japanese sentence stays one piece.
uint32_t script_of(char32_t code) {
  static const CodePointBytes kScripts(decode_runs(kScriptRuns, 256));
  static const CodePointBytes kAges(decode_runs(kAgeRuns, 32));
  static const uint32_t kHanScript = find_script("Han"), kHiragana = find_script("Hiragana");
  static const uint32_t kKatakana = find_script("Katakana"), kUnknown = find_script("Unknown");
  if (code == kProlongedSoundMark) return kHanScript;
  const uint32_t script = kScripts[code];
  if (code == ' ' || script == kUnknown || kAges[code] > kKnownVersion) return kFits;
  return script == kHiragana || script == kKatakana ? kHanScript : script;
}

class ScriptSplit : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    std::vector<Pieces::Range> ranges;
    for (const Pieces::Range& piece : pieces.ranges) {
      std::optional<uint32_t> begin;
      uint32_t last = kFits;
      for (uint32_t at = piece.begin; at < piece.end;) {
        const Decoded decoded = decode_utf8(pieces.text, at);
        const uint32_t script = script_of(decoded.code);
        if (script != kFits && script != last) {
          if (begin) ranges.push_back({*begin, at});
          begin = at;
          last = script;
        }
        at += decoded.length;
      }
      // As in the original, what comes before the first script is dropped.
      if (begin) ranges.push_back({*begin, piece.end});
    }
    pieces.ranges = std::move(ranges);
  }
};

}  // namespace

std::unique_ptr<const PreTokenizer> make_script_split(Component&) { return std::make_unique<ScriptSplit>(); }

}  // namespace cortland::text
