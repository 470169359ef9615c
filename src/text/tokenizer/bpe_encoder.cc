#include "text/tokenizer/bpe_encoder.h"

#include <algorithm>
#include <functional>

namespace cortland::text {
namespace {

// Up to here a search through all pairs is faster than a queue.
constexpr size_t kFew = 48;
constexpr uint32_t kEnd = 0xFFFFFFFF;
constexpr uint32_t kCacheSeed = 0;

}  // namespace

bool BpeEncoder::encode(std::string_view piece, std::vector<int32_t>& ids) {
  while (!piece.empty()) {
    const size_t size = bpe_.first_part(piece);
    if (!encode_part(piece.substr(0, size), ids)) return false;
    piece.remove_prefix(size);
  }
  return true;
}

bool BpeEncoder::encode_part(std::string_view part, std::vector<int32_t>& ids) {
  const bool is_short = WordCache::fits(part);
  const uint64_t hash = is_short ? hash_bytes(part, kCacheSeed) : 0;
  if (is_short && cache_.find(part, hash, ids)) return true;
  const size_t before = ids.size();
  const auto found = bpe_.vocabulary().find(part);
  if (found && (found->flags & kWhole) != 0) {
    ids.push_back(static_cast<int32_t>(found->id));
  } else if (!merge(part, ids)) {
    return false;
  }
  if (is_short) cache_.keep(part, hash, ids.data() + before, ids.size() - before);
  return true;
}

bool BpeEncoder::merge(std::string_view piece, std::vector<int32_t>& ids) {
  symbols_.clear();
  if (!bpe_.split(piece, symbols_)) return false;
  if (symbols_.size() <= kFew) merge_few();
  else merge_many();
  for (const uint32_t id : symbols_) ids.push_back(static_cast<int32_t>(id));
  return true;
}

void BpeEncoder::merge_few() {
  if (symbols_.size() < 2) return;
  const Merges& merges = bpe_.merges();
  size_t count = symbols_.size() - 1;
  pairs_.resize(count);
  for (size_t i = 0; i < count; ++i) pairs_[i] = merges.find(symbols_[i], symbols_[i + 1]);
  while (count > 0) {
    size_t best = 0;
    for (size_t i = 1; i < count; ++i) {
      if (pairs_[i].rank < pairs_[best].rank) best = i;
    }
    if (pairs_[best].rank == kNoRank) break;
    symbols_[best] = pairs_[best].id;
    for (size_t i = best + 1; i < count; ++i) {
      symbols_[i] = symbols_[i + 1];
      pairs_[i - 1] = pairs_[i];
    }
    --count;
    if (best > 0) pairs_[best - 1] = merges.find(symbols_[best - 1], symbols_[best]);
    if (best < count) pairs_[best] = merges.find(symbols_[best], symbols_[best + 1]);
  }
  symbols_.resize(count + 1);
}

void BpeEncoder::merge_many() {
  const Merges& merges = bpe_.merges();
  const auto count = static_cast<uint32_t>(symbols_.size());
  list_.resize(count);
  queue_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_last = i + 1 == count;
    list_[i] = {symbols_[i], i == 0 ? kEnd : i - 1, is_last ? kEnd : i + 1, {}};
    if (!is_last) list_[i].merge = merges.find(symbols_[i], symbols_[i + 1]);
    if (list_[i].merge.rank != kNoRank) queue_.push_back(uint64_t{list_[i].merge.rank} << 32 | i);
  }
  std::make_heap(queue_.begin(), queue_.end(), std::greater<>());
  const auto renew = [&](uint32_t index) {
    Symbol& symbol = list_[index];
    symbol.merge = symbol.next == kEnd ? Merge{} : merges.find(symbol.id, list_[symbol.next].id);
    if (symbol.merge.rank == kNoRank) return;
    queue_.push_back(uint64_t{symbol.merge.rank} << 32 | index);
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  };
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    const auto index = static_cast<uint32_t>(queue_.back());
    const auto rank = static_cast<uint32_t>(queue_.back() >> 32);
    queue_.pop_back();
    Symbol& symbol = list_[index];
    if (symbol.merge.rank != rank) continue;  // one of the two has changed since
    Symbol& gone = list_[symbol.next];
    symbol.id = symbol.merge.id;
    symbol.next = gone.next;
    gone.merge = {};
    if (symbol.next != kEnd) list_[symbol.next].previous = index;
    renew(index);
    if (symbol.previous != kEnd) renew(symbol.previous);
  }
  symbols_.clear();
  for (uint32_t i = 0; i != kEnd; i = list_[i].next) symbols_.push_back(list_[i].id);
}

}  // namespace cortland::text
