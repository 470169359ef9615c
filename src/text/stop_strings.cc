#include "text/stop_strings.h"

#include <algorithm>
#include <utility>

namespace cortland::text {

using portable::Failure;
using portable::Result;
namespace {

// One step of Knuth, Morris and Pratt: what `progress` becomes with the next byte. REQUIRES: progress < text.size().
size_t step(const std::string& text, const std::vector<size_t>& falls, size_t progress, char byte) {
  while (progress > 0 && text[progress] != byte) progress = falls[progress - 1];
  return text[progress] == byte ? progress + 1 : 0;
}

bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

Result<StopStrings> StopStrings::make(std::vector<std::string> strings) {
  if (strings.size() > kMaxStrings) {
    return Failure{"stop strings: too many; got " + std::to_string(strings.size()) + ", want at most " +
                   std::to_string(kMaxStrings)};
  }
  for (size_t i = 0; i < strings.size(); ++i) {
    const std::string where = "stop strings: number " + std::to_string(i) + " ";
    if (strings[i].empty()) return Failure{where + "is empty; got 0 bytes, want at least 1"};
    if (is_inside_character(strings[i].front())) {
      return Failure{where + "is no UTF-8; got a first byte from inside a character, want a whole character"};
    }
  }
  return StopStrings(std::move(strings));
}

StopStrings::StopStrings(std::vector<std::string> strings) {
  for (std::string& text : strings) {
    Pattern& pattern = patterns_.emplace_back();
    pattern.falls.assign(text.size(), 0);
    for (size_t i = 1; i < text.size(); ++i) {
      pattern.falls[i] = step(text, pattern.falls, pattern.falls[i - 1], text[i]);
    }
    pattern.text = std::move(text);
  }
}

std::string StopStrings::add(std::string_view piece) {
  if (matched_) return "";
  for (const char byte : piece) {
    held_ += byte;
    advance(byte);
    if (matched_) break;
  }
  if (matched_) {
    held_.resize(held_.size() - patterns_[*matched_].text.size());
    return std::exchange(held_, "");
  }
  size_t longest = 0;
  for (const Pattern& pattern : patterns_) longest = std::max(longest, pattern.progress);
  std::string shown = held_.substr(0, held_.size() - longest);
  held_.erase(0, shown.size());
  return shown;
}

void StopStrings::advance(char byte) {
  for (size_t i = 0; i < patterns_.size(); ++i) {
    Pattern& pattern = patterns_[i];
    pattern.progress = step(pattern.text, pattern.falls, pattern.progress, byte);
    if (pattern.progress < pattern.text.size()) continue;
    if (!matched_ || pattern.text.size() > patterns_[*matched_].text.size()) matched_ = i;
  }
}

void StopStrings::reset() {
  for (Pattern& pattern : patterns_) pattern.progress = 0;
  held_.clear();
  matched_ = std::nullopt;
}

}  // namespace cortland::text
