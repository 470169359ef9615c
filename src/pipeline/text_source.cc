#include "pipeline/text_source.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/unwrap.h"
#include "text/chat_template.h"
#include "text/generation_settings.h"
#include "text/gguf_vocabulary.h"
#include "text/text_file.h"
#include "text/tokenizer.h"
#include "text/tokenizer_compiler.h"
#include "text/tokenizer_config.h"

namespace cortland {
namespace {

// The parts of a text file before they are joined.
struct TextParts {
  std::string tokenizer;  // an image
  std::string chat_template;
  std::vector<text::TextFile::SpecialToken> special_tokens;
};

std::string read_optional(const FileSystem& files, const std::string& folder, const char* name) {
  const std::string path = join_path(folder, name);
  return files.kind(path) == FileKind::file ? files.read_text(path) : "";
}

text::Tokenizer load(const std::string& image) {
  return unwrap(text::Tokenizer::load(std::as_bytes(std::span(image))), ErrorCode::unsupported);
}

TextParts read_folder(const FileSystem& files, const std::string& folder) {
  const std::string json = read_optional(files, folder, "tokenizer.json");
  require(!json.empty(), ErrorCode::unsupported, "there is no tokenizer.json");
  const std::string config_text = read_optional(files, folder, "tokenizer_config.json");
  TextParts parts;
  parts.tokenizer = unwrap(text::compile_tokenizer(json, config_text), ErrorCode::unsupported);
  parts.chat_template = read_optional(files, folder, "chat_template.jinja");
  if (config_text.empty()) return parts;
  const text::TokenizerConfig config = unwrap(text::parse_tokenizer_config(config_text), ErrorCode::unsupported);
  if (const auto it = config.chat_templates.find("default");
      parts.chat_template.empty() && it != config.chat_templates.end()) {
    parts.chat_template = it->second;
  }
  const text::Tokenizer tokenizer = load(parts.tokenizer);
  const auto add = [&](const char* role, const std::optional<text::TokenizerConfig::Token>& token) {
    if (!token) return;
    if (const auto id = tokenizer.id(token->content)) parts.special_tokens.push_back({role, *id, token->content});
  };
  add("bos", config.bos);
  add("eos", config.eos);
  add("pad", config.pad);
  add("unk", config.unk);
  return parts;
}

// Values of GGUF metadata, none where a key is missing or of another kind.
class Metadata {
 public:
  explicit Metadata(const Json& json) : json_(json) {}

  template <typename T>
  std::optional<T> value(const std::string& key) const {
    const auto it = json_.find("tokenizer." + key);
    if (it == json_.end()) return std::nullopt;
    try {
      return it->get<T>();
    } catch (const Json::exception&) {
      fail(ErrorCode::unsupported, "tokenizer.{}: is of a wrong kind", key);
    }
  }
  template <typename T>
  T value_or_empty(const std::string& key) const {
    return value<T>(key).value_or(T());
  }

 private:
  const Json& json_;
};

TextParts read_gguf_metadata(const Json& json) {
  const Metadata metadata(json);
  const text::GgufVocabulary vocabulary = {
      .model = metadata.value_or_empty<std::string>("ggml.model"),
      .pre = metadata.value_or_empty<std::string>("ggml.pre"),
      .tokens = metadata.value_or_empty<std::vector<std::string>>("ggml.tokens"),
      .scores = metadata.value_or_empty<std::vector<float>>("ggml.scores"),
      .token_type = metadata.value_or_empty<std::vector<int32_t>>("ggml.token_type"),
      .merges = metadata.value_or_empty<std::vector<std::string>>("ggml.merges"),
      .bos_token_id = metadata.value<int32_t>("ggml.bos_token_id"),
      .eos_token_id = metadata.value<int32_t>("ggml.eos_token_id"),
      .unknown_token_id = metadata.value<int32_t>("ggml.unknown_token_id"),
      .add_bos_token = metadata.value<bool>("ggml.add_bos_token"),
      .add_eos_token = metadata.value<bool>("ggml.add_eos_token"),
      .add_space_prefix = metadata.value<bool>("ggml.add_space_prefix"),
  };
  require(!vocabulary.tokens.empty(), ErrorCode::unsupported, "the file has no tokenizer");
  TextParts parts;
  parts.tokenizer = unwrap(text::compile_gguf_vocabulary(vocabulary), ErrorCode::unsupported);
  parts.chat_template = metadata.value_or_empty<std::string>("chat_template");
  const auto add = [&](const char* role, const std::optional<int32_t>& id) {
    if (!id || *id < 0 || static_cast<size_t>(*id) >= vocabulary.tokens.size()) return;
    parts.special_tokens.push_back({role, *id, vocabulary.tokens[static_cast<size_t>(*id)]});
  };
  add("bos", vocabulary.bos_token_id);
  add("eos", vocabulary.eos_token_id);
  add("pad", metadata.value<int32_t>("ggml.padding_token_id"));
  add("unk", vocabulary.unknown_token_id);
  return parts;
}

// `config`: the text of generation_config.json, or empty.
std::vector<text::TextFile::Setting> generation_settings(const std::string& config, const ModelSpec& spec) {
  const portable::JsonValue json =
      config.empty() ? portable::JsonValue() : unwrap(portable::parse_json(config), ErrorCode::unsupported);
  const auto defaults = [&](text::AnswerMode mode) {
    text::GenerationContext context = {.model_type = spec.model_type, .mode = mode, .vocabulary = spec.vocabulary};
    for (const int64_t id : spec.eos) context.config_eos.push_back(static_cast<int32_t>(id));
    return unwrap(text::read_generation_defaults(json, context), ErrorCode::unsupported);
  };
  return text::write_generation_settings(defaults(text::AnswerMode::direct), defaults(text::AnswerMode::reasoning));
}

}  // namespace

bool is_text_file(const FileSystem& files, const std::string& path) {
  return files.kind(path) == FileKind::file && text::read_text_file(files.open(path)->map());
}

TextSource read_text_source(const FileSystem& files, const SourceModel& source) {
  try {
    const Json* metadata = source.checkpoint.metadata();
    TextParts parts = metadata != nullptr ? read_gguf_metadata(*metadata) : read_folder(files, source.location.folder);
    const text::Tokenizer tokenizer = load(parts.tokenizer);
    require(static_cast<int64_t>(tokenizer.vocabulary_size()) <= source.spec.vocabulary, ErrorCode::unsupported,
            "the tokenizer has {} ids, the model {}", tokenizer.vocabulary_size(), source.spec.vocabulary);
    if (!parts.chat_template.empty()) unwrap(text::ChatTemplate::parse(parts.chat_template), ErrorCode::unsupported);
    const std::string generation =
        metadata != nullptr ? "" : read_optional(files, source.location.folder, "generation_config.json");
    text::TextFile file = {.tokenizer = std::as_bytes(std::span(parts.tokenizer)),
                           .chat_template = std::move(parts.chat_template),
                           .special_tokens = std::move(parts.special_tokens),
                           .generation = generation_settings(generation, source.spec),
                           .name = source.location.is_from_hub() ? source.location.id : ""};
    return {.bytes = text::write_text_file(file), .reason = ""};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) throw;
    return {.bytes = "", .reason = error.what()};
  }
}

}  // namespace cortland
