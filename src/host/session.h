// One conversation with a package: what was said so far, and the calls that add to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/contract.h"
#include "host/inputs.h"
#include "host/past.h"
#include "portable/result.h"

namespace cortland::host {

// One call of a function.
struct Call {
  const Contract::Function* function = nullptr;
  Rows rows;
  std::vector<int32_t> ids;  // [T]; 0 in padding rows
};

// What follows the tokens of a feed.
enum class FeedEnd {
  logits,  // those behind the last token are wanted
  more,    // more tokens, before any logits are wanted
};

// Nothing here runs a model: the caller runs the calls in order, and after each one hands over what the host is to
// keep. Refers to the contract, which must outlive it.
class Session {
 public:
  explicit Session(const Contract& contract);

  int64_t position() const { return static_cast<int64_t>(ids_.size()); }
  int64_t room() const { return contract_.context - position(); }
  const std::vector<int32_t>& ids() const { return ids_; }

  // The calls that take in `ids`; with FeedEnd::logits, the last row of logits that the last one gives is that of the
  // last id. Fails when the context has no room for them, or for an id outside the vocabulary. REQUIRES: not empty.
  portable::Result<std::vector<Call>> feed(const std::vector<int32_t>& ids, FeedEnd end = FeedEnd::logits);

  // What the host keeps, as Contract::kept_by(): nothing where the package has a state. With parts, for one after the
  // other.
  const std::vector<Past>& past() const { return past_; }
  std::vector<Past>& past() { return past_; }

  // Where a conversation can go on that is taken back to `position`: there, unless a ring has lost what the next rows
  // may see; then at 0. REQUIRES: 0 <= position <= position().
  int64_t resumable(int64_t position) const;
  // Forgets everything from there on, and returns it: the ids behind are to be fed again. The cache needs no change.
  int64_t rewind(int64_t position);

 private:
  // The calls for the ids from `at` on: of one function that serves all, or of prefill and decode.
  std::vector<Call> plan_alone(const Contract::Function& function, int64_t at) const;
  std::vector<Call> plan_decode(const Contract::Function& decode, const Contract::Function* prefill, int64_t at,
                                FeedEnd end) const;
  std::vector<Call> plan(int64_t at, FeedEnd end) const;
  // A call for the ids from `at` on, as many as it takes, up to `end`.
  Call make_call(const Contract::Function& function, int64_t at, int64_t end) const;
  // The position of its first row. A chunk must not reach beyond the cache, nor beyond the end of a ring of states: a
  // late one starts earlier and computes some tokens again.
  int64_t first_row(const Contract::Function& function, int64_t at) const;
  // Where the rows of a call end that the ring keeps.
  int64_t end_of_kept(const Rows& rows) const;

  const Contract& contract_;
  std::vector<int32_t> ids_;
  std::vector<Past> past_;
  int64_t written_ = 0;  // positions below are or were in the ring, of tokens or of rows that pad
};

}  // namespace cortland::host
