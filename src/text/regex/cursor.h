// A place in a pattern, and the first problem met there.
#pragma once

#include <string>
#include <string_view>

#include "portable/result.h"
#include "text/utf8.h"

namespace cortland::text::regex {

class Cursor {
 public:
  explicit Cursor(std::string_view pattern) : pattern_(pattern) {}

  bool at_end() const { return at_ >= pattern_.size(); }
  size_t at() const { return at_; }
  void rewind(size_t at) { at_ = at; }
  // The byte `ahead` of the cursor; 0 behind the end.
  char peek(size_t ahead = 0) const { return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0'; }
  bool accept(char c) { return accept(std::string_view(&c, 1)); }
  bool accept(std::string_view word) {
    if (!pattern_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  // REQUIRES: !at_end().
  char32_t next() {
    const Decoded decoded = decode_utf8(pattern_, at_);
    at_ += decoded.length;
    return decoded.code;
  }
  // The text from the cursor to `end`, which is taken too; all of the rest when there is no `end`.
  std::string_view take_until(std::string_view end) {
    const std::string_view rest = pattern_.substr(at_);
    const size_t length = rest.find(end);
    at_ = length == std::string_view::npos ? pattern_.size() : at_ + length + end.size();
    return rest.substr(0, length);
  }
  std::string_view rest() const { return pattern_.substr(at_); }

  // Notes a problem with what stands at `at`, unless there is one already. Always false.
  bool stop(size_t at, std::string_view problem) {
    if (problem_.empty()) problem_ = "byte " + std::to_string(at) + ": " + std::string(problem);
    return false;
  }
  bool failed() const { return !problem_.empty(); }
  portable::Failure failure() const { return {"regular expression, " + problem_}; }

 private:
  std::string_view pattern_;
  size_t at_ = 0;
  std::string problem_;
};

}  // namespace cortland::text::regex
