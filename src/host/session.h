// One conversation with a package: what was said so far, and the calls that add to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/contract.h"
#include "host/inputs.h"
#include "portable/result.h"

namespace cortland::host {

// One call of a function.
struct Call {
  const Contract::Function* function = nullptr;
  Rows rows;
  std::vector<int32_t> ids;  // [T]; 0 in padding rows
};

// Slot j of the cache holds position j. Nothing here runs a model: the caller runs the calls in order. Refers to the
// contract, which must outlive it.
class Session {
 public:
  explicit Session(const Contract& contract) : contract_(contract) {}

  int64_t position() const { return static_cast<int64_t>(ids_.size()); }
  int64_t room() const { return contract_.context - position(); }
  const std::vector<int32_t>& ids() const { return ids_; }

  // The calls that take in `ids`; the last row of logits that the last one gives is that of the last id. Fails when the
  // context has no room for them, or for an id outside the vocabulary. REQUIRES: not empty.
  portable::Result<std::vector<Call>> feed(const std::vector<int32_t>& ids);

  // Forgets everything from `position` on. The cache needs no change. REQUIRES: 0 <= position <= position().
  void rewind(int64_t position) { ids_.resize(static_cast<size_t>(position)); }

 private:
  // The calls for what is known from `at` on: as long as they may be, or chunks and then a decode.
  std::vector<Call> plan_flexible(int64_t at) const;
  std::vector<Call> plan_chunks(int64_t at) const;
  Call make_call(const Contract::Function& function, int64_t start, int64_t end) const;

  const Contract& contract_;
  std::vector<int32_t> ids_;
};

}  // namespace cortland::host
