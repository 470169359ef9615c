#include "text/tokenizer/normalizer.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "text/normal_form.h"
#include "text/regex/matcher.h"
#include "text/tokenizer/bert_normalizer.h"
#include "text/tokenizer/byte_alphabet.h"
#include "text/tokenizer/component.h"
#include "text/tokenizer/pattern.h"
#include "text/tokenizer/precompiled_normalizer.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;

namespace {

using MadeNormalizer = std::unique_ptr<const Normalizer>;

class ToNormalForm : public Normalizer {
 public:
  explicit ToNormalForm(NormalForm form) : form_(form) {}
  void normalize(std::string& text) const override { text = text::normalize(text, form_); }

 private:
  NormalForm form_;
};

template <NormalForm kForm>
MadeNormalizer make_normal_form(Component&) {
  return std::make_unique<ToNormalForm>(kForm);
}

class Lowercase : public Normalizer {
 public:
  void normalize(std::string& text) const override { text = to_lower(text); }
};

// A function of one code point and the string that its result is appended to.
class PerCodePoint : public Normalizer {
 public:
  using Rewrite = void (*)(char32_t code, std::string& out);
  explicit PerCodePoint(Rewrite rewrite) : rewrite_(rewrite) {}
  void normalize(std::string& text) const override {
    std::string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
      const Decoded decoded = decode_utf8(text, at);
      rewrite_(decoded.code, out);
      at += decoded.length;
    }
    text = std::move(out);
  }

 private:
  Rewrite rewrite_;
};

void strip_accent(char32_t code, std::string& out) {
  if (!is_mark(code)) append_utf8(code, out);
}

// What SentencePiece's "nmt_nfkc" does before NFKC: control characters go, unusual spaces become usual ones.
void clean_for_translation(char32_t code, std::string& out) {
  const bool is_dropped = (code >= 0x01 && code <= 0x08) || code == 0x0B || (code >= 0x0E && code <= 0x1F) ||
                          code == 0x7F || code == 0x8F || code == 0x9F;
  const bool is_space = code == '\t' || code == '\n' || code == '\f' || code == '\r' || code == 0x1680 ||
                        (code >= 0x200B && code <= 0x200F) || code == 0x2028 || code == 0x2029 || code == 0x2581 ||
                        code == 0xFEFF || code == kReplacementCharacter;
  if (!is_dropped) append_utf8(is_space ? U' ' : code, out);
}

template <PerCodePoint::Rewrite kRewrite>
MadeNormalizer make_per_code_point(Component&) {
  return std::make_unique<PerCodePoint>(kRewrite);
}

class ToBytes : public Normalizer {
 public:
  void normalize(std::string& text) const override {
    std::string out;
    append_byte_characters(text, out);
    text = std::move(out);
  }
};

template <typename T>
MadeNormalizer make_plain(Component&) {
  return std::make_unique<T>();
}

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void normalize(std::string& text) const override {
    if (!text.empty()) text.insert(0, prefix_);
  }

 private:
  std::string prefix_;
};

MadeNormalizer make_prepend(Component& component) { return std::make_unique<Prepend>(component.text("prepend")); }

struct Sides {
  bool left, right;
};

class Strip : public Normalizer {
 public:
  explicit Strip(Sides sides) : sides_(sides) {}
  void normalize(std::string& text) const override {
    size_t begin = 0, end = text.size();
    while (sides_.right && end > 0 && is_white_space(decode_utf8(text, previous_code_point(text, end)).code)) {
      end = previous_code_point(text, end);
    }
    while (sides_.left && begin < end && is_white_space(decode_utf8(text, begin).code)) {
      begin += decode_utf8(text, begin).length;
    }
    text = text.substr(begin, end - begin);
  }

 private:
  Sides sides_;
};

MadeNormalizer make_strip(Component& component) {
  const bool left = component.flag("strip_left"), right = component.flag("strip_right");
  return std::make_unique<Strip>(Sides{left, right});
}

class Replace : public Normalizer {
 public:
  Replace(regex::Regex pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void normalize(std::string& text) const override {
    regex::Matcher matcher(pattern_);
    matcher.start(text);
    std::string out;
    size_t end = 0;
    for (regex::Match match; matcher.next(match); end = match.end) {
      out.append(text, end, match.begin - end);
      out += content_;
    }
    out.append(text, end);
    text = std::move(out);
  }

 private:
  regex::Regex pattern_;
  std::string content_;
};

MadeNormalizer make_replace(Component& component) {
  std::optional<regex::Regex> pattern = read_pattern(component, "pattern");
  std::string content = component.text("content");
  return pattern ? std::make_unique<Replace>(std::move(*pattern), std::move(content)) : nullptr;
}

class Sequence : public Normalizer {
 public:
  explicit Sequence(std::vector<MadeNormalizer> steps) : steps_(std::move(steps)) {}
  void normalize(std::string& text) const override {
    for (const MadeNormalizer& step : steps_) step->normalize(text);
  }

 private:
  std::vector<MadeNormalizer> steps_;
};

MadeNormalizer make_sequence(Component& component) {
  const JsonValue* list = component.find("normalizers");
  if (list == nullptr || list->array() == nullptr) {
    component.note("normalizers", list == nullptr ? "missing" : "got " + shown(*list) + ", want a list");
    return nullptr;
  }
  std::vector<MadeNormalizer> steps;
  for (const JsonValue& item : *list->array()) {
    const std::string path = component.path_of("normalizers[" + std::to_string(steps.size()) + "]");
    Result<MadeNormalizer> step =
        item.is_null() ? Failure{path + ": got null, want an object"} : make_normalizer(item, path);
    if (!step) {
      component.note(step.message());
      return nullptr;
    }
    steps.push_back(std::move(*step));
  }
  return std::make_unique<Sequence>(std::move(steps));
}

struct NormalizerKind {
  std::string_view type;
  std::string_view own_member;  // by which an object without "type" is known
  MadeNormalizer (*make)(Component& component);
};

constexpr auto kKinds = std::to_array<NormalizerKind>({
    {"NFC", "", make_normal_form<NormalForm::kC>},
    {"NFD", "", make_normal_form<NormalForm::kD>},
    {"NFKC", "", make_normal_form<NormalForm::kKc>},
    {"NFKD", "", make_normal_form<NormalForm::kKd>},
    {"Lowercase", "", make_plain<Lowercase>},
    {"StripAccents", "", make_per_code_point<strip_accent>},
    {"Nmt", "", make_per_code_point<clean_for_translation>},
    {"ByteLevel", "", make_plain<ToBytes>},
    {"Prepend", "prepend", make_prepend},
    {"Strip", "strip_left", make_strip},
    {"Replace", "content", make_replace},
    {"Precompiled", "precompiled_charsmap", make_precompiled_normalizer},
    {"BertNormalizer", "clean_text", make_bert_normalizer},
    {"Sequence", "normalizers", make_sequence},
});

}  // namespace

Result<MadeNormalizer> make_normalizer(const JsonValue& json, std::string_view path) {
  if (json.is_null()) return MadeNormalizer();
  Component component(json, path);
  const size_t kind = component.kind(kKinds);
  if (component.failed()) return component.failure();
  MadeNormalizer made = kKinds[kind].make(component);
  if (component.failed()) return component.failure();
  return made;
}

}  // namespace cortland::text
