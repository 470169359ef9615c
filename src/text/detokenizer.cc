#include "text/detokenizer.h"

namespace cortland::text {

std::string DetokenizerStream::push(int32_t id) {
  std::string text;
  const std::optional<std::string_view> token = tokenizer_.token(id);
  if (token && !(options_.skip_special_tokens && tokenizer_.is_special(id))) run_.push(*token, text);
  return text;
}

std::string DetokenizerStream::finish() {
  std::string text;
  run_.finish(text);
  return text;
}

}  // namespace cortland::text
