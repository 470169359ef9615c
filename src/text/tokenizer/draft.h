// A tokenizer as plain lists, on its way from a file to an image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "portable/json.h"
#include "text/tokenizer/image.h"

namespace cortland::text {

struct AddedToken {
  std::string content;
  uint32_t id = 0;
  uint32_t flags = 0;  // AddedFlags
};

struct TokenizerDraft {
  struct MergeRule {
    uint32_t left = 0, right = 0, merged = 0;
  };

  ModelKind model = ModelKind::kBpe;
  std::vector<std::string> tokens;      // by id
  std::vector<uint8_t> flags;           // TokenFlags without kWhole; 0: no token has this id
  std::vector<double> scores;           // by id (Unigram)
  std::vector<MergeRule> merges;        // by rank (BPE)
  std::string prefix, suffix;           // continuing_subword_prefix, end_of_word_suffix (BPE)
  int32_t unknown = kDropUnknown;
  bool fuse_unknown = false, byte_fallback = false, ignore_merges = false, clean_up = false;
  std::vector<AddedToken> added;        // no two of one content
  std::vector<int32_t> before, after;   // special ids around a text
  portable::JsonValue normalizer, pre_tokenizer, decoder;

  std::unordered_map<std::string, uint32_t> ids;          // of `tokens`
  std::unordered_map<std::string, size_t> added_places;   // content -> index into `added`
  size_t model_size = 0;                                  // how many tokens the model has
  uint32_t next_added = 0;                                // behind all ids of `added`

  // Nothing when no token is spelled so.
  std::optional<uint32_t> id_of(const std::string& token) const;
  // Takes a token of the model. Fails when the id is taken or too large.
  portable::Result<bool> add(std::string token, int64_t id, const std::string& path);
  // Takes an added token, or other flags for one: its id is the one that the model has for it, else the next free one
  // behind all, whatever the file says, as in the reference implementation.
  portable::Result<bool> add(AddedToken token, const std::string& path);

 private:
  void mark(const AddedToken& token);
};

}  // namespace cortland::text
