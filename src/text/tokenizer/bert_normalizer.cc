#include "text/tokenizer/bert_normalizer.h"

#include <algorithm>
#include <array>
#include <string>

#include "text/code_point_set.h"
#include "text/normal_form.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

struct BertSettings {
  bool clean_text, space_around_han, strip_accents, lowercase;
};

// The ideographs that each become a word of their own; a list of the original, with its gaps.
constexpr auto kIdeographs = std::to_array<CodePointSet::Range>({
    {0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
    {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F},
});

bool is_ideograph(char32_t code) {
  return std::any_of(kIdeographs.begin(), kIdeographs.end(), [&](const CodePointSet::Range& range) {
    return code >= range.first && code <= range.last;
  });
}

bool is_removed(char32_t code) {
  if (code == '\t' || code == '\n' || code == '\r') return false;
  const Category value = category(code);
  return code == 0 || code == kReplacementCharacter || (value >= Category::kCc && value <= Category::kCo);
}

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(const BertSettings& settings) : settings_(settings) {}

  void normalize(std::string& text) const override {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const Decoded decoded = decode_utf8(text, at);
      at += decoded.length;
      if (settings_.clean_text && is_removed(decoded.code)) continue;
      const bool is_space = settings_.clean_text && is_white_space(decoded.code);
      const bool is_apart = settings_.space_around_han && is_ideograph(decoded.code);
      if (is_apart) out += ' ';
      append_utf8(is_space ? U' ' : decoded.code, out);
      if (is_apart) out += ' ';
    }
    if (settings_.strip_accents) out = without_accents(text::normalize(out, NormalForm::kD));
    text = settings_.lowercase ? to_lower(out) : std::move(out);
  }

 private:
  static std::string without_accents(const std::string& text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const Decoded decoded = decode_utf8(text, at);
      if (category(decoded.code) != Category::kMn) append_utf8(decoded.code, out);
      at += decoded.length;
    }
    return out;
  }

  BertSettings settings_;
};

}  // namespace

std::unique_ptr<const Normalizer> make_bert_normalizer(Component& component) {
  BertSettings settings{};
  settings.clean_text = component.flag("clean_text");
  settings.space_around_han = component.flag("handle_chinese_chars");
  settings.lowercase = component.flag("lowercase");
  settings.strip_accents = component.flag("strip_accents", settings.lowercase);
  return std::make_unique<BertNormalizer>(settings);
}

}  // namespace cortland::text
