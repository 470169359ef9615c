#include "host/session.h"

#include <algorithm>

namespace cortland::host {

using portable::Failure;
using portable::Result;
namespace {

// Fewer tokens than this are cheaper to decode one by one than to pad to a chunk.
constexpr int64_t kSmallestChunk = 3;

}  // namespace

Session::Session(const Contract& contract) : contract_(contract) {
  const Contract::Function* main = contract.find("main");
  const int64_t limit = contract.context - (main == nullptr ? 0 : main->tokens);
  for (size_t part = 0; part < contract.part_count(); ++part) {
    for (const Contract::PartKept& kept : contract.kept_by(part)) past_.emplace_back(kept.shape, limit);
  }
}

int64_t Session::first_row(const Contract::Function& function, int64_t at) const {
  if (function.is_flexible()) return at;
  const int64_t start = std::min(at, contract_.context - function.tokens);
  if (!contract_.cache.ring || contract_.cache.slots != Contract::Slots::position) return start;
  const int64_t slots = contract_.cache.ring->slots, end_of_ring = (start / slots + 1) * slots;
  return std::min(start, end_of_ring - function.tokens);
}

Call Session::make_call(const Contract::Function& function, int64_t at, int64_t end) const {
  const int64_t start = first_row(function, at);
  int64_t tokens = function.is_flexible() ? std::min(end - at, function.tokens) : function.tokens;
  if (function.is_flexible() && contract_.cache.ring) {
    tokens = std::min(tokens, contract_.cache.ring->slots - at % contract_.cache.ring->slots);
  }
  const int64_t used = std::min(end - start, tokens);
  Call call{&function, {start, tokens, used}, std::vector<int32_t>(static_cast<size_t>(tokens), 0)};
  std::copy_n(ids_.begin() + start, used, call.ids.begin());
  return call;
}

int64_t Session::end_of_kept(const Rows& rows) const {
  switch (contract_.cache.slots) {
    case Contract::Slots::position: break;
    case Contract::Slots::past_then_new: return std::min(rows.start + rows.used, contract_.context - rows.tokens);
  }
  return rows.start + rows.tokens;
}

int64_t Session::resumable(int64_t position) const {
  if (!contract_.cache.ring || position == this->position()) return position;
  int64_t first = position;
  for (const Contract::Function& function : contract_.functions) first = std::min(first, first_row(function, position));
  const int64_t oldest_seen = std::max<int64_t>(0, first - contract_.window() + 1);
  return oldest_seen >= written_ - contract_.cache.ring->slots ? position : 0;
}

int64_t Session::rewind(int64_t position) {
  const int64_t at = resumable(position);
  if (at == 0) written_ = 0;
  ids_.resize(static_cast<size_t>(at));
  return at;
}

std::vector<Call> Session::plan_alone(const Contract::Function& function, int64_t at) const {
  std::vector<Call> calls;
  for (; at < position(); at = calls.back().rows.start + calls.back().rows.used) {
    calls.push_back(make_call(function, at, position()));
  }
  return calls;
}

std::vector<Call> Session::plan_decode(const Contract::Function& decode, const Contract::Function* prefill, int64_t at,
                                       FeedEnd end) const {
  std::vector<Call> calls;
  // Prefill gives no logits.
  const int64_t prefilled = end == FeedEnd::logits ? position() - 1 : position();
  for (; at < position(); at = calls.back().rows.start + calls.back().rows.used) {
    const bool is_single = prefill == nullptr || prefilled - at < kSmallestChunk;
    calls.push_back(is_single ? make_call(decode, at, at + 1) : make_call(*prefill, at, prefilled));
  }
  return calls;
}

std::vector<Call> Session::plan(int64_t at, FeedEnd end) const {
  switch (contract_.cache.slots) {
    case Contract::Slots::position: break;
    case Contract::Slots::past_then_new: return plan_alone(*contract_.find("main"), at);
  }
  if (const Contract::Function* any = contract_.find("any")) return plan_alone(*any, at);
  return plan_decode(*contract_.find("decode"), contract_.find("prefill"), at, end);
}

Result<std::vector<Call>> Session::feed(const std::vector<int32_t>& ids, FeedEnd end) {
  if (static_cast<int64_t>(ids.size()) > room()) {
    return Failure{"context: got " + std::to_string(ids.size()) + " tokens at position " + std::to_string(position()) +
                   ", want at most " + std::to_string(room())};
  }
  for (const int32_t id : ids) {
    if (id < 0 || id >= contract_.vocabulary) {
      return Failure{"token: got id " + std::to_string(id) + ", want 0 to " + std::to_string(contract_.vocabulary - 1)};
    }
  }
  const int64_t at = position();
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  std::vector<Call> calls = plan(at, end);
  for (const Call& call : calls) written_ = std::max(written_, end_of_kept(call.rows));
  return calls;
}

}  // namespace cortland::host
