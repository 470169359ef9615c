// Properties of Unicode code points. The version of the data is kUnicodeVersion (unicode_tables.h).
// Every function takes any 32-bit value; beyond U+10FFFF all are unassigned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cortland::text {

// General category, in the order of the tables.
enum class Category : uint8_t {
  kLu, kLl, kLt, kLm, kLo, kMn, kMc, kMe, kNd, kNl, kNo, kPc, kPd, kPs, kPe, kPi, kPf, kPo,
  kSm, kSc, kSk, kSo, kZs, kZl, kZp, kCc, kCf, kCs, kCo, kCn
};

Category category(char32_t code);
bool is_letter(char32_t code);       // L
bool is_mark(char32_t code);         // M
bool is_numeric(char32_t code);      // Nd, Nl, No
bool is_punctuation(char32_t code);  // P
bool is_white_space(char32_t code);  // the property White_Space
bool is_alphabetic(char32_t code);   // the property Alphabetic
// \w as Unicode recommends (UTS 18): Alphabetic, M, Nd, Pc and the joiners U+200C and U+200D. Single words of added
// tokens and the Whitespace pre-tokenizer go by it; in regular expressions \w leaves the joiners out.
bool is_word(char32_t code);

// Lower case without a locale and without context: one to two code points are appended ("İ" gives "i̇").
void append_lower(char32_t code, std::u32string& out);
void append_upper(char32_t code, std::u32string& out);  // one to three: "ß" gives "SS"
void append_title(char32_t code, std::u32string& out);  // of the first letter of a word: "ǆ" gives "ǅ"
std::string to_lower(std::string_view utf8);

// Canonical_Combining_Class.
uint8_t combining_class(char32_t code);

}  // namespace cortland::text
