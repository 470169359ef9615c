// Tells the reasoning of a model from its answer while the text streams in, as with <think> ... </think>.
#pragma once

#include <string>
#include <string_view>

namespace cortland::text {

class ReasoningSplitter {
 public:
  struct Options {
    std::string open = "<think>";
    std::string close = "</think>";
    // Whether the prompt ends inside of the reasoning, because the template has opened it already.
    bool is_open = false;
  };

  struct Pieces {
    std::string reasoning;
    std::string answer;
  };

  // REQUIRES: neither tag is empty.
  explicit ReasoningSplitter(Options options) : options_(std::move(options)), is_inside_(options_.is_open) {}

  // What is certain once `text`, of any size, has come too: tags are taken out, and what may be the beginning of one is
  // held back. Reasoning may open only at the start of the text, with nothing but spaces and line ends before it; a tag
  // that stands elsewhere is text like any. The spaces and line ends next to tags go.
  Pieces add(std::string_view text);
  // The text is at its end: what was held back.
  Pieces finish();

  bool is_reasoning() const { return is_inside_; }

  // Whether a prompt ends inside of reasoning: its last opening tag stands behind its last closing one, and nothing but
  // spaces and line ends follow.
  static bool is_opened_by(std::string_view prompt, const Options& options);

 private:
  enum class Place { before, inside, behind_close, behind };

  Options options_;
  bool is_inside_;
  std::string held_;
};

}  // namespace cortland::text
