#include "host/session.h"

#include <algorithm>

namespace cortland::host {

using portable::Failure;
using portable::Result;
namespace {

// Fewer tokens than this are cheaper to decode one by one than to pad to a chunk.
constexpr int64_t kSmallestChunk = 3;

}  // namespace

Call Session::make_call(const Contract::Function& function, int64_t start, int64_t end) const {
  const int64_t tokens = function.is_flexible() ? end - start : function.tokens;
  Call call{&function, {start, tokens, end - start}, std::vector<int32_t>(static_cast<size_t>(tokens), 0)};
  std::copy(ids_.begin() + start, ids_.begin() + end, call.ids.begin());
  return call;
}

Result<std::vector<Call>> Session::feed(const std::vector<int32_t>& ids) {
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
  return contract_.has_flexible_calls() ? plan_flexible(at) : plan_chunks(at);
}

std::vector<Call> Session::plan_flexible(int64_t at) const {
  const Contract::Function& function = *contract_.find("any");
  std::vector<Call> calls;
  for (; at < position(); at += function.tokens) {
    calls.push_back(make_call(function, at, std::min(at + function.tokens, position())));
  }
  return calls;
}

std::vector<Call> Session::plan_chunks(int64_t at) const {
  const int64_t last = position() - 1;
  const Contract::Function& decode = *contract_.find("decode");
  const Contract::Function* prefill = contract_.find("prefill");
  std::vector<Call> calls;
  while (at <= last) {
    if (prefill == nullptr || last - at < kSmallestChunk) {
      calls.push_back(make_call(decode, at, at + 1));
      ++at;
      continue;
    }
    // A chunk must not reach beyond the cache: a late one starts earlier and computes some tokens again.
    const int64_t start = std::min(at, contract_.context - prefill->tokens);
    const int64_t end = std::min(last, start + prefill->tokens);
    calls.push_back(make_call(*prefill, start, end));
    at = end;
  }
  return calls;
}

}  // namespace cortland::host
