#include "text/code_point_set.h"

#include <algorithm>
#include <iterator>

namespace cortland::text {

CodePointSet::CodePointSet(std::initializer_list<Range> ranges) {
  for (const Range& range : ranges) add(range.first, range.last);
}

void CodePointSet::add(char32_t first, char32_t last) {
  // The ranges from `begin` to `end` touch the new one.
  const auto begin = std::lower_bound(ranges_.begin(), ranges_.end(), first,
                                      [](const Range& range, char32_t code) { return range.last + 1 < code; });
  auto end = begin;
  while (end != ranges_.end() && end->first <= last + 1) ++end;
  if (begin == end) {
    ranges_.insert(begin, {first, last});
    return;
  }
  *begin = {std::min(first, begin->first), std::max(last, std::prev(end)->last)};
  ranges_.erase(std::next(begin), end);
}

void CodePointSet::add(const CodePointSet& other) {
  if (other.ranges_.size() < 4) {
    for (const Range& range : other.ranges_) add(range.first, range.last);
    return;
  }
  std::vector<Range> all;
  all.reserve(ranges_.size() + other.ranges_.size());
  std::merge(ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(), std::back_inserter(all),
             [](const Range& a, const Range& b) { return a.first < b.first; });
  ranges_.clear();
  for (const Range& range : all) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

CodePointSet CodePointSet::complement() const {
  CodePointSet out;
  char32_t next = 0;
  for (const Range& range : ranges_) {
    if (range.first > next) out.ranges_.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kMaxCodePoint) out.ranges_.push_back({next, kMaxCodePoint});
  return out;
}

CodePointSet CodePointSet::intersection(const CodePointSet& other) const {
  CodePointSet out;
  for (auto a = ranges_.begin(), b = other.ranges_.begin(); a != ranges_.end() && b != other.ranges_.end();) {
    const char32_t first = std::max(a->first, b->first), last = std::min(a->last, b->last);
    if (first <= last) out.ranges_.push_back({first, last});
    a->last < b->last ? ++a : ++b;
  }
  return out;
}

bool CodePointSet::contains(char32_t code) const {
  const auto range = std::lower_bound(ranges_.begin(), ranges_.end(), code,
                                      [](const Range& r, char32_t value) { return r.last < value; });
  return range != ranges_.end() && range->first <= code;
}

bool CodePointSet::intersects(const CodePointSet& other) const {
  for (auto a = ranges_.begin(), b = other.ranges_.begin(); a != ranges_.end() && b != other.ranges_.end();) {
    if (std::max(a->first, b->first) <= std::min(a->last, b->last)) return true;
    a->last < b->last ? ++a : ++b;
  }
  return false;
}

}  // namespace cortland::text
