// Rows of a matrix as codes, and what turns them back into numbers: mil/ops/constexpr.h says how.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cortland {

struct Encoded {
  std::vector<uint8_t> codes;    // [rows, cols], one a byte; signed codes in two's complement of their bits
  std::vector<uint16_t> scales;  // fp16 [rows] or [rows, cols / block]
  std::vector<uint8_t> offsets;  // [rows, cols / block], one a byte
  std::vector<uint16_t> tables;  // fp16 [groups, 2^bits]
};

// Rows of a matrix, row-major, and how much each column and row matters.
struct Rows {
  std::span<const float> values;      // [rows, cols], finite
  int64_t cols = 0;
  std::span<const float> importance;  // [cols]: weights of the squared errors; empty: all 1
  std::span<const float> row_importance = {};  // [rows]: the same; tables that rows share heed it

  int64_t rows() const { return static_cast<int64_t>(values.size()) / cols; }
};

// The largest scale that keeps scale * code within fp16.
constexpr float max_scale(int largest_code) { return 65504.0f / static_cast<float>(largest_code); }

}  // namespace cortland
