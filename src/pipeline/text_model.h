// The text file of a package, open: tokenizer, chat template and defaults.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "host/contract.h"
#include "text/chat_template.h"
#include "text/prompt.h"
#include "text/text_file.h"
#include "text/tokenizer.h"

namespace cortland {

// One turn of a conversation.
struct Message {
  std::string role;  // "system", "user" or "assistant"
  std::string content;
};

enum class Thinking { off, on };

class TextModel {
 public:
  // `path`: NAME.text. Errors: not_found, corrupt.
  TextModel(const FileSystem& files, const std::string& path);
  TextModel(const TextModel&) = delete;
  TextModel& operator=(const TextModel&) = delete;

  const std::string& path() const { return path_; }
  const text::TextFile& contents() const { return contents_; }
  const text::Tokenizer& tokenizer() const { return *tokenizer_; }
  bool has_template() const { return template_.has_value(); }

  // Errors: invalid for text that is not UTF-8.
  std::vector<int32_t> encode(std::string_view text, const text::EncodeOptions& options) const;
  // A rendered prompt whose messages were quoted: what people wrote gives no control tokens. Errors: as encode().
  std::vector<int32_t> encode_prompt(std::string_view rendered) const;
  std::string quote(std::string_view content) const { return prompts_->quote(content); }

  struct RenderOptions {
    bool add_generation_prompt = true;
    Thinking thinking = Thinking::off;
  };
  // The conversation as the chat template writes it. Errors: unsupported without a template; invalid when the template
  // refuses the conversation.
  std::string render(const std::vector<Message>& messages, const RenderOptions& options) const;

  // Fails when the tokenizer belongs to another model. Errors: invalid.
  void check_contract(const host::Contract& contract) const;

 private:
  std::string path_;
  std::shared_ptr<const InputFile> file_;
  text::TextFile contents_;
  std::optional<text::Tokenizer> tokenizer_;
  std::optional<text::ChatTemplate> template_;
  std::optional<text::PromptEncoder> prompts_;
};

}  // namespace cortland
