#include "text/tokenizer_compiler.h"

#include <algorithm>

#include "text/tokenizer/component.h"
#include "text/tokenizer/image_writer.h"
#include "text/tokenizer/model_json.h"
#include "text/tokenizer/post_processor.h"
#include "text/tokenizer_config.h"
#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr char kWhere[] = "tokenizer.json";

uint32_t flags_of(const TokenizerConfig::Token& token) {
  return (token.single_word ? kSingleWord : 0u) | (token.lstrip ? kStripLeft : 0u) | (token.rstrip ? kStripRight : 0u) |
         (token.normalized ? kNormalized : 0u) | (token.special ? kSpecial : 0u);
}

Result<bool> read_added_tokens(const JsonValue& root, TokenizerDraft& draft) {
  Component component(root, kWhere);
  if (component.present("added_tokens") == nullptr) return true;
  const JsonValue::Array& items = component.list("added_tokens");
  if (component.failed()) return component.failure();
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string path = component.path_of("added_tokens[" + std::to_string(i) + "]");
    Component item(items[i], path);
    TokenizerConfig::Token token{.content = item.text("content")};
    token.special = item.flag("special", false);
    token.single_word = item.flag("single_word", false);
    token.lstrip = item.flag("lstrip", false);
    token.rstrip = item.flag("rstrip", false);
    token.normalized = item.flag("normalized", !token.special);
    if (item.failed()) return item.failure();
    const Result<bool> good = draft.add(AddedToken{token.content, 0, flags_of(token)}, path);
    if (!good) return good;
  }
  return true;
}

// What the classes of transformers change in a tokenizer that they have read.
Result<bool> apply_tokens(const TokenizerConfig& config, TokenizerDraft& draft) {
  const std::vector<TokenizerConfig::Token> special_tokens = config.special_tokens();
  const auto is_special = [&](const std::string& content) {
    return std::any_of(special_tokens.begin(), special_tokens.end(),
                       [&](const TokenizerConfig::Token& token) { return token.content == content; });
  };
  for (TokenizerConfig::Token token : config.added_tokens) {
    const auto place = draft.added_places.find(token.content);
    if (place != draft.added_places.end() && draft.added[place->second].flags == flags_of(token)) continue;
    token.special = token.special || is_special(token.content);
    const Result<bool> good = draft.add(AddedToken{token.content, 0, flags_of(token)}, "tokenizer_config.json");
    if (!good) return good;
  }
  for (TokenizerConfig::Token token : special_tokens) {
    token.special = true;
    const auto place = draft.added_places.find(token.content);
    const bool is_new = place == draft.added_places.end();
    const uint32_t flags = is_new ? flags_of(token) : draft.added[place->second].flags | kSpecial;
    const Result<bool> good = draft.add(AddedToken{token.content, 0, flags}, "tokenizer_config.json");
    if (!good) return good;
  }
  return true;
}

Result<bool> apply_around(const TokenizerConfig& config, TokenizerDraft& draft) {
  if (!config.around) return true;
  draft.before.clear();
  draft.after.clear();
  const auto add = [&](const char* key, const std::optional<TokenizerConfig::Token>& token, std::vector<int32_t>& ids) {
    const std::optional<uint32_t> id = token ? draft.id_of(token->content) : std::nullopt;
    const std::string path = std::string("tokenizer_config.json.") + key;
    if (!id) return Result<bool>(Failure{path + ": is true, but there is no such token"});
    ids.push_back(static_cast<int32_t>(*id));
    return Result<bool>(true);
  };
  Result<bool> good = true;
  if (config.around->bos) good = add("add_bos_token", config.bos, draft.before);
  if (good && config.around->eos) good = add("add_eos_token", config.eos, draft.after);
  return good;
}

void apply_prefix_space(const TokenizerConfig& config, TokenizerDraft& draft) {
  const JsonValue* found = draft.pre_tokenizer.find("add_prefix_space");
  if (found == nullptr) return;
  JsonValue::Object members = *draft.pre_tokenizer.object();
  for (auto& [key, value] : members) {
    if (key == "add_prefix_space") value = JsonValue(config.add_prefix_space);
  }
  draft.pre_tokenizer = JsonValue(std::move(members));
}

Result<bool> apply(const TokenizerConfig& config, TokenizerDraft& draft) {
  draft.clean_up = config.clean_up_tokenization_spaces;
  apply_prefix_space(config, draft);
  const Result<bool> good = apply_tokens(config, draft);
  return good ? apply_around(config, draft) : good;
}

}  // namespace

Result<std::string> compile_tokenizer(std::string_view text, std::string_view config_text) {
  if (!is_valid_utf8(text)) return Failure{std::string(kWhere) + ": want well-formed UTF-8"};
  if (!is_valid_utf8(config_text)) return Failure{"tokenizer_config.json: want well-formed UTF-8"};
  const Result<JsonValue> root = portable::parse_json(text);
  if (!root) return Failure{std::string(kWhere) + ": " + root.message()};
  const auto component = [&](std::string_view key) {
    const JsonValue* value = root->find(key);
    return value == nullptr ? JsonValue() : *value;
  };
  if (component("model").object() == nullptr) return Failure{std::string(kWhere) + ".model: want an object"};
  TokenizerDraft draft;
  draft.normalizer = component("normalizer");
  draft.pre_tokenizer = component("pre_tokenizer");
  draft.decoder = component("decoder");
  Result<bool> good = read_model(*root->find("model"), std::string(kWhere) + ".model", draft);
  if (good) good = read_added_tokens(*root, draft);
  if (good) good = read_post_processor(component("post_processor"), std::string(kWhere) + ".post_processor", draft);
  if (good && !config_text.empty()) {
    const Result<TokenizerConfig> config = parse_tokenizer_config(config_text);
    if (!config) return Failure{config.message()};
    good = apply(*config, draft);
  }
  if (!good) return Failure{good.message()};
  return write_image(draft, kWhere);
}

}  // namespace cortland::text
