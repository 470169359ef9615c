// What a checkpoint knows about text, as the contents of NAME.text (docs/text-file.md).
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "pipeline/source.h"

namespace cortland {

struct TextSource {
  std::string bytes;   // of NAME.text; empty when there is none
  std::string reason;  // why not
};

// Whether there is a text file at `path`, whatever model it belongs to.
bool is_text_file(const FileSystem& files, const std::string& path);

// From tokenizer.json, tokenizer_config.json, chat_template.jinja and generation_config.json of a folder, or from the
// metadata of a GGUF file. A checkpoint without a tokenizer, or with one that is not supported, has no text.
TextSource read_text_source(const FileSystem& files, const SourceModel& source);

}  // namespace cortland
