#include "text/tokenizer_config.h"

#include <algorithm>

#include "text/tokenizer/component.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
using Token = TokenizerConfig::Token;
namespace {

constexpr std::string_view kFileName = "tokenizer_config.json";

// What a class of transformers assumes; its name may end in "Fast". An empty token: none.
struct ClassRow {
  std::string_view name, bos, eos, unk, pad;
  std::optional<TokenizerConfig::Around> around;  // when it rebuilds the post-processor: its defaults
};
constexpr TokenizerConfig::Around kBos{.bos = true}, kNeither{};
constexpr ClassRow kClasses[] = {
    {"LlamaTokenizer", "<s>", "</s>", "<unk>", "", kBos},
    {"CodeLlamaTokenizer", "<s>", "</s>", "<unk>", "", kBos},
    {"GemmaTokenizer", "<bos>", "<eos>", "<unk>", "<pad>", kBos},
    {"CohereTokenizer", "<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<UNK>", "", kBos},
    {"GPTNeoXTokenizer", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", kNeither},
    {"GPT2Tokenizer", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", std::nullopt},
    {"Qwen2Tokenizer", "", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", std::nullopt},
};

const ClassRow* find_class(std::string_view name) {
  if (name.ends_with("Fast")) name.remove_suffix(4);
  const auto row = std::find_if(std::begin(kClasses), std::end(kClasses),
                                [&](const ClassRow& other) { return other.name == name; });
  return row == std::end(kClasses) ? nullptr : row;
}

// A string or an AddedToken object.
Result<Token> read_token(const JsonValue& json, const std::string& path) {
  if (json.text() != nullptr) return Token{.content = *json.text()};
  if (json.object() == nullptr) return Failure{path + ": want a string or an object"};
  Component component(json, path);
  Token token{.content = component.text("content"), .has_flags = true};
  token.single_word = component.flag("single_word", false);
  token.lstrip = component.flag("lstrip", false);
  token.rstrip = component.flag("rstrip", false);
  token.special = component.flag("special", false);
  token.normalized = component.flag("normalized", !token.special);
  return component.failed() ? Result<Token>(component.failure()) : Result<Token>(token);
}

Result<std::vector<Token>> read_added_tokens(const JsonValue& json, const std::string& path) {
  if (json.object() == nullptr) return Failure{path + ": want an object"};
  std::vector<std::pair<int64_t, Token>> tokens;
  for (const auto& [key, value] : *json.object()) {
    const Result<JsonValue> id = portable::parse_json(key);
    if (!id || id->integer() == nullptr) return Failure{path + ": got the key \"" + key + "\", want an id"};
    const Result<Token> token = read_token(value, path + "." + key);
    if (!token) return Failure{token.message()};
    tokens.emplace_back(*id->integer(), *token);
  }
  std::stable_sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Token> result;
  for (auto& [id, token] : tokens) result.push_back(std::move(token));
  return result;
}

// One template, or a list of {name, template}.
Result<std::map<std::string, std::string>> read_templates(const JsonValue& json, const std::string& path) {
  std::map<std::string, std::string> templates;
  if (json.text() != nullptr) {
    templates["default"] = *json.text();
    return templates;
  }
  if (json.array() == nullptr) return Failure{path + ": want a string or a list"};
  for (size_t i = 0; i < json.array()->size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    Component component((*json.array())[i], at);
    const std::string name = component.text("name");
    templates[name] = component.text("template");
    if (component.failed()) return component.failure();
  }
  return templates;
}

}  // namespace

std::vector<Token> TokenizerConfig::special_tokens() const {
  std::vector<Token> tokens;
  for (const std::optional<Token>* token : {&bos, &eos, &unk, &sep, &pad, &cls, &mask}) {
    if (*token) tokens.push_back(**token);
  }
  tokens.insert(tokens.end(), additional_special_tokens.begin(), additional_special_tokens.end());
  return tokens;
}

Result<TokenizerConfig> parse_tokenizer_config(std::string_view text) {
  const Result<JsonValue> json = portable::parse_json(text);
  if (!json) return Failure{std::string(kFileName) + ": " + json.message()};
  if (json->object() == nullptr) return Failure{std::string(kFileName) + ": want an object"};
  Component component(*json, kFileName);
  TokenizerConfig config;
  config.tokenizer_class = component.text("tokenizer_class", "");
  config.add_prefix_space = component.flag("add_prefix_space", false);
  config.clean_up_tokenization_spaces = component.flag("clean_up_tokenization_spaces", false);
  const ClassRow* row = find_class(config.tokenizer_class);
  const ClassRow defaults = row == nullptr ? ClassRow{} : *row;
  if (defaults.around) {
    config.around = {.bos = component.flag("add_bos_token", defaults.around->bos),
                     .eos = component.flag("add_eos_token", defaults.around->eos)};
  }
  struct Row {
    const char* key;
    std::optional<Token>& target;
    std::string_view otherwise;
  };
  const Row rows[] = {{"bos_token", config.bos, defaults.bos}, {"eos_token", config.eos, defaults.eos},
                      {"unk_token", config.unk, defaults.unk}, {"sep_token", config.sep, ""},
                      {"pad_token", config.pad, defaults.pad}, {"cls_token", config.cls, ""},
                      {"mask_token", config.mask, ""}};
  for (const auto& [key, target, otherwise] : rows) {
    // Unlike a key that is missing, null means that there is no such token.
    if (json->find(key) == nullptr && !otherwise.empty()) target = Token{.content = std::string(otherwise)};
    const JsonValue* value = component.present(key);
    if (value == nullptr) continue;
    const Result<Token> token = read_token(*value, component.path_of(key));
    if (!token) return Failure{token.message()};
    target = *token;
  }
  if (component.present("additional_special_tokens") != nullptr) {
    for (const JsonValue& item : component.list("additional_special_tokens")) {
      const Result<Token> token = read_token(item, component.path_of("additional_special_tokens"));
      if (!token) return Failure{token.message()};
      config.additional_special_tokens.push_back(*token);
    }
  }
  if (const JsonValue* value = component.present("added_tokens_decoder")) {
    Result<std::vector<Token>> tokens = read_added_tokens(*value, component.path_of("added_tokens_decoder"));
    if (!tokens) return Failure{tokens.message()};
    config.added_tokens = std::move(*tokens);
  }
  if (const JsonValue* value = component.present("chat_template")) {
    Result<std::map<std::string, std::string>> templates = read_templates(*value, component.path_of("chat_template"));
    if (!templates) return Failure{templates.message()};
    config.chat_templates = std::move(*templates);
  }
  if (component.failed()) return component.failure();
  return config;
}

}  // namespace cortland::text
