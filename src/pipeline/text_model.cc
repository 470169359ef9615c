#include "pipeline/text_model.h"

#include <ctime>

#include "base/error.h"
#include "pipeline/unwrap.h"

namespace cortland {
namespace {

text::LocalTime local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  return {.year = parts.tm_year + 1900, .month = parts.tm_mon + 1, .day = parts.tm_mday, .hour = parts.tm_hour,
          .minute = parts.tm_min, .second = parts.tm_sec};
}

}  // namespace

TextModel::TextModel(const FileSystem& files, const std::string& path) : path_(path) {
  require(
      files.kind(path) == FileKind::file, ErrorCode::not_found,
      "{}: there is no such file; want the text file that convert writes beside a package; hint: convert the checkpoint "
      "again",
      path);
  file_ = files.open(path);
  const auto contents = text::read_text_file(file_->map());
  if (!contents) fail(ErrorCode::corrupt, "{}: {}", path, contents.message());
  contents_ = *contents;
  auto tokenizer = text::Tokenizer::load(contents_.tokenizer);
  if (!tokenizer) fail(ErrorCode::corrupt, "{}: {}", path, tokenizer.message());
  tokenizer_.emplace(std::move(*tokenizer));
  prompts_.emplace(*tokenizer_);
  if (contents_.chat_template.empty()) return;
  auto chat = text::ChatTemplate::parse(contents_.chat_template);
  if (!chat) fail(ErrorCode::corrupt, "{}: chat template: {}", path, chat.message());
  template_.emplace(std::move(*chat));
}

std::vector<int32_t> TextModel::encode(std::string_view text, const text::EncodeOptions& options) const {
  return unwrap(tokenizer_->encode(text, options), ErrorCode::invalid);
}

std::vector<int32_t> TextModel::encode_prompt(std::string_view rendered) const {
  return unwrap(prompts_->encode(rendered), ErrorCode::invalid);
}

std::string TextModel::render(const std::vector<Message>& messages, const RenderOptions& options) const {
  require(has_template(), ErrorCode::unsupported,
          "{}: the model has no chat template; hint: `cortland run --raw` continues a "
          "text as it is",
          path_);
  using portable::JsonValue;
  text::ChatTemplate::Context context;
  JsonValue::Array list;
  for (const Message& message : messages) {
    list.emplace_back(JsonValue::Object{{"role", JsonValue(message.role)}, {"content", JsonValue(message.content)}});
  }
  context.messages = JsonValue(std::move(list));
  context.add_generation_prompt = options.add_generation_prompt;
  for (const text::TextFile::SpecialToken& token : contents_.special_tokens) {
    const std::string name = token.role + "_token";
    bool known = false;
    for (const auto& [key, value] : context.variables) known = known || key == name;
    if (!known) context.variables.emplace_back(name, JsonValue(token.token));
  }
  context.variables.emplace_back("enable_thinking", JsonValue(options.thinking == Thinking::on));
  context.now = local_time();
  auto prompt = template_->render(context);
  if (prompt) return std::move(*prompt);
  const auto raised = text::ChatTemplate::raised(prompt.message());
  fail(ErrorCode::invalid, "chat template: {}", raised ? std::string(*raised) : prompt.message());
}

void TextModel::check_contract(const host::Contract& contract) const {
  require(static_cast<int64_t>(tokenizer_->vocabulary_size()) <= contract.vocabulary, ErrorCode::invalid,
          "{}: belongs to another package; got {} ids, want at most {}", path_, tokenizer_->vocabulary_size(),
          contract.vocabulary);
}

}  // namespace cortland
