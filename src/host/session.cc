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
  const size_t kept = contract.cache.kept.size();
  if (contract.parts.empty()) past_.assign(kept, Past(contract.cache.shape));
  for (const Contract::Part& part : contract.parts) {
    if (part.has_layers()) past_.insert(past_.end(), kept, Past(contract.past_shape(part)));
  }
}

Call Session::make_call(const Contract::Function& function, int64_t at, int64_t end) const {
  const int64_t tokens = function.is_flexible() ? std::min(end - at, function.tokens) : function.tokens;
  const int64_t start = std::min(at, contract_.context - tokens), used = std::min(end - start, tokens);
  Call call{&function, {start, tokens, used}, std::vector<int32_t>(static_cast<size_t>(tokens), 0)};
  std::copy_n(ids_.begin() + start, used, call.ids.begin());
  return call;
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
  switch (contract_.cache.slots) {
    case Contract::Slots::position: break;
    case Contract::Slots::past_then_new: return plan_alone(*contract_.find("main"), at);
  }
  if (const Contract::Function* any = contract_.find("any")) return plan_alone(*any, at);
  return plan_decode(*contract_.find("decode"), contract_.find("prefill"), at, end);
}

}  // namespace cortland::host
