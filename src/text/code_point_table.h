// Code points to small numbers in two lookups: blocks of 256 code points, equal blocks stored once.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "text/code_point_set.h"
#include "text/unicode_tables.h"

namespace cortland::text {

class CodePointBytes {
 public:
  explicit CodePointBytes(const std::vector<Run>& runs);

  uint8_t operator[](char32_t code) const {
    return code > kMaxCodePoint ? 0 : blocks_[static_cast<size_t>(index_[code >> 8]) * 256 + (code & 0xFF)];
  }

 private:
  std::vector<uint16_t> index_;  // [0x1100] block number
  std::vector<uint8_t> blocks_;  // [blocks, 256]
};

// The same for one bit: membership in a set.
class CodePointBits {
 public:
  explicit CodePointBits(const CodePointSet& set);

  bool ascii(uint8_t byte) const { return ascii_[byte]; }  // false from 0x80 on
  // REQUIRES: code <= kMaxCodePoint.
  bool operator[](char32_t code) const {
    return blocks_[static_cast<size_t>(index_[code >> 8]) * 4 + (code >> 6 & 3)] >> (code & 63) & 1;
  }

 private:
  std::array<bool, 256> ascii_{};
  std::vector<uint16_t> index_;   // [0x1100]
  std::vector<uint64_t> blocks_;  // [blocks, 4]
};

}  // namespace cortland::text
