#include "text/sampler/history.h"

#include <string>

namespace cortland::text {

using portable::Failure;

std::optional<Failure> History::check(int32_t id) const {
  if (id >= 0 && id < vocabulary_) return std::nullopt;
  return Failure{"sampler: a token id is out of range; got " + std::to_string(id) + ", want 0 to " +
                 std::to_string(vocabulary_ - 1)};
}

History::Seen& History::record(int32_t id) {
  ids_.push_back(id);
  uint32_t& place = places_[static_cast<size_t>(id)];
  if (place == 0) {
    seen_.push_back({.id = id});
    place = static_cast<uint32_t>(seen_.size());
  }
  return seen_[place - 1];
}

std::optional<Failure> History::begin(std::span<const int32_t> prompt) {
  for (const int32_t id : prompt) {
    if (auto failure = check(id)) return failure;
  }
  for (const Seen& seen : seen_) places_[static_cast<size_t>(seen.id)] = 0;
  ids_.clear();
  seen_.clear();
  for (const int32_t id : prompt) record(id);
  return std::nullopt;
}

std::optional<Failure> History::add(int32_t id) {
  if (auto failure = check(id)) return failure;
  ++record(id).generated;
  return std::nullopt;
}

}  // namespace cortland::text
