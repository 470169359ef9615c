// The rows of an embedding that the host looks up, from a file beside the packages. Numbers are little-endian:
//
//   0   u32 magic "CEMB"
//   4   u32 version, 1
//   8   u32 kind: 0 fp16, 1 int8 with a scale for each row
//   12  u32 0
//   16  u64 V, rows
//   24  u64 C, elements of a row
//   32  u64 offset of the rows, fp16 or int8 [V, C]
//   40  u64 offset of the scales, fp16 [V]; 0 with kind 0
//   48  zeros up to 64
//
// Offsets count from the first byte and are multiples of 64. An element of kind 1 is the code times the scale of its
// row, rounded to fp16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "portable/result.h"

namespace cortland::host {

class EmbeddingTable {
 public:
  enum class Kind : uint32_t { fp16 = 0, int8 = 1 };
  static constexpr size_t kHeaderBytes = 64;
  static constexpr uint64_t kAlignment = 64;

  // A view of the bytes of a file, which must outlive it. Fails for what is no such file, or a damaged one.
  static portable::Result<EmbeddingTable> open(std::span<const std::byte> file);

  // The first bytes of a file, [kHeaderBytes], whose rows follow at once, and the scales behind them.
  static std::vector<std::byte> header(Kind kind, uint64_t rows, uint64_t width);

  int64_t rows() const { return static_cast<int64_t>(rows_); }    // V
  int64_t width() const { return static_cast<int64_t>(width_); }  // C
  Kind kind() const { return kind_; }

  // Rows of ids, fp16 [T, C] as the bits of each element. REQUIRES: ids from 0 to V - 1, and as much room.
  void read(std::span<const int32_t> ids, std::span<uint16_t> out) const;

 private:
  EmbeddingTable() = default;

  Kind kind_ = Kind::fp16;
  uint64_t rows_ = 0, width_ = 0;
  const std::byte* codes_ = nullptr;   // [V, C]
  const std::byte* scales_ = nullptr;  // [V]
};

}  // namespace cortland::host
