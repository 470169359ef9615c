// Text under construction, within the memory of a rendering.
#pragma once

#include <string>
#include <string_view>

#include "text/template/budget.h"

namespace cortland::text {

class Runtime;
class Value;

class Writer {
 public:
  explicit Writer(Runtime& runtime) : runtime_(runtime) {}

  // Nothing more is written once the rendering has failed, which it does when the text becomes too long.
  void write(std::string_view text);
  void write(size_t count, char c);
  std::string_view text() const { return text_; }
  // The text as a value, or the text itself; nothing may be written behind it.
  Value finish();
  std::string take() { return std::move(text_); }

 private:
  bool grow(size_t bytes);

  Runtime& runtime_;
  std::string text_;
  Charge charge_;
};

}  // namespace cortland::text
