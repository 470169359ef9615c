// Ids of a running generation to text that can be shown.
#pragma once

#include <cstdint>
#include <string>

#include "text/tokenizer.h"

namespace cortland::text {

// Takes ids one by one and gives the text that no later id can change; a character comes with the id that completes it.
// All of it is Tokenizer::decode of all ids, with one exception: when a run of byte tokens (`<0xE2>`) that has shown
// characters turns out to be no text, those stay, and only its further bytes become U+FFFD.
class DetokenizerStream {
 public:
  // Refers to the tokenizer.
  explicit DetokenizerStream(const Tokenizer& tokenizer, const DecodeOptions& options = {})
      : tokenizer_(tokenizer), options_(options), run_(tokenizer.decoder().start(ByteRuns::kEager)) {}

  // What the id adds, often nothing. An id without a token adds nothing.
  std::string push(int32_t id);
  // What was held back. No id may follow.
  std::string finish();

 private:
  const Tokenizer& tokenizer_;
  DecodeOptions options_;
  Decoder::Run run_;
};

}  // namespace cortland::text
