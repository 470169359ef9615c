// The codes of one linear layer of a GPTQ, AWQ or compressed-tensors checkpoint, n = 32 / bits of them in a 32-bit word
// from the lowest bits on. Layouts, from what the libraries of these formats unpack (AutoGPTQ and GPTQModel, AutoAWQ,
// compressed-tensors); K columns, N rows, G groups:
//
//   GPTQ  qweight int32 [K/n, N]: word (k, r) holds columns n k .. n k + n - 1 of row r
//         qzeros int32 [G, N/n]: rows side by side; format "gptq" stores zero - 1 modulo 2^bits, "gptq_v2" the zero
//         scales [G, N], g_idx int32 [K]: the group of each column; without it column c is of group c G / K
//   AWQ   qweight int32 [K, N/8], qzeros int32 [G, N/8]: place i of a word is row 0, 2, 4, 6, 1, 3, 5, 7; scales [G, N]
//   compressed-tensors
//         weight_packed int32 [N, ceil(K/n)]: code + 2^(bits-1), columns side by side; or weight int8 [N, K]
//         weight_zero_point int32 [ceil(N/n), G], packed likewise over rows, or int8 [N, G]; absent: 0
//         weight_scale [N, G], weight_g_idx int32 [K]
//
// The weight is scale * (code - zero) in all of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "checkpoint/stored_codes.h"
#include "tensor/dtype.h"

namespace cortland {

// Integers [i, j] of 4 or 8 bits.
struct PackedArray {
  enum class Order { minor, major, interleaved };  // what lies in a word: neighbours of j, of i, or of j in AWQ's order
  std::span<const std::byte> bytes;
  int bits = 4;
  Order order = Order::minor;
  int64_t stride = 0;    // numbers that one i takes: a multiple of those in a word unless they are bytes
  bool has_rows_last = false;  // j is the row of the matrix
  uint8_t flipped = 0;   // bits that are inverted: those of the sign
  uint8_t added = 0;     // modulo 2^bits

  uint8_t at(int64_t row, int64_t other) const;
};

struct PackedParts {
  std::vector<std::shared_ptr<const InputFile>> files;  // keep what the spans show
  std::string where;  // "PATH: tensor NAME"
  PackedArray codes;                 // [rows, cols]
  std::optional<PackedArray> zeros;  // [rows, groups]; absent: all 2^(bits - 1)
  std::span<const std::byte> scales;
  DType scale_dtype = DType::f16;
  bool has_scale_rows_last = false;  // [groups, rows], else [rows, groups]
  int64_t groups = 1;
  std::span<const std::byte> group_of;  // int32 [cols]; empty: neighbours
};

// REQUIRES: the parts have the sizes that the layout says. Errors: as StoredCodes.
StoredCodesPtr make_packed_codes(std::string name, int64_t rows, int64_t cols, PackedParts parts);

}  // namespace cortland
