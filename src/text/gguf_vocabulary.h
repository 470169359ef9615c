// The tokenizer that a GGUF file carries, as an image like that of tokenizer.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

// Metadata keys behind "tokenizer.ggml.".
struct GgufVocabulary {
  std::string model = {};             // "gpt2": byte-level BPE; "llama": SentencePiece BPE
  std::string pre = {};               // how text is cut before BPE; empty is "default"
  std::vector<std::string> tokens = {};  // by id
  std::vector<float> scores = {};     // by id (llama)
  // By id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty: all are normal.
  std::vector<int32_t> token_type = {};
  std::vector<std::string> merges = {};  // "a b" (gpt2)
  std::optional<int32_t> bos_token_id = {}, eos_token_id = {}, unknown_token_id = {};
  std::optional<bool> add_bos_token = {}, add_eos_token = {}, add_space_prefix = {};
};

// Fails for kinds that are not known and for lists that do not fit each other. Some facts of tokenizer.json are not in
// GGUF files: added tokens are matched in raw text with no white space swallowed, and the space before a text ("llama")
// stands before every part between control tokens, as in older files.
portable::Result<std::string> compile_gguf_vocabulary(const GgufVocabulary& vocabulary);

}  // namespace cortland::text
