#include "text/reasoning.h"

#include <algorithm>

namespace cortland::text {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

std::string_view trim_start(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kSpaces), text.size()));
}

// How many bytes at the end of the text may be the beginning of a tag, or are spaces before one.
size_t held_size(std::string_view text, std::string_view tag) {
  size_t size = std::min(text.size(), tag.size() - 1);
  while (!tag.starts_with(text.substr(text.size() - size))) --size;
  const size_t last = text.substr(0, text.size() - size).find_last_not_of(kSpaces);
  return text.size() - (last == text.npos ? 0 : last + 1);
}

}  // namespace

ReasoningSplitter::ReasoningSplitter(Options options)
    : options_(std::move(options)), place_(options_.is_open ? Place::begin : Place::before) {}

ReasoningSplitter::Pieces ReasoningSplitter::add(std::string_view text) {
  held_ += text;
  Pieces pieces;
  while (step(pieces)) {
  }
  return pieces;
}

bool ReasoningSplitter::step(Pieces& pieces) {
  switch (place_) {
    case Place::before: {
      const std::string_view start = trim_start(held_);
      if (start.starts_with(options_.open)) {
        held_.erase(0, held_.size() - start.size() + options_.open.size());
        place_ = Place::begin;
        return true;
      }
      if (std::string_view(options_.open).starts_with(start)) return false;
      place_ = Place::behind;  // with its spaces: there is no tag that they stand next to
      return true;
    }
    case Place::begin:
    case Place::behind_close: {
      held_.erase(0, held_.size() - trim_start(held_).size());
      if (held_.empty()) return false;
      place_ = place_ == Place::begin ? Place::inside : Place::behind;
      return true;
    }
    case Place::inside: {
      const size_t close = held_.find(options_.close);
      const size_t end = close == held_.npos ? held_.size() - held_size(held_, options_.close) : close;
      std::string_view part = std::string_view(held_).substr(0, end);
      if (close != held_.npos) part = part.substr(0, part.find_last_not_of(kSpaces) + 1);
      pieces.reasoning += part;
      if (close == held_.npos) {
        held_.erase(0, end);
        return false;
      }
      held_.erase(0, close + options_.close.size());
      place_ = Place::behind_close;
      return true;
    }
    case Place::behind: break;
  }
  pieces.answer += held_;
  held_.clear();
  return false;
}

ReasoningSplitter::Pieces ReasoningSplitter::finish() {
  Pieces pieces;
  if (place_ == Place::inside) pieces.reasoning = std::move(held_);
  if (place_ == Place::before) pieces.answer = std::move(held_);
  held_.clear();
  return pieces;
}

bool ReasoningSplitter::is_opened_by(std::string_view prompt, const Options& options) {
  const size_t last = prompt.find_last_not_of(kSpaces);
  return last != prompt.npos && prompt.substr(0, last + 1).ends_with(options.open);
}

}  // namespace cortland::text
