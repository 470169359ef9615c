// From the strings of tokens to text: the decoders of tokenizer.json. Each is a stage that takes tokens in pieces and
// passes on what is certain, so that a stream and a whole decode are the same code.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "portable/json.h"
#include "text/tokenizer/normalizer.h"

namespace cortland::text {

// A stage receives token after token, each as any number of texts (whole characters) and an end.
class DecoderStage {
 public:
  virtual ~DecoderStage() = default;
  virtual void text(std::string_view part) = 0;
  virtual void end_token() = 0;
  // No token follows; passes this on.
  virtual void finish() = 0;
};

// What a run of byte tokens (`<0xE2>`) shows before it ends. As a whole it is text or, when one byte of it is wrong,
// U+FFFD for every byte; only the end tells. Eager: complete characters at once, later at most the rest becomes U+FFFD.
enum class ByteRuns { kWhole, kEager };

// One decoder, as data.
struct DecoderStep {
  enum class Kind {
    kByteLevel,
    kByteFallback,
    kFuse,
    kMetaspace,     // content: the character; keeps_prefix: it becomes a space in the first token too
    kReplace,       // pattern, content
    kReplaceRegex,  // regex
    kStrip,         // content: the character; start, stop: how many
    kBpe,           // pattern: the suffix
    kWordPiece,     // pattern: the prefix; cleans_up
    kCtc,           // pattern: the padding; content: the word delimiter; cleans_up
    kJoin,          // tokens with spaces between them: what stands for no decoder
  };
  Kind kind = Kind::kFuse;
  std::string pattern = {}, content = {};
  bool keeps_prefix = false, cleans_up = false;
  size_t start = 0, stop = 0;
  std::shared_ptr<const Normalizer> regex = {};
};

class Decoder {
 public:
  // `json` may be null. Fails for a decoder that is not known.
  static portable::Result<Decoder> make(const portable::JsonValue& json, std::string_view path);
  // Adds the removal of spaces before punctuation (clean_up_tokenization_spaces).
  void add_clean_up();

  // Stages of one decode, each passing on to the next one.
  class Run {
   public:
    // Takes in one token and appends what is certain by now.
    void push(std::string_view token, std::string& out);
    void finish(std::string& out);

   private:
    friend class Decoder;
    std::unique_ptr<std::string> out_ = std::make_unique<std::string>();  // stays where it is when the run moves
    std::vector<std::unique_ptr<DecoderStage>> stages_;  // last stage first
  };
  Run start(ByteRuns byte_runs) const;

 private:
  std::vector<DecoderStep> steps_;
};

}  // namespace cortland::text
