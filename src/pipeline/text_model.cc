#include "pipeline/text_model.h"

#include <algorithm>
#include <ctime>

#include "base/error.h"

namespace cortland {
namespace {

// Around a control token in the words of a person. Both are noncharacters of Unicode, which no text has.
constexpr std::string_view kOpen = "\xEF\xB7\x90", kClose = "\xEF\xB7\x91";

text::LocalTime local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  return {.year = parts.tm_year + 1900, .month = parts.tm_mon + 1, .day = parts.tm_mday, .hour = parts.tm_hour,
          .minute = parts.tm_min, .second = parts.tm_sec};
}

}  // namespace

TextModel::TextModel(const FileSystem& files, const std::string& path) : path_(path) {
  require(files.kind(path) == FileKind::file, ErrorCode::not_found,
          "{}: there is no such file; want the text file that convert writes beside a package; hint: convert the checkpoint "
          "again", path);
  file_ = files.open(path);
  const auto contents = text::read_text_file(file_->map());
  if (!contents) fail(ErrorCode::corrupt, "{}: {}", path, contents.message());
  contents_ = *contents;
  auto tokenizer = text::Tokenizer::load(contents_.tokenizer);
  if (!tokenizer) fail(ErrorCode::corrupt, "{}: {}", path, tokenizer.message());
  tokenizer_.emplace(std::move(*tokenizer));
  for (size_t id = 0; id < tokenizer_->vocabulary_size(); ++id) {
    const auto number = static_cast<int32_t>(id);
    if (tokenizer_->is_special(number)) control_tokens_.emplace_back(tokenizer_->token(number).value_or(""));
  }
  std::erase(control_tokens_, "");
  std::sort(control_tokens_.begin(), control_tokens_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  if (contents_.chat_template.empty()) return;
  auto chat = text::ChatTemplate::parse(contents_.chat_template);
  if (!chat) fail(ErrorCode::corrupt, "{}: chat template: {}", path, chat.message());
  template_.emplace(std::move(*chat));
}

std::vector<int32_t> TextModel::encode(std::string_view text, const text::EncodeOptions& options) const {
  auto ids = tokenizer_->encode(text, options);
  if (!ids) fail(ErrorCode::invalid, "{}", ids.message());
  return std::move(*ids);
}

std::string TextModel::quote(std::string_view content) const {
  std::string out;
  while (!content.empty()) {
    const auto token = std::find_if(control_tokens_.begin(), control_tokens_.end(),
                                    [&](const std::string& text) { return content.starts_with(text); });
    if (content.starts_with(kOpen) || content.starts_with(kClose)) {
      content.remove_prefix(kOpen.size());
    } else if (token != control_tokens_.end()) {
      out.append(kOpen).append(*token).append(kClose);
      content.remove_prefix(token->size());
    } else {
      out += content.front();
      content.remove_prefix(1);
    }
  }
  return out;
}

std::string TextModel::unquote(std::string_view rendered) {
  std::string out;
  for (size_t at = 0; at < rendered.size();) {
    const bool mark = rendered.substr(at).starts_with(kOpen) || rendered.substr(at).starts_with(kClose);
    if (!mark) out += rendered[at];
    at += mark ? kOpen.size() : 1;
  }
  return out;
}

std::vector<int32_t> TextModel::encode_prompt(std::string_view rendered) const {
  std::vector<int32_t> ids;
  const auto add = [&](std::string_view part, text::SpecialText special) {
    const std::vector<int32_t> more = encode(unquote(part), {.special_text = special});
    ids.insert(ids.end(), more.begin(), more.end());
  };
  while (!rendered.empty()) {
    const size_t open = std::min(rendered.find(kOpen), rendered.size());
    add(rendered.substr(0, open), text::SpecialText::kRecognized);
    rendered.remove_prefix(open);
    const size_t close = std::min(rendered.find(kClose), rendered.size());
    if (!rendered.empty()) add(rendered.substr(0, close), text::SpecialText::kPlain);
    rendered.remove_prefix(close);
  }
  return ids;
}

std::string TextModel::render(const std::vector<Message>& messages, const RenderOptions& options) const {
  require(has_template(), ErrorCode::unsupported, "{}: the model has no chat template; hint: `cortland run --raw` continues a "
          "text as it is", path_);
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
