#include "text/gguf_vocabulary.h"

#include <algorithm>
#include <cmath>

#include "text/tokenizer/draft.h"
#include "text/tokenizer/gguf_pre.h"
#include "text/tokenizer/image_writer.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr char kFileKind[] = "GGUF";
constexpr size_t kMaxToken = 1024;  // of a "llama" vocabulary, where every way to halve a token counts

enum TokenType : int32_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

TokenType type_of(const GgufVocabulary& vocabulary, size_t id) {
  return vocabulary.token_type.empty() ? kNormal : static_cast<TokenType>(vocabulary.token_type[id]);
}

Failure failure(std::string_view key, const std::string& what) {
  return {std::string(kFileKind) + ": tokenizer.ggml." + std::string(key) + what};
}

// JSON of the program itself.
JsonValue component(std::string_view json) { return *portable::parse_json(json); }

Result<bool> add_tokens(const GgufVocabulary& vocabulary, TokenizerDraft& draft) {
  const size_t count = vocabulary.tokens.size();
  for (const auto& [key, size] : {std::pair("token_type", vocabulary.token_type.size()),
                                  std::pair("scores", vocabulary.scores.size())}) {
    if (size != 0 && size != count) {
      return failure(key, "; got " + std::to_string(size) + " items, want " + std::to_string(count));
    }
  }
  for (size_t id = 0; id < count; ++id) {
    const std::string& token = vocabulary.tokens[id];
    const std::string path = std::string(kFileKind) + ": tokenizer.ggml.tokens[" + std::to_string(id) + "]";
    if (!is_valid_utf8(token)) return Failure{path + ": want well-formed UTF-8"};
    const TokenType type = type_of(vocabulary, id);
    if (type == kUnused) continue;
    Result<bool> good = draft.add(token, static_cast<int64_t>(id), path);
    if (!good) return good;
    const bool is_special = type == kControl || type == kUnknown;
    if (!is_special && type != kUserDefined) continue;
    // Byte-level vocabularies spell such tokens unlike all others: no piece may meet them.
    if (vocabulary.model == "gpt2") draft.flags[id] = 0;
    good = draft.add(AddedToken{token, 0, is_special ? uint32_t{kSpecial} : 0}, path);
    if (!good) return good;
  }
  return true;
}

Result<bool> add_merges(const GgufVocabulary& vocabulary, TokenizerDraft& draft) {
  for (size_t i = 0; i < vocabulary.merges.size(); ++i) {
    const std::string& merge = vocabulary.merges[i];
    const size_t space = merge.find(' ', 1);
    const std::string left = merge.substr(0, space);
    const std::string right = space == std::string::npos ? "" : merge.substr(space + 1);
    const std::optional<uint32_t> ids[] = {draft.id_of(left), draft.id_of(right), draft.id_of(left + right)};
    if (!ids[0] || !ids[1] || !ids[2]) {
      return failure("merges[" + std::to_string(i) + "]", ": want two tokens that are one together");
    }
    draft.merges.push_back({*ids[0], *ids[1], *ids[2]});
  }
  return true;
}

