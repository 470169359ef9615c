#include "text/tokenizer/byte_level.h"

#include <optional>
#include <utility>

#include "text/regex/matcher.h"
#include "text/tokenizer/byte_alphabet.h"
#include "text/tokenizer/rewriter.h"

namespace cortland::text {
namespace {

constexpr std::string_view kWords = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

struct ByteLevelSettings {
  bool adds_space;
  std::optional<regex::Regex> words;
};

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(ByteLevelSettings settings) : settings_(std::move(settings)) {}

  void split(Pieces& pieces) const override {
    if (settings_.adds_space) add_spaces(pieces);
    if (settings_.words) cut_words(*settings_.words, pieces);
    Rewriter rewriter(pieces, 2 * pieces.text.size());
    for (const Pieces::Range& range : pieces.ranges) {
      append_byte_characters(rewriter.text_of(range), rewriter.out());
      rewriter.end_piece();
    }
    rewriter.finish();
  }

 private:
  static void add_spaces(Pieces& pieces) {
    Rewriter rewriter(pieces, pieces.text.size() + pieces.ranges.size());
    for (const Pieces::Range& range : pieces.ranges) {
      const std::string_view text = rewriter.text_of(range);
      if (!text.starts_with(' ')) rewriter.out() += ' ';
      rewriter.out() += text;
      rewriter.end_piece();
    }
    rewriter.finish();
  }

  // Every match a piece, and so what lies between them.
  static void cut_words(const regex::Regex& words, Pieces& pieces) {
    regex::Matcher matcher(words);
    std::vector<Pieces::Range> ranges;
    ranges.reserve(pieces.text.size() / 4);
    for (const Pieces::Range& piece : pieces.ranges) {
      matcher.start(std::string_view(pieces.text).substr(piece.begin, piece.end - piece.begin));
      uint32_t end = piece.begin;
      for (regex::Match match; matcher.next(match);) {
        const uint32_t begin = piece.begin + static_cast<uint32_t>(match.begin);
        if (begin > end) ranges.push_back({end, begin});
        end = piece.begin + static_cast<uint32_t>(match.end);
        ranges.push_back({begin, end});
      }
      if (end < piece.end) ranges.push_back({end, piece.end});
    }
    pieces.ranges = std::move(ranges);
  }

  ByteLevelSettings settings_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> make_byte_level(Component& component) {
  ByteLevelSettings settings;
  settings.adds_space = component.flag("add_prefix_space", true);
  if (component.flag("use_regex", true)) {
    portable::Result<regex::Regex> words = regex::Regex::compile(kWords);
    if (words) settings.words = *words;
  }
  return std::make_unique<ByteLevel>(std::move(settings));
}

}  // namespace cortland::text
