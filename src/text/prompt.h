// Prompts in which what people wrote gives no control tokens, whatever it spells.
//
// Before a text of a person goes into the chat template, each part of it that a tokenizer would take for special tokens
// is put between two marks; the rendered prompt is then cut at the marks, and what stands between the two is encoded as
// plain text. The marks are noncharacters of Unicode, which no text has: U+FDD0 and U+FDD1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "portable/json.h"
#include "portable/result.h"
#include "text/tokenizer.h"

namespace cortland::text {

// Any number of threads may share one.
class PromptEncoder {
 public:
  // Refers to the tokenizer.
  explicit PromptEncoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  // The text with marks, and without those that it had. Text that is not UTF-8 stays as it is: it will not be encoded.
  std::string quote(std::string_view content) const;
  // Messages or tools, each string in them quoted, keys too.
  portable::JsonValue quote(const portable::JsonValue& value) const;
  // A rendered prompt as it is to be shown.
  static std::string unquote(std::string_view rendered);

  // The ids of a rendered prompt. A mark that a template has parted from its pair, or a pair around something else,
  // quotes nothing, but no token reaches over it. Fails as Tokenizer::encode does.
  portable::Result<std::vector<int32_t>> encode(std::string_view rendered) const;

 private:
  // As plain text. Some models have their control tokens in their own vocabulary too, as any text: there, character by
  // character.
  portable::Result<std::vector<int32_t>> encode_quoted(std::string_view part) const;
  bool is_quoted_whole(std::string_view text) const;

  const Tokenizer& tokenizer_;
};

}  // namespace cortland::text
