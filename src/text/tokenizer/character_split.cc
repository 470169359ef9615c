#include "text/tokenizer/character_split.h"

#include <utility>

#include "text/tokenizer/split.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

using Made = std::unique_ptr<const PreTokenizer>;

// Each character for which `is_match` holds is a segment of its own.
template <typename Predicate>
class CharacterSplit : public PreTokenizer {
 public:
  CharacterSplit(Predicate is_match, Behavior behavior) : is_match_(is_match), behavior_(behavior) {}

  void split(Pieces& pieces) const override {
    std::vector<Pieces::Range> ranges;
    Cutter cutter(behavior_, ranges);
    for (const Pieces::Range& piece : pieces.ranges) {
      cutter.begin_piece();
      uint32_t begin = piece.begin;  // of what does not match
      for (uint32_t at = piece.begin; at < piece.end;) {
        const Decoded decoded = decode_utf8(pieces.text, at);
        const uint32_t next = at + decoded.length;
        if (is_match_(decoded.code)) {
          if (at > begin) cutter.add(begin, at, false);
          cutter.add(at, next, true);
          begin = next;
        }
        at = next;
      }
      if (begin < piece.end) cutter.add(begin, piece.end, false);
      cutter.end_piece();
    }
    pieces.ranges = std::move(ranges);
  }

 private:
  Predicate is_match_;
  Behavior behavior_;
};

template <typename Predicate>
Made split_by(Predicate is_match, Behavior behavior) {
  return std::make_unique<CharacterSplit<Predicate>>(is_match, behavior);
}

// Punctuation, and what else of ASCII is neither letter, digit, space nor control.
bool is_sign(char32_t code) {
  if (code >= 0x80) return is_punctuation(code);
  return (code >= '!' && code <= '/') || (code >= ':' && code <= '@') || (code >= '[' && code <= '`') ||
         (code >= '{' && code <= '~');
}

// Runs of word characters and runs of others; white space is dropped.
class Whitespace : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    std::vector<Pieces::Range> ranges;
    for (const Pieces::Range& piece : pieces.ranges) {
      enum { kSpace, kWord, kOther } last = kSpace;
      for (uint32_t at = piece.begin; at < piece.end;) {
        const Decoded decoded = decode_utf8(pieces.text, at);
        const uint32_t next = at + decoded.length;
        if (is_white_space(decoded.code)) {
          last = kSpace;
        } else {
          const auto kind = is_word(decoded.code) ? kWord : kOther;
          if (kind == last) {
            ranges.back().end = next;
          } else {
            ranges.push_back({at, next});
          }
          last = kind;
        }
        at = next;
      }
    }
    pieces.ranges = std::move(ranges);
  }
};

class BertPreTokenizer : public PreTokenizer {
 public:
  void split(Pieces& pieces) const override {
    words_->split(pieces);
    signs_->split(pieces);
  }

 private:
  Made words_ = split_by(is_white_space, Behavior::kRemoved);
  Made signs_ = split_by(is_sign, Behavior::kIsolated);
};

}  // namespace

Made make_digits(Component& component) {
  return split_by(is_numeric, component.flag("individual_digits") ? Behavior::kIsolated : Behavior::kContiguous);
}

Made make_punctuation(Component& component) {
  constexpr auto kDefault = static_cast<size_t>(Behavior::kIsolated);
  return split_by(is_sign, static_cast<Behavior>(component.choice("behavior", kBehaviorNames, kDefault)));
}

Made make_whitespace(Component&) { return std::make_unique<Whitespace>(); }
Made make_whitespace_split(Component&) { return split_by(is_white_space, Behavior::kRemoved); }
Made make_bert_pre_tokenizer(Component&) { return std::make_unique<BertPreTokenizer>(); }

Made make_delimiter_split(Component& component) {
  const char32_t delimiter = component.code_point("delimiter");
  return split_by([delimiter](char32_t code) { return code == delimiter; }, Behavior::kRemoved);
}

}  // namespace cortland::text
