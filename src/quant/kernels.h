// The inner loops of the codecs, by SIMD. Their results do not depend on the width of the vectors: sums run over
// elements in order, one block in each lane, and nothing is fused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cortland {

float max_magnitude(std::span<const float> values);
bool is_all_finite(std::span<const float> values);

// codes[i] = values[i] / scale, rounded half to even and clipped.
void round_codes(std::span<const float> values, float scale, int lowest, int highest, std::span<uint8_t> codes);

// Codes and scales of blocks of `side` elements; importance as Rows::importance.
struct BlockTask {
  std::span<const float> values;
  std::span<const float> importance;
  size_t side = 0;
  std::span<uint8_t> codes;    // one an element
  std::span<uint16_t> scales;  // fp16, one a block
  std::span<uint8_t> offsets;  // one a block; of uint4 only
};
void search_int4(const BlockTask& task);
void search_int8(const BlockTask& task);
void search_uint4(const BlockTask& task);

// codes[i] = the number of `thresholds` (ascending) below values[i].
void count_below(std::span<const float> values, std::span<const float> thresholds, std::span<uint8_t> codes);

}  // namespace cortland
