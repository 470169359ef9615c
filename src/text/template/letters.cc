#include "text/template/letters.h"

#include <algorithm>

#include "text/template/letter_tables.h"

namespace cortland::text {
namespace {

constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;

// Appends the counterpart; false when the letter has none in these tables.
bool append_mapped(std::span<const CaseRange> ranges, std::span<const CaseText> texts, char32_t letter,
                   CodePoints& out) {
  const auto range = std::lower_bound(ranges.begin(), ranges.end(), letter,
                                      [](const CaseRange& one, char32_t point) { return one.last < point; });
  if (range != ranges.end() && range->first <= letter && (letter - range->first) % range->step == 0) {
    out += static_cast<char32_t>(static_cast<int32_t>(letter) + range->offset);
    return true;
  }
  const auto text = std::lower_bound(texts.begin(), texts.end(), letter,
                                     [](const CaseText& one, char32_t point) { return one.letter < point; });
  if (text == texts.end() || text->letter != letter) return false;
  out += text->text;
  return true;
}

void append_upper(char32_t letter, CodePoints& out) {
  if (!append_mapped(kUpper, kUpperTexts, letter, out)) out += letter;
}

void append_title(char32_t letter, CodePoints& out) {
  if (!append_mapped(kTitle, kTitleTexts, letter, out)) append_upper(letter, out);
}

// A capital sigma is another letter at the end of a word.
void append_lower(const CodePoints& text, size_t at, CodePoints& out) {
  const bool is_last = at + 1 == text.size() || !is_cased(text[at + 1]);
  if (text[at] == kSigma && is_last && at > 0 && is_cased(text[at - 1])) {
    out += kFinalSigma;
  } else if (!append_mapped(kLower, kLowerTexts, text[at], out)) {
    out += text[at];
  }
}

bool has_upper(char32_t letter) {
  CodePoints ignored;
  return append_mapped(kUpper, kUpperTexts, letter, ignored);
}

bool has_lower(char32_t letter) {
  CodePoints ignored;
  return append_mapped(kLower, kLowerTexts, letter, ignored);
}

}  // namespace

std::string to_upper(std::string_view text) {
  CodePoints out;
  for (const char32_t letter : decode_utf8(text)) append_upper(letter, out);
  return encode_utf8(out);
}

std::string to_lower(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  for (size_t i = 0; i < points.size(); ++i) append_lower(points, i, out);
  return encode_utf8(out);
}

std::string to_title(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  bool is_in_word = false;
  for (size_t i = 0; i < points.size(); ++i) {
    if (is_in_word) {
      append_lower(points, i, out);
    } else {
      append_title(points[i], out);
    }
    is_in_word = is_cased(points[i]);
  }
  return encode_utf8(out);
}

std::string capitalize(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  CodePoints out;
  for (size_t i = 0; i < points.size(); ++i) {
    if (i == 0) {
      append_title(points[i], out);
    } else {
      append_lower(points, i, out);
    }
  }
  return encode_utf8(out);
}

bool is_upper(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  return std::none_of(points.begin(), points.end(), has_upper) && std::any_of(points.begin(), points.end(), has_lower);
}

bool is_lower(std::string_view text) {
  const CodePoints points = decode_utf8(text);
  return std::none_of(points.begin(), points.end(), has_lower) && std::any_of(points.begin(), points.end(), has_upper);
}

bool is_cased(char32_t point) { return has_upper(point) || has_lower(point); }

bool is_printable(char32_t point) {
  const auto range = std::lower_bound(kHidden.begin(), kHidden.end(), point,
                                      [](const HiddenRange& one, char32_t other) { return one.last < other; });
  return range == kHidden.end() || point < range->first;
}

}  // namespace cortland::text