// Every way to halve a token is a merge; those of the most likely token come first, then longer left and right halves.
Result<bool> derive_merges(const GgufVocabulary& vocabulary, TokenizerDraft& draft) {
  struct Candidate {
    float score;
    size_t left_size, right_size;  // characters
    TokenizerDraft::MergeRule rule;
  };
  std::vector<Candidate> candidates;
  for (uint32_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const std::string& token = vocabulary.tokens[id];
    const TokenType type = type_of(vocabulary, id);
    if (type != kNormal && type != kUserDefined) continue;
    if (token.size() > kMaxToken) {
      return failure("tokens[" + std::to_string(id) + "]", "; got " + std::to_string(token.size()) +
                                                               " bytes, want at most " + std::to_string(kMaxToken));
    }
    const size_t first = candidates.size();
    const auto is_start = [&](size_t at) { return (static_cast<unsigned char>(token[at]) & 0xC0) != 0x80; };
    const auto size = static_cast<size_t>(std::count_if(token.begin(), token.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
    size_t left_size = 0;
    for (size_t at = 1; at < token.size(); ++at) {
      if (!is_start(at)) continue;
      ++left_size;
      const std::optional<uint32_t> left = draft.id_of(token.substr(0, at));
      const std::optional<uint32_t> right = left ? draft.id_of(token.substr(at)) : std::nullopt;
      if (left && right) {
        candidates.push_back({vocabulary.scores[id], left_size, size - left_size, {*left, *right, id}});
      }
    }
    std::sort(candidates.begin() + static_cast<std::ptrdiff_t>(first), candidates.end(),
              [](const Candidate& a, const Candidate& b) {
                return std::pair(a.rule.left, a.rule.right) < std::pair(b.rule.left, b.rule.right);
              });
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::pair(a.left_size, a.right_size) > std::pair(b.left_size, b.right_size);
  });
  for (const Candidate& candidate : candidates) draft.merges.push_back(candidate.rule);
  return true;
}

Result<bool> read_byte_level(const GgufVocabulary& vocabulary, TokenizerDraft& draft) {
  const Result<GgufPre> pre = find_gguf_pre(vocabulary.pre.empty() ? "default" : vocabulary.pre);
  if (!pre) return Failure{pre.message()};
  draft.normalizer = pre->normalizer;
  draft.pre_tokenizer = pre->pre_tokenizer;
  draft.decoder = component(R"({"type":"ByteLevel"})");
  draft.ignore_merges = pre->ignore_merges;
  if (vocabulary.add_bos_token.value_or(pre->add_bos) && vocabulary.bos_token_id) {
    draft.before.push_back(*vocabulary.bos_token_id);
  }
  return add_merges(vocabulary, draft);
}

Result<bool> read_sentence_piece(const GgufVocabulary& vocabulary, TokenizerDraft& draft) {
  if (vocabulary.scores.empty()) return failure("scores", ": missing");
  const bool is_finite = std::all_of(vocabulary.scores.begin(), vocabulary.scores.end(),
                                     [](float score) { return std::isfinite(score); });
  if (!is_finite) return failure("scores", ": want finite numbers");
  const bool has_prefix = vocabulary.add_space_prefix.value_or(true);
  const std::string replace = R"({"type":"Replace","pattern":{"String":" "},"content":"\u2581"})";
  const std::string prepend = R"({"type":"Prepend","prepend":"\u2581"},)";
  draft.normalizer =
      component(R"({"type":"Sequence","normalizers":[)" + (has_prefix ? prepend : std::string()) + replace + "]}");
  std::string decoder = R"({"type":"Sequence","decoders":[
      {"type":"Replace","pattern":{"String":"\u2581"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"})";
  if (has_prefix) decoder += R"(,{"type":"Strip","content":" ","start":1,"stop":0})";
  draft.decoder = component(decoder + "]}");
  draft.fuse_unknown = draft.byte_fallback = true;
  const int32_t unknown = vocabulary.unknown_token_id.value_or(0);
  if (unknown < 0 || static_cast<size_t>(unknown) >= vocabulary.tokens.size()) {
    return failure("unknown_token_id", "; got " + std::to_string(unknown) + ", want the id of a token");
  }
  draft.unknown = unknown;
  if (vocabulary.add_bos_token.value_or(true) && vocabulary.bos_token_id) {
    draft.before.push_back(*vocabulary.bos_token_id);
  }
  return derive_merges(vocabulary, draft);
}

}  // namespace

Result<std::string> compile_gguf_vocabulary(const GgufVocabulary& vocabulary) {
  TokenizerDraft draft;
  const bool is_byte_level = vocabulary.model == "gpt2";
  if (!is_byte_level && vocabulary.model != "llama") {
    return failure("model", "; got \"" + vocabulary.model + "\", want \"gpt2\" or \"llama\"");
  }
  Result<bool> good = add_tokens(vocabulary, draft);
  if (good) good = is_byte_level ? read_byte_level(vocabulary, draft) : read_sentence_piece(vocabulary, draft);
  if (!good) return Failure{good.message()};
  if (vocabulary.add_eos_token.value_or(false) && vocabulary.eos_token_id) {
    draft.after.push_back(*vocabulary.eos_token_id);
  }
  return write_image(draft, kFileKind);
}

}  // namespace cortland::text
