#include "capi/app/text_handle.h"

#include "text/generation_settings.h"

namespace cortland::capi {

using portable::Failure;
using portable::Result;

Result<std::shared_ptr<const OpenText>> open_text(std::span<const std::byte> bytes, std::optional<MappedFile> mapped) {
  Result<text::TextFile> contents = text::read_text_file(bytes);
  if (!contents) return Failure{contents.message()};
  Result<text::Tokenizer> tokenizer = text::Tokenizer::load(contents->tokenizer);
  if (!tokenizer) return Failure{tokenizer.message()};
  auto open = std::make_shared<OpenText>(std::move(mapped), std::move(*contents), std::move(*tokenizer));
  for (const auto mode : {text::AnswerMode::direct, text::AnswerMode::reasoning}) {
    Result<text::GenerationDefaults> defaults = text::read_generation_settings(open->contents, mode);
    if (!defaults) return Failure{defaults.message()};
    (mode == text::AnswerMode::direct ? open->direct : open->reasoning) = std::move(*defaults);
  }
  if (!open->contents.chat_template.empty()) {
    Result<text::ChatTemplate> parsed = text::ChatTemplate::parse(open->contents.chat_template);
    if (!parsed) return Failure{parsed.message()};
    open->chat_template.emplace(std::move(*parsed));
  }
  return std::shared_ptr<const OpenText>(std::move(open));
}

}  // namespace cortland::capi

using namespace cortland::capi;

cortland_status cortland_text_open_memory(const void* bytes, size_t size, cortland_text** text,
                                          cortland_error* error) noexcept {
  return create(text, error, [&]() -> Outcome {
    const auto list = list_of(static_cast<const std::byte*>(bytes), size);
    if (!list) return missing("bytes");
    auto open = open_text(*list, std::nullopt);
    if (!open) return {CORTLAND_CORRUPT, open.message()};
    *text = new cortland_text{std::move(*open)};
    return {};
  });
}

cortland_status cortland_text_open_file(const char* path, cortland_text** text, cortland_error* error) noexcept {
  return create(text, error, [&]() -> Outcome {
    if (path == nullptr) return missing("path");
    auto file = MappedFile::open(path);
    if (!file) return {CORTLAND_IO, file.message()};
    const std::span<const std::byte> bytes = file->bytes();
    auto open = open_text(bytes, std::move(*file));
    if (!open) return {CORTLAND_CORRUPT, std::string(path) + ": " + open.message()};
    *text = new cortland_text{std::move(*open)};
    return {};
  });
}

void cortland_text_free(cortland_text* text) noexcept { delete text; }

cortland_status cortland_text_name(const cortland_text* text, char* buffer, size_t capacity, size_t* size,
                                   cortland_error* error) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (text == nullptr) return missing("text");
    return give(text->open->contents.name, buffer, capacity, size);
  });
}

size_t cortland_text_vocabulary_size(const cortland_text* text) noexcept {
  return text == nullptr ? 0 : text->open->tokenizer.vocabulary_size();
}

int32_t cortland_text_has_template(const cortland_text* text) noexcept {
  return text != nullptr && text->open->chat_template ? 1 : 0;
}
