#include "text/tokenizer/model_json.h"

#include "text/tokenizer/component.h"
#include "text/tokenizer/trie.h"
#include "text/tokenizer/unigram.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

// Old files do not say what the model is.
std::string kind_of(const JsonValue& json) {
  const JsonValue* type = json.find("type");
  if (type != nullptr && type->text() != nullptr) return *type->text();
  const JsonValue* vocab = json.find("vocab");
  if (vocab != nullptr && vocab->array() != nullptr) return "Unigram";
  if (vocab != nullptr && json.find("merges") != nullptr) return "BPE";
  return "";
}

struct TextPair {
  std::string left, right;
};

// "a b" or ["a", "b"]; nothing for anything else.
std::optional<TextPair> pair_of(const JsonValue& json) {
  if (const std::string* line = json.text()) {
    const size_t space = line->find(' ');
    if (space == std::string::npos || line->find(' ', space + 1) != std::string::npos) return std::nullopt;
    return TextPair{line->substr(0, space), line->substr(space + 1)};
  }
  const JsonValue::Array* items = json.array();
  if (items == nullptr || items->size() != 2) return std::nullopt;
  const std::string* left = (*items)[0].text();
  const std::string* right = (*items)[1].text();
  return left == nullptr || right == nullptr ? std::nullopt : std::optional(TextPair{*left, *right});
}

Result<bool> read_merges(const JsonValue::Array& merges, const std::string& path, TokenizerDraft& draft) {
  for (size_t i = 0; i < merges.size(); ++i) {
    const std::string* line = merges[i].text();
    if (line != nullptr && line->starts_with("#version")) continue;
    const std::string at = path + "[" + std::to_string(i) + "]";
    const std::optional<TextPair> pair = pair_of(merges[i]);
    if (!pair) return Failure{at + ": want two tokens"};
    if (!pair->right.starts_with(draft.prefix)) {
      return Failure{at + ": \"" + pair->right + "\" does not begin with the prefix \"" + draft.prefix + "\""};
    }
    const std::string merged = pair->left + pair->right.substr(draft.prefix.size());
    const std::optional<uint32_t> ids[] = {draft.id_of(pair->left), draft.id_of(pair->right), draft.id_of(merged)};
    const std::string* texts[] = {&pair->left, &pair->right, &merged};
    for (size_t k = 0; k < 3; ++k) {
      if (!ids[k]) return Failure{at + ": \"" + *texts[k] + "\" is not in the vocabulary"};
    }
    draft.merges.push_back({*ids[0], *ids[1], *ids[2]});
  }
  return true;
}

Result<bool> read_bpe(const JsonValue& json, const std::string& path, TokenizerDraft& draft) {
  Component component(json, path);
  draft.model = ModelKind::kBpe;
  draft.fuse_unknown = component.flag("fuse_unk", false);
  draft.byte_fallback = component.flag("byte_fallback", false);
  draft.ignore_merges = component.flag("ignore_merges", false);
  draft.prefix = component.text("continuing_subword_prefix", "");
  draft.suffix = component.text("end_of_word_suffix", "");
  for (const auto& [key, affix] : {std::pair("continuing_subword_prefix", &draft.prefix),
                                   std::pair("end_of_word_suffix", &draft.suffix)}) {
    if (affix->size() > kMaxAffix) component.note(key, "want at most " + std::to_string(kMaxAffix) + " bytes");
  }
  const JsonValue* vocab = component.present("vocab");
  if (vocab == nullptr || vocab->object() == nullptr) component.note("vocab", "want an object of tokens and their ids");
  const JsonValue::Array& merges = component.list("merges");
  if (component.failed()) return component.failure();
  for (const auto& [token, id] : *vocab->object()) {
    if (id.integer() == nullptr) return Failure{path + ".vocab: the id of \"" + token + "\"; want an integer"};
    const Result<bool> good = draft.add(token, *id.integer(), path + ".vocab");
    if (!good) return good;
  }
  const std::string unknown = component.text("unk_token", "");
  if (component.failed()) return component.failure();
  if (component.present("unk_token") != nullptr) {
    const std::optional<uint32_t> id = draft.id_of(unknown);
    draft.unknown = id ? static_cast<int32_t>(*id) : kRefuseUnknown;
  }
  return read_merges(merges, path + ".merges", draft);
}

Result<bool> read_unigram(const JsonValue& json, const std::string& path, TokenizerDraft& draft) {
  Component component(json, path);
  draft.model = ModelKind::kUnigram;
  draft.byte_fallback = component.flag("byte_fallback", false);
  const JsonValue::Array& vocab = component.list("vocab");
  if (component.failed()) return component.failure();
  for (size_t i = 0; i < vocab.size(); ++i) {
    const std::string at = path + ".vocab[" + std::to_string(i) + "]";
    const JsonValue::Array* items = vocab[i].array();
    const bool is_pair = items != nullptr && items->size() == 2;
    if (!is_pair || (*items)[0].text() == nullptr || !(*items)[1].number()) {
      return Failure{at + ": want a token and its score"};
    }
    const std::string& token = *(*items)[0].text();
    if (token.size() > kMaxTrieDepth) {
      return Failure{at + ": got a token of " + std::to_string(token.size()) + " bytes, want at most " +
                     std::to_string(kMaxTrieDepth)};
    }
    const Result<bool> good = draft.add(token, static_cast<int64_t>(i), at);
    if (!good) return good;
    draft.scores.push_back(*(*items)[1].number());
  }
  const int64_t unknown = component.integer("unk_id", 0, kRefuseUnknown);
  if (unknown >= static_cast<int64_t>(vocab.size())) component.note("unk_id", "is that of no token");
  draft.unknown = static_cast<int32_t>(unknown);
  return component.failed() ? Result<bool>(component.failure()) : Result<bool>(true);
}

}  // namespace

Result<bool> read_model(const JsonValue& json, const std::string& path, TokenizerDraft& draft) {
  const std::string kind = kind_of(json);
  if (kind == "BPE") return read_bpe(json, path, draft);
  if (kind == "Unigram") return read_unigram(json, path, draft);
  return Failure{path + ".type: \"" + kind + "\" is no model that is supported, want \"BPE\" or \"Unigram\""};
}

}  // namespace cortland::text
