// What a model returns for the next token: one number per token of the vocabulary.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

enum class LogitType { fp16, fp32 };

// A view: the caller keeps the numbers alive. They are in the byte order of the machine and need no alignment.
struct Logits {
  const void* data = nullptr;
  LogitType type = LogitType::fp16;
  int64_t count = 0;   // V
  int64_t stride = 1;  // from one logit to the next, in elements; 1 or more
};

// Exact for each of the 65536 values.
float to_fp32(uint16_t half);

// Replaces `scores` by the logits. Fails for a NaN or +infinity; -infinity is a token that cannot come. What `scores`
// holds after a failure is not specified.
std::optional<portable::Failure> read_logits(const Logits& logits, std::vector<float>& scores);  // [V]

}  // namespace cortland::text
