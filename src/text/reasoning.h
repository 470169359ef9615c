// Tells the reasoning of a model from its answer while the text streams in, as with <think> ... </think>.
#pragma once

#include <cstdint>
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

  // Of UTF-8 wherever the text was cut between characters.
  struct Pieces {
    std::string reasoning;
    std::string answer;
  };

  // REQUIRES: neither tag is empty, nor begins with a space or a line end.
  explicit ReasoningSplitter(Options options);

  // What is certain once `text`, of any size, has come too. Tags go, and spaces and line ends next to them; what may be
  // the beginning of a closing tag is held back. Reasoning opens only at the start of the text, with nothing but spaces
  // and line ends before it, and once: a tag that stands elsewhere is text like any.
  Pieces add(std::string_view text);
  // The text is at its end: what was held back.
  Pieces finish();

  bool is_reasoning() const { return place_ == Place::begin || place_ == Place::inside; }

  // Whether a prompt ends with an opening tag, and spaces or line ends at most.
  static bool is_opened_by(std::string_view prompt, const Options& options);

 private:
  enum class Place : uint8_t { before, begin, inside, behind_close, behind };

  // False when more text is needed.
  bool step(Pieces& pieces);

  Options options_;
  Place place_;
  std::string held_;
};

}  // namespace cortland::text
