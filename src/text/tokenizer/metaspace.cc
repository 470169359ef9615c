#include "text/tokenizer/metaspace.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "text/tokenizer/rewriter.h"
#include "text/tokenizer/split.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

enum class Scheme : uint8_t { kAlways, kFirst, kNever };
constexpr std::array<std::string_view, 3> kSchemeNames = {"always", "first", "never"};

struct MetaspaceSettings {
  std::string replacement;
  Scheme scheme = Scheme::kAlways;
  bool splits = true;
};

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceSettings settings) : settings_(std::move(settings)) {}

  void split(Pieces& pieces) const override {
    Rewriter rewriter(pieces, pieces.text.size() + pieces.text.size() / 2);
    for (const Pieces::Range& range : pieces.ranges) {
      const std::string_view text = rewriter.text_of(range);
      const bool is_wanted = settings_.scheme == Scheme::kAlways ||
                             (settings_.scheme == Scheme::kFirst && pieces.at_start && range.begin == 0);
      if (is_wanted && !text.starts_with(' ') && !text.starts_with(settings_.replacement)) {
        rewriter.out() += settings_.replacement;
      }
      for (size_t at = 0; at < text.size();) {
        const size_t space = std::min(text.find(' ', at), text.size());
        rewriter.out() += text.substr(at, space - at);
        if (space < text.size()) rewriter.out() += settings_.replacement;
        at = space + 1;
      }
      rewriter.end_piece();
    }
    rewriter.finish();
    if (settings_.splits) cut(pieces);
  }

 private:
  // Each replacement begins a piece.
  void cut(Pieces& pieces) const {
    std::vector<Pieces::Range> ranges;
    Cutter cutter(Behavior::kMergedWithNext, ranges);
    const std::string_view text = pieces.text;
    for (const Pieces::Range& piece : pieces.ranges) {
      cutter.begin_piece();
      for (uint32_t at = piece.begin; at < piece.end;) {
        const size_t found = text.find(settings_.replacement, at);
        const auto mark = static_cast<uint32_t>(std::min<size_t>(found, piece.end));
        if (mark > at) cutter.add(at, mark, false);
        at = mark;
        if (mark == piece.end) break;
        at += static_cast<uint32_t>(settings_.replacement.size());
        cutter.add(mark, at, true);
      }
      cutter.end_piece();
    }
    pieces.ranges = std::move(ranges);
  }

  MetaspaceSettings settings_;
};

}  // namespace

std::unique_ptr<const PreTokenizer> make_metaspace(Component& component) {
  MetaspaceSettings settings;
  append_utf8(component.code_point("replacement"), settings.replacement);
  settings.splits = component.flag("split", true);
  // Older files have a flag in place of the scheme.
  const bool adds_space = component.flag("add_prefix_space", true);
  const auto fallback = static_cast<size_t>(adds_space ? Scheme::kAlways : Scheme::kNever);
  settings.scheme = static_cast<Scheme>(component.choice("prepend_scheme", kSchemeNames, fallback));
  return std::make_unique<Metaspace>(std::move(settings));
}

}  // namespace cortland::text
