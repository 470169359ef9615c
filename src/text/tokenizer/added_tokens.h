// Tokens that are found in the text before anything else happens to it: those of raw text first, then, in what lies
// between, those of normalized text. Leftmost first, of those the longest.
#pragma once

#include <array>
#include <vector>

#include "text/tokenizer/vocabulary.h"

namespace cortland::text {

// Longer ones are refused: at every place of a text a search looks that far.
inline constexpr size_t kMaxAddedToken = 512;

// A part of a text: a token, or what lies between tokens.
struct TextPart {
  static constexpr int32_t kNoToken = -1;
  std::string_view text;
  int32_t id = kNoToken;
};

// Whether special tokens count; other added tokens always do.
enum class SpecialText { kRecognized, kPlain };

// The added tokens of one of the two rounds. Refers to the image.
class AddedTokens {
 public:
  enum class Round { kRaw, kNormalized };
  static portable::Result<AddedTokens> read(const Sections& image, const Settings& settings, Round round);

  // The parts in order; all of the text, but white space that a token swallows belongs to it.
  std::vector<TextPart> split(std::string_view text, SpecialText special) const;

 private:
  struct Token {
    std::string_view pattern;
    uint32_t id = 0, flags = 0;
  };
  // nullptr when no token begins at `at`.
  const Token* find(std::string_view text, size_t at) const;

  std::vector<Token> tokens_;               // sorted by pattern
  std::array<uint32_t, 257> first_byte_{};  // where patterns begin whose first byte is at least this
};

}  // namespace cortland::text
