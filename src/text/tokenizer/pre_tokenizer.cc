#include "text/tokenizer/pre_tokenizer.h"

#include <array>
#include <optional>
#include <utility>

#include "text/regex/matcher.h"
#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/character_split.h"
#include "text/tokenizer/component.h"
#include "text/tokenizer/metaspace.h"
#include "text/tokenizer/pattern.h"
#include "text/tokenizer/script_split.h"
#include "text/tokenizer/split.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;

namespace {

using MadePreTokenizer = std::unique_ptr<const PreTokenizer>;

struct SplitSettings {
  regex::Regex pattern;
  Behavior behavior;
  bool is_inverted;
};

class Split : public PreTokenizer {
 public:
  explicit Split(SplitSettings settings) : settings_(std::move(settings)) {}

  void split(Pieces& pieces) const override {
    std::vector<Pieces::Range> ranges;
    ranges.reserve(pieces.text.size() / 4);
    Cutter cutter(settings_.behavior, ranges);
    regex::Matcher matcher(settings_.pattern);
    for (const Pieces::Range& piece : pieces.ranges) {
      matcher.start(std::string_view(pieces.text).substr(piece.begin, piece.end - piece.begin));
      cutter.begin_piece();
      uint32_t end = piece.begin;
      for (regex::Match match; matcher.next(match);) {
        const uint32_t begin = piece.begin + static_cast<uint32_t>(match.begin);
        if (begin > end) cutter.add(end, begin, settings_.is_inverted);
        end = piece.begin + static_cast<uint32_t>(match.end);
        cutter.add(begin, end, !settings_.is_inverted);
      }
      if (end < piece.end) cutter.add(end, piece.end, settings_.is_inverted);
      cutter.end_piece();
    }
    pieces.ranges = std::move(ranges);
  }

 private:
  SplitSettings settings_;
};

MadePreTokenizer make_split(Component& component) {
  std::optional<regex::Regex> pattern = read_pattern(component, "pattern");
  const auto behavior = static_cast<Behavior>(component.choice("behavior", kBehaviorNames));
  const bool is_inverted = component.flag("invert");
  return pattern ? std::make_unique<Split>(SplitSettings{std::move(*pattern), behavior, is_inverted}) : nullptr;
}

class FixedLength : public PreTokenizer {
 public:
  explicit FixedLength(uint64_t length) : length_(length) {}

  void split(Pieces& pieces) const override {
    std::vector<Pieces::Range> ranges;
    for (const Pieces::Range& piece : pieces.ranges) {
      for (uint32_t begin = piece.begin, end = begin; begin < piece.end; begin = end) {
        for (uint64_t count = 0; count < length_ && end < piece.end; ++count) {
          end += decode_utf8(pieces.text, end).length;
        }
        ranges.push_back({begin, end});
      }
    }
    pieces.ranges = std::move(ranges);
  }

 private:
  uint64_t length_;  // code points
};

MadePreTokenizer make_fixed_length(Component& component) {
  return std::make_unique<FixedLength>(static_cast<uint64_t>(component.integer("length", 1, 5)));
}

class PreTokenizerSequence : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<MadePreTokenizer> steps) : steps_(std::move(steps)) {}
  void split(Pieces& pieces) const override {
    for (const MadePreTokenizer& step : steps_) step->split(pieces);
  }

 private:
  std::vector<MadePreTokenizer> steps_;
};

MadePreTokenizer make_pre_tokenizer_sequence(Component& component) {
  const JsonValue* list = component.find("pretokenizers");
  if (list == nullptr || list->array() == nullptr) {
    component.note("pretokenizers", list == nullptr ? "missing" : "got " + shown(*list) + ", want a list");
    return nullptr;
  }
  std::vector<MadePreTokenizer> steps;
  for (const JsonValue& item : *list->array()) {
    const std::string path = component.path_of("pretokenizers[" + std::to_string(steps.size()) + "]");
    Result<MadePreTokenizer> step =
        item.is_null() ? Failure{path + ": got null, want an object"} : make_pre_tokenizer(item, path);
    if (!step) {
      component.note(step.message());
      return nullptr;
    }
    steps.push_back(std::move(*step));
  }
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

struct PreTokenizerKind {
  std::string_view type;
  std::string_view own_member;  // by which an object without "type" is known
  MadePreTokenizer (*make)(Component& component);
};

constexpr auto kPreTokenizerKinds = std::to_array<PreTokenizerKind>({
    {"ByteLevel", "trim_offsets", make_byte_level},
    {"Split", "pattern", make_split},
    {"Digits", "individual_digits", make_digits},
    {"Punctuation", "behavior", make_punctuation},
    {"Whitespace", "", make_whitespace},
    {"WhitespaceSplit", "", make_whitespace_split},
    {"Metaspace", "replacement", make_metaspace},
    {"CharDelimiterSplit", "delimiter", make_delimiter_split},
    {"FixedLength", "length", make_fixed_length},
    {"BertPreTokenizer", "", make_bert_pre_tokenizer},
    {"UnicodeScripts", "", make_script_split},
    {"Sequence", "pretokenizers", make_pre_tokenizer_sequence},
});

}  // namespace

Pieces whole_piece(std::string text, bool at_start) {
  Pieces pieces{std::move(text), {}, at_start};
  if (!pieces.text.empty()) pieces.ranges.push_back({0, static_cast<uint32_t>(pieces.text.size())});
  return pieces;
}

Result<MadePreTokenizer> make_pre_tokenizer(const JsonValue& json, std::string_view path) {
  if (json.is_null()) return MadePreTokenizer();
  Component component(json, path);
  const size_t kind = component.kind(kPreTokenizerKinds);
  if (component.failed()) return component.failure();
  MadePreTokenizer made = kPreTokenizerKinds[kind].make(component);
  if (component.failed()) return component.failure();
  return made;
}

}  // namespace cortland::text
