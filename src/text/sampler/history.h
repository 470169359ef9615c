// The tokens of the prompt and of the answer so far, for the steps that look back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

class History {
 public:
  struct Seen {
    int32_t id = 0;
    uint32_t generated = 0;  // how often the answer has it; 0: only the prompt does
  };

  // REQUIRES: vocabulary >= 1.
  explicit History(int64_t vocabulary) : vocabulary_(vocabulary), places_(static_cast<size_t>(vocabulary)) {}

  // Forgets everything; the history is this prompt, and the answer is empty. A failure (an id outside the vocabulary)
  // changes nothing.
  std::optional<portable::Failure> begin(std::span<const int32_t> prompt);
  // A token of the answer. A failure changes nothing.
  std::optional<portable::Failure> add(int32_t id);

  const std::vector<int32_t>& ids() const { return ids_; }  // prompt, then answer
  const std::vector<Seen>& seen() const { return seen_; }   // each id once, in the order of the first time

 private:
  std::optional<portable::Failure> check(int32_t id) const;
  Seen& record(int32_t id);

  int64_t vocabulary_;
  std::vector<int32_t> ids_;
  std::vector<Seen> seen_;
  std::vector<uint32_t> places_;  // [V] 1 + the index in seen_, or 0
};

}  // namespace cortland::text
