#include "text/unicode.h"

#include "text/code_point_table.h"
#include "text/unicode_tables.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

// False when `mappings` has nothing for `code`.
bool append_mapped(const Mappings& mappings, char32_t code, std::u32string& out) {
  const Mapping* mapping = mappings.find(code);
  if (mapping) {
    out.append(mappings.targets.begin() + mapping->begin, mappings.targets.begin() + mapping->begin + mapping->count);
  }
  return mapping != nullptr;
}

bool is_between(Category value, Category first, Category last) { return value >= first && value <= last; }

}  // namespace

Category category(char32_t code) {
  static const CodePointBytes kTable(decode_runs(kCategoryRuns, 32));
  return code > kMaxCodePoint ? Category::kCn : static_cast<Category>(kTable[code]);
}

bool is_letter(char32_t code) { return is_between(category(code), Category::kLu, Category::kLo); }
bool is_mark(char32_t code) { return is_between(category(code), Category::kMn, Category::kMe); }
bool is_numeric(char32_t code) { return is_between(category(code), Category::kNd, Category::kNo); }
bool is_punctuation(char32_t code) { return is_between(category(code), Category::kPc, Category::kPo); }

bool is_white_space(char32_t code) {
  if (code < 0x85) return code == ' ' || (code >= '\t' && code <= '\r');
  if (code < 0x2000) return code == 0x85 || code == 0xA0 || code == 0x1680;
  return code <= 0x200A || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_alphabetic(char32_t code) {
  static const CodePointBytes kOther(decode_runs(kOtherAlphabeticRuns, 2));
  return is_letter(code) || category(code) == Category::kNl || kOther[code] != 0;
}

bool is_word(char32_t code) {
  const Category value = category(code);
  return is_alphabetic(code) || is_mark(code) || value == Category::kNd || value == Category::kPc || code == 0x200C ||
         code == 0x200D;
}

uint8_t combining_class(char32_t code) {
  static const CodePointBytes kTable(decode_runs(kCombiningClassRuns, 256));
  return kTable[code];
}

void append_lower(char32_t code, std::u32string& out) {
  static const Mappings kLower = decode_mappings(kLowerMappings);
  if (code < 0x80) {
    out += code >= 'A' && code <= 'Z' ? code + 0x20 : code;
  } else if (!append_mapped(kLower, code, out)) {
    out += code;
  }
}

void append_upper(char32_t code, std::u32string& out) {
  static const Mappings kUpper = decode_mappings(kUpperMappings);
  if (!append_mapped(kUpper, code, out)) out += code;
}

void append_title(char32_t code, std::u32string& out) {
  static const Mappings kTitle = decode_mappings(kTitleMappings);
  if (!append_mapped(kTitle, code, out)) append_upper(code, out);
}

std::string to_lower(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  std::u32string lower;
  for (size_t at = 0; at < utf8.size();) {
    const Decoded decoded = decode_utf8(utf8, at);
    at += decoded.length;
    lower.clear();
    append_lower(decoded.code, lower);
    for (const char32_t code : lower) append_utf8(code, out);
  }
  return out;
}

}  // namespace cortland::text
