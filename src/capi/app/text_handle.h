// An open text file, as all handles share it.
#pragma once

#include <cortland/text.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "capi/app/boundary.h"
#include "capi/app/mapped_file.h"
#include "portable/result.h"
#include "text/chat_template.h"
#include "text/generation_defaults.h"
#include "text/prompt.h"
#include "text/text_file.h"
#include "text/tokenizer.h"

namespace cortland::capi {

// Nothing in it changes once it is open.
struct OpenText {
  std::optional<MappedFile> file;  // nothing when the caller keeps the bytes
  text::TextFile contents;
  text::Tokenizer tokenizer;
  text::PromptEncoder prompts;  // refers to `tokenizer`
  std::optional<text::ChatTemplate> chat_template;
  text::GenerationDefaults direct, reasoning;

  OpenText(std::optional<MappedFile> mapped, text::TextFile parsed, text::Tokenizer loaded)
      : file(std::move(mapped)), contents(std::move(parsed)), tokenizer(std::move(loaded)), prompts(tokenizer) {}
  OpenText(const OpenText&) = delete;
  OpenText& operator=(const OpenText&) = delete;
};

// `mapped` keeps `bytes`, unless the caller does. Fails for a damaged file.
portable::Result<std::shared_ptr<const OpenText>> open_text(std::span<const std::byte> bytes,
                                                            std::optional<MappedFile> mapped);

}  // namespace cortland::capi

struct cortland_text {
  std::shared_ptr<const cortland::capi::OpenText> open;
};
