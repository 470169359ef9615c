#include "text/template/writer.h"

#include <algorithm>

#include "text/template/runtime.h"

namespace cortland::text {

bool Writer::grow(size_t bytes) {
  const Limits& limits = runtime_.budget().limits();
  if (runtime_.failed() || !runtime_.spend_bytes(bytes)) return false;
  if (bytes > limits.output - text_.size()) {
    runtime_.fail("the text is too long; want at most " + std::to_string(limits.output) + " bytes");
    return false;
  }
  const size_t size = text_.size() + bytes;
  if (size <= text_.capacity()) return true;
  const size_t capacity = std::max(size, 2 * text_.capacity());
  if (!runtime_.fits(capacity)) return false;
  Charge charge = runtime_.charge(capacity);
  text_.reserve(capacity);
  charge_ = std::move(charge);
  return true;
}

void Writer::write(std::string_view text) {
  if (grow(text.size())) text_ += text;
}

void Writer::write(size_t count, char c) {
  if (grow(count)) text_.append(count, c);
}

Value Writer::finish() {
  charge_ = {};
  return runtime_.text(std::move(text_));
}

}  // namespace cortland::text
