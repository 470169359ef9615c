#include "text/regex/property.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "text/unicode.h"
#include "text/unicode_tables.h"

namespace cortland::text::regex {
namespace {

using enum Category;

constexpr uint32_t bit(Category category) { return 1u << static_cast<uint32_t>(category); }
constexpr uint32_t bits(Category first, Category last) { return 2 * bit(last) - bit(first); }

constexpr uint32_t kLetter = bits(kLu, kLo), kMark = bits(kMn, kMe), kNumber = bits(kNd, kNo);
constexpr uint32_t kPunctuation = bits(kPc, kPo), kSymbol = bits(kSm, kSo), kSeparator = bits(kZs, kZp);
constexpr uint32_t kOther = bits(kCc, kCn), kAll = bits(kLu, kCn);

struct CategoryName {
  const char* brief;
  const char* full;
  uint32_t categories;
};

constexpr CategoryName kCategoryNames[] = {
    {"l", "letter", kLetter}, {"lc", "casedletter", bits(kLu, kLt)},
    {"lu", "uppercaseletter", bit(kLu)}, {"ll", "lowercaseletter", bit(kLl)}, {"lt", "titlecaseletter", bit(kLt)},
    {"lm", "modifierletter", bit(kLm)}, {"lo", "otherletter", bit(kLo)},
    {"m", "mark", kMark}, {"mn", "nonspacingmark", bit(kMn)}, {"mc", "spacingmark", bit(kMc)},
    {"me", "enclosingmark", bit(kMe)},
    {"n", "number", kNumber}, {"nd", "decimalnumber", bit(kNd)}, {"nl", "letternumber", bit(kNl)},
    {"no", "othernumber", bit(kNo)},
    {"p", "punctuation", kPunctuation}, {"pc", "connectorpunctuation", bit(kPc)},
    {"pd", "dashpunctuation", bit(kPd)}, {"ps", "openpunctuation", bit(kPs)}, {"pe", "closepunctuation", bit(kPe)},
    {"pi", "initialpunctuation", bit(kPi)}, {"pf", "finalpunctuation", bit(kPf)}, {"po", "otherpunctuation", bit(kPo)},
    {"s", "symbol", kSymbol}, {"sm", "mathsymbol", bit(kSm)}, {"sc", "currencysymbol", bit(kSc)},
    {"sk", "modifiersymbol", bit(kSk)}, {"so", "othersymbol", bit(kSo)},
    {"z", "separator", kSeparator}, {"zs", "spaceseparator", bit(kZs)}, {"zl", "lineseparator", bit(kZl)},
    {"zp", "paragraphseparator", bit(kZp)},
    {"c", "other", kOther}, {"cc", "control", bit(kCc)}, {"cf", "format", bit(kCf)}, {"cs", "surrogate", bit(kCs)},
    {"co", "privateuse", bit(kCo)}, {"cn", "unassigned", bit(kCn)},
    {"any", "any", kAll}, {"assigned", "assigned", kAll & ~bit(kCn)},
};

CodePointSet category_set(uint32_t categories) {
  static const std::vector<Run> kRuns = decode_runs(kCategoryRuns, 32);
  CodePointSet set;
  for (const Run& run : kRuns) {
    if (categories >> run.value & 1) set.add(run.begin, run.end - 1);
  }
  return set;
}

CodePointSet value_set(std::string_view table, uint32_t width, uint32_t value) {
  CodePointSet set;
  for (const Run& run : decode_runs(table, width)) {
    if (run.value == value) set.add(run.begin, run.end - 1);
  }
  return set;
}

CodePointSet joined(CodePointSet set, const CodePointSet& more) {
  set.add(more);
  return set;
}

CodePointSet alphabetic_set() {
  return joined(category_set(kLetter | bit(kNl)), value_set(kOtherAlphabeticRuns, 2, 1));
}

// Lower case, without ' ', '-' and '_'.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

std::optional<CodePointSet> find_script(std::string_view plain) {
  for (uint32_t i = 0; i < kScriptNames.size(); ++i) {
    if (plain_name(kScriptNames[i]) == plain) return value_set(kScriptRuns, 256, i);
  }
  return std::nullopt;
}

}  // namespace

CodePointSet digit_set() { return category_set(bit(kNd)); }
CodePointSet white_space_set() { return joined(category_set(kSeparator), {{'\t', '\r'}, {0x85, 0x85}}); }
CodePointSet hex_digit_set() { return {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}; }
CodePointSet word_set() { return joined(alphabetic_set(), category_set(kMark | bit(kNd) | bit(kPc))); }
CodePointSet bare_word_set() { return joined(word_set(), {{0xB2, 0xB3}, {0xB9, 0xB9}, {0xBC, 0xBE}}); }

std::optional<CodePointSet> find_posix_bracket(std::string_view name) {
  if (name == "alnum") return joined(alphabetic_set(), digit_set());
  if (name == "alpha") return alphabetic_set();
  if (name == "ascii") return CodePointSet{{0, 0x7F}};
  if (name == "blank") return joined(category_set(bit(kZs)), {{'\t', '\t'}});
  if (name == "cntrl") return category_set(bit(kCc));
  if (name == "digit") return digit_set();
  if (name == "graph") return category_set(kAll & ~(kSeparator | bit(kCc) | bit(kCs) | bit(kCn)));
  if (name == "lower") return joined(category_set(bit(kLl)), value_set(kOtherLowercaseRuns, 2, 1));
  if (name == "print") return category_set(kAll & ~(bit(kZl) | bit(kZp) | bit(kCc) | bit(kCs) | bit(kCn)));
  if (name == "punct") return category_set(kPunctuation | kSymbol);
  if (name == "space") return white_space_set();
  if (name == "upper") return joined(category_set(bit(kLu)), value_set(kOtherUppercaseRuns, 2, 1));
  if (name == "word") return word_set();
  if (name == "xdigit") return hex_digit_set();
  return std::nullopt;
}

std::optional<CodePointSet> find_property(std::string_view name) {
  const std::string plain = plain_name(name);
  if (plain == "punct") return category_set(kPunctuation);
  for (const CategoryName& category : kCategoryNames) {
    if (plain == category.brief || plain == category.full) return category_set(category.categories);
  }
  if (plain == "alphabetic") return alphabetic_set();
  if (plain == "lowercase") return find_posix_bracket("lower");
  if (plain == "uppercase") return find_posix_bracket("upper");
  if (plain == "whitespace") return white_space_set();
  if (std::optional<CodePointSet> set = find_posix_bracket(plain)) return set;
  return find_script(plain);
}

}  // namespace cortland::text::regex
