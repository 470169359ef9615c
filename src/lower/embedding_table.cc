#include "lower/embedding_table.h"

#include "base/error.h"
#include "lower/encoded_payload.h"
#include "lower/weight_store.h"

namespace cortland {

EmbeddingRows make_embedding_rows(const Plan& plan, const Weights& weights, WeightReport& report) {
  const Binding& binding = weights.binding({Role::embedding});
  const Shape& shape = binding.parameter->shape;
  WeightStore store(weights, plan, report);
  const StoredWeight stored = store.add(kEmbeddingFile, binding, {}, shape, WeightPlace::embedding);
  if (!stored.matrix) return {shape[0], shape[1], stored.half, nullptr};
  const Scheme& scheme = stored.matrix->scheme();
  require(
      scheme == int8_scheme(), ErrorCode::unsupported,
      "--embedding host: the rows of a file are float16 or int8, got {}; hint: --embedding-precision int8, or --embedding graph",
      to_string(scheme));
  return {shape[0], shape[1], make_encoded_payload(stored.matrix, EncodedPart::codes, shape),
          make_encoded_payload(stored.matrix, EncodedPart::scales, {shape[0], 1})};
}

}  // namespace cortland
