// The rows of the embedding for a host that looks them up itself: what the file of host/embedding_table.h is made of.
#pragma once

#include <cstdint>

#include "lower/plan.h"
#include "lower/weight_payload.h"
#include "mil/payload.h"
#include "model/weights.h"

namespace cortland {

// Beside the packages.
inline constexpr const char* kEmbeddingFile = "embedding.table";

struct EmbeddingRows {
  int64_t vocabulary = 0, width = 0;
  mil::PayloadPtr rows;    // fp16 or int8 [vocabulary, width]
  mil::PayloadPtr scales;  // fp16 [vocabulary, 1] of int8 rows; nullptr with fp16
};

// The weights and the report must outlive the payloads. Errors: unsupported for a precision that such a file does not
// have.
EmbeddingRows make_embedding_rows(const Plan& plan, const Weights& weights, WeightReport& report);

}  // namespace cortland
