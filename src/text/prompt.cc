#include "text/prompt.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

constexpr std::string_view kOpen = "\xEF\xB7\x90", kClose = "\xEF\xB7\x91";
static_assert(kOpen.size() == kClose.size());

// Where the next mark of either kind begins; the size of the text when there is none.
size_t find_mark(std::string_view text, size_t from) {
  const std::string_view common = kOpen.substr(0, 2);
  for (size_t at = text.find(common, from); at != text.npos; at = text.find(common, at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with(kOpen) || rest.starts_with(kClose)) return at;
  }
  return text.size();
}

}  // namespace

std::string PromptEncoder::quote(std::string_view content) const {
  if (!is_valid_utf8(content)) return std::string(content);
  const std::string bare = unquote(content);
  std::string out;
  const char* end = bare.data();
  for (const std::string_view part : tokenizer_.special_parts(bare)) {
    out.append(end, part.data());
    out.append(kOpen).append(part).append(kClose);
    end = part.data() + part.size();
  }
  return out.append(end, bare.data() + bare.size());
}

JsonValue PromptEncoder::quote(const JsonValue& value) const {
  if (const std::string* text = value.text()) return JsonValue(quote(*text));
  if (const JsonValue::Array* array = value.array()) {
    JsonValue::Array quoted;
    for (const JsonValue& element : *array) quoted.push_back(quote(element));
    return JsonValue(std::move(quoted));
  }
  if (const JsonValue::Object* members = value.object()) {
    JsonValue::Object quoted;
    for (const auto& [key, member] : *members) quoted.emplace_back(quote(key), quote(member));
    return JsonValue(std::move(quoted));
  }
  return value;
}

std::string PromptEncoder::unquote(std::string_view rendered) {
  std::string out;
  for (size_t at = 0; at < rendered.size();) {
    const size_t mark = find_mark(rendered, at);
    out += rendered.substr(at, mark - at);
    at = mark + kOpen.size();
  }
  return out;
}

bool PromptEncoder::is_quoted_whole(std::string_view text) const {
  if (!is_valid_utf8(text)) return false;
  const std::vector<std::string_view> parts = tokenizer_.special_parts(text);
  return parts.size() == 1 && parts[0].size() == text.size();
}

Result<std::vector<int32_t>> PromptEncoder::encode_quoted(std::string_view part) const {
  constexpr EncodeOptions kOptions{.special_text = SpecialText::kPlain};
  Result<std::vector<int32_t>> whole = tokenizer_.encode(part, kOptions);
  const auto is_special = [&](int32_t id) { return tokenizer_.is_special(id); };
  if (!whole || std::none_of(whole->begin(), whole->end(), is_special)) return whole;
  std::vector<int32_t> ids;
  for (size_t at = 0; at < part.size();) {
    const std::string_view character = part.substr(at, decode_utf8(part, at).length);
    const Result<std::vector<int32_t>> more = tokenizer_.encode(character, kOptions);
    if (!more) return more;
    ids.insert(ids.end(), more->begin(), more->end());
    at += character.size();
  }
  return ids;
}

Result<std::vector<int32_t>> PromptEncoder::encode(std::string_view rendered) const {
  std::vector<int32_t> ids;
  bool opened = false;
  for (size_t at = 0; at < rendered.size();) {
    const size_t mark = find_mark(rendered, at);
    const std::string_view part = rendered.substr(at, mark - at);
    const bool quoted = opened && rendered.substr(mark).starts_with(kClose) && is_quoted_whole(part);
    const Result<std::vector<int32_t>> more = quoted ? encode_quoted(part) : tokenizer_.encode(part);
    if (!more) return Failure{more.message()};
    ids.insert(ids.end(), more->begin(), more->end());
    opened = rendered.substr(mark).starts_with(kOpen);
    at = mark + kOpen.size();
  }
  return ids;
}

}  // namespace cortland::text
