#include "text/normal_form.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "text/code_point_table.h"
#include "text/unicode.h"
#include "text/unicode_tables.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

// Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28, kSyllableCount = 11172;

const Mappings& canonical() {
  static const Mappings kTable = decode_mappings(kCanonicalMappings);
  return kTable;
}

const Mappings& compatibility() {
  static const Mappings kTable = decode_mappings(kCompatibilityMappings);
  return kTable;
}

using Pairs = std::map<std::pair<char32_t, char32_t>, char32_t>;

const Pairs& compositions() {
  static const Pairs kPairs = [] {
    const Mappings excluded = decode_mappings(kNoCompositions);
    Pairs pairs;
    for (const Mapping& mapping : canonical().entries) {
      if (mapping.count != 2 || excluded.find(mapping.code) != nullptr) continue;
      const char32_t* targets = &canonical().targets[mapping.begin];
      pairs[{targets[0], targets[1]}] = mapping.code;
    }
    return pairs;
  }();
  return kPairs;
}

// The tables hold one step; no code point takes more than a few.
void decompose(char32_t code, bool with_compatible, std::u32string& out) {
  if (code - kSyllables < kSyllableCount) {
    const char32_t index = code - kSyllables, tail = index % kTailCount;
    out += kLeads + index / (kVowelCount * kTailCount);
    out += kVowels + index / kTailCount % kVowelCount;
    if (tail != 0) out += kTails + tail;
    return;
  }
  const Mappings* table = &canonical();
  const Mapping* mapping = table->find(code);
  if (mapping == nullptr && with_compatible) {
    table = &compatibility();
    mapping = table->find(code);
  }
  if (mapping == nullptr) {
    out += code;
    return;
  }
  for (uint32_t i = 0; i < mapping->count; ++i) decompose(table->targets[mapping->begin + i], with_compatible, out);
}

// By class, and those of one class in their order.
void sort_marks(std::span<char32_t> marks) {
  struct Mark {
    uint8_t combining_class;
    size_t index;
    char32_t code;
  };
  std::vector<Mark> sorted;
  for (size_t i = 0; i < marks.size(); ++i) sorted.push_back({combining_class(marks[i]), i, marks[i]});
  std::sort(sorted.begin(), sorted.end(), [](const Mark& a, const Mark& b) {
    return std::pair(a.combining_class, a.index) < std::pair(b.combining_class, b.index);
  });
  for (size_t i = 0; i < marks.size(); ++i) marks[i] = sorted[i].code;
}

void order_marks(std::u32string& codes) {
  for (auto at = codes.begin(); at != codes.end();) {
    if (combining_class(*at) == 0) {
      ++at;
      continue;
    }
    const auto end = std::find_if(at, codes.end(), [](char32_t code) { return combining_class(code) == 0; });
    const auto by_class = [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); };
    if (!std::is_sorted(at, end, by_class)) sort_marks({&*at, static_cast<size_t>(end - at)});
    at = end;
  }
}

// 0 when the two do not compose.
char32_t compose_pair(char32_t first, char32_t second) {
  if (first - kLeads < kLeadCount && second - kVowels < kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  }
  if (first - kSyllables < kSyllableCount && (first - kSyllables) % kTailCount == 0 && second > kTails &&
      second < kTails + kTailCount) {
    return first + (second - kTails);
  }
  const auto pair = compositions().find({first, second});
  return pair == compositions().end() ? 0 : pair->second;
}

void compose(std::u32string& codes) {
  size_t size = 0, starter = codes.size();  // no starter yet
  uint8_t last_class = 0;                   // of the code point before, when it does not compose
  for (const char32_t code : std::u32string(codes)) {
    const uint8_t own_class = combining_class(code);
    const bool is_next = starter + 1 == size;
    if (starter < size && (is_next || last_class < own_class)) {
      if (const char32_t pair = compose_pair(codes[starter], code)) {
        codes[starter] = pair;
        continue;
      }
    }
    if (own_class == 0) starter = size;
    last_class = own_class;
    codes[size++] = code;
  }
  codes.resize(size);
}

bool is_composed(NormalForm form) { return form == NormalForm::kC || form == NormalForm::kKc; }
bool is_compatible(NormalForm form) { return form == NormalForm::kKc || form == NormalForm::kKd; }

// The last two steps, behind decompose().
void finish(std::u32string& codes, NormalForm form) {
  order_marks(codes);
  if (is_composed(form)) compose(codes);
}

// Code points that the form leaves as they are, wherever they stand, and that do not act on what is before them: of
// class 0, the same when alone, and neither the second of a pair nor beginning with one.
CodePointSet unchanged_by(NormalForm form) {
  CodePointSet changed, seconds;
  for (const auto& [pair, code] : compositions()) seconds.add(pair.second);
  if (is_composed(form)) changed = seconds;
  for (const Run& run : decode_runs(kCombiningClassRuns, 256)) {
    if (run.value != 0) changed.add(run.begin, run.end - 1);
  }
  for (const Mappings* table : {&canonical(), &compatibility()}) {
    for (const Mapping& mapping : table->entries) {
      std::u32string codes;
      decompose(mapping.code, is_compatible(form), codes);
      const bool begins_with_second = is_composed(form) && seconds.contains(codes[0]);
      finish(codes, form);
      if (begins_with_second || codes != std::u32string{mapping.code}) changed.add(mapping.code);
    }
  }
  if (is_composed(form)) {
    changed.add(kVowels, kTails + kTailCount - 1);
  } else {
    changed.add(kSyllables, kSyllables + kSyllableCount - 1);
  }
  return changed.complement();
}

const CodePointBits& unchanged(NormalForm form) {
  static const std::array<CodePointBits, 4> kUnchanged = {
      CodePointBits(unchanged_by(NormalForm::kC)), CodePointBits(unchanged_by(NormalForm::kD)),
      CodePointBits(unchanged_by(NormalForm::kKc)), CodePointBits(unchanged_by(NormalForm::kKd))};
  return kUnchanged[static_cast<size_t>(form)];
}

void append_normalized(std::string_view utf8, NormalForm form, std::string& out) {
  std::u32string codes;
  for (size_t at = 0; at < utf8.size();) {
    const Decoded decoded = decode_utf8(utf8, at);
    decompose(decoded.code, is_compatible(form), codes);
    at += decoded.length;
  }
  finish(codes, form);
  for (const char32_t code : codes) append_utf8(code, out);
}

}  // namespace

// Nearly all of a usual text is in the form already. So only what is not plainly so takes the long way, together with
// the unchanged code point in front, which it may act on.
std::string normalize(std::string_view utf8, NormalForm form) {
  const CodePointBits& plain = unchanged(form);
  const auto is_plain = [&](const Decoded& decoded) { return decoded.valid && plain[decoded.code]; };
  std::string out;
  out.reserve(utf8.size());
  size_t copied = 0, boundary = 0;
  for (size_t at = 0; at < utf8.size();) {
    if (static_cast<unsigned char>(utf8[at]) < 0x80) {  // plain in every form
      boundary = at++;
      continue;
    }
    const Decoded decoded = decode_utf8(utf8, at);
    if (is_plain(decoded)) {
      boundary = at;
      at += decoded.length;
      continue;
    }
    out.append(utf8, copied, boundary - copied);
    while (at < utf8.size() && !is_plain(decode_utf8(utf8, at))) at += decode_utf8(utf8, at).length;
    append_normalized(utf8.substr(boundary, at - boundary), form, out);
    copied = boundary = at;
  }
  out.append(utf8, copied);
  return out;
}

}  // namespace cortland::text
