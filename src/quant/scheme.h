// How a weight matrix [rows, cols] is stored. Rows are output channels, columns are inputs.
#pragma once

#include <cstdint>
#include <string>

namespace cortland {

enum class Codec {
  half,     // fp16
  int8,     // scale * q, a scale for each row or block of columns, q from -127 to 127
  uint8,    // scale * (q - offset), both for each row or block of columns: kept weights only
  int4,     // scale * q, a scale for each block of columns, q from -8 to 7
  uint4,    // scale * (q - offset), both for each block of columns
  palette,  // an entry of a table for each group of rows
  stored,   // whatever the checkpoint has: a wish, which choose_scheme() replaces
};

struct Scheme {
  Codec codec = Codec::half;
  int bits = 16;      // of a code
  int64_t block = 0;  // columns that share a scale: int4, uint4, int8, uint8; 0: all of a row, for 8 bits
  int64_t group = 0;  // rows that share a table: palette; 0: all

  bool operator==(const Scheme&) const = default;
};

constexpr Scheme half_scheme() { return {}; }
constexpr Scheme int8_scheme() { return {.codec = Codec::int8, .bits = 8}; }
constexpr Scheme int4_scheme(int64_t block = 32) { return {.codec = Codec::int4, .bits = 4, .block = block}; }
constexpr Scheme uint4_scheme(int64_t block = 32) { return {.codec = Codec::uint4, .bits = 4, .block = block}; }
constexpr Scheme stored_scheme() { return {.codec = Codec::stored, .bits = 0}; }
constexpr Scheme palette_scheme(int bits, int64_t group = 0) {
  return {.codec = Codec::palette, .bits = bits, .group = group};
}

constexpr bool has_offsets(Codec codec) { return codec == Codec::uint4 || codec == Codec::uint8; }

// "int4 in blocks of 32", "4-bit palettes of 32 rows"
std::string to_string(const Scheme& scheme);

// With scales, offsets and tables; 0 for stored. REQUIRES: the scheme fits the matrix.
double bits_per_weight(const Scheme& scheme, int64_t rows, int64_t cols);

}  // namespace cortland
