// The nearest codes of a matrix, column by column, under what is fixed: scales and offsets of blocks, or tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/encoded.h"
#include "quant/scheme.h"

namespace cortland {

// REQUIRES: int4, uint4 or a palette. What it is made of must outlive it.
class CodeGrid {
 public:
  CodeGrid(const Scheme& scheme, const Rows& rows, const Encoded& encoded, std::span<const uint16_t> whole_table);

  // Codes of one column, aimed at `targets` [rows], and what they stand for.
  void choose(size_t column, std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded);

 private:
  void choose_entries(std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded) const;
  void choose_steps(size_t column, std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded);

  const Scheme& scheme_;
  size_t rows_, blocks_ = 0, group_ = 0;
  const Encoded& encoded_;
  std::span<const uint16_t> tables_;
  float lowest_ = 0;
  std::vector<float> scales_, offsets_;  // of the block of a column
};

}  // namespace cortland
