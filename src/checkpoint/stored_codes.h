// The integers of a quantized tensor, in one form for every format that stores them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cortland {

// Some rows of a matrix [rows, cols]: weight = scale * (code - zero). A scale and a zero serve a group of columns.
struct CodeRows {
  std::vector<uint8_t> codes;  // [rows, cols], below 2^bits
  std::vector<float> scales;   // [rows, groups], of either sign
  std::vector<uint8_t> zeros;  // [rows, groups], below 2^bits
};

// What can be said of all rows.
struct CodeTraits {
  int bits = 4;             // 4 or 8
  int64_t groups = 1;       // of a row; they divide its columns
  bool is_centred = false;  // every zero is 2^(bits - 1)
  bool has_negative_scales =
      false;  // of rows that use the code 0, so that their codes cannot be negated about that centre
  bool has_half_scales = true;       // every scale is an fp16 number
  // [cols]: the group of each column; empty: groups of neighbours, in order.
  std::vector<int32_t> group_of = {};
};

// Immutable and thread-safe.
class StoredCodes {
 public:
  StoredCodes(std::string name, int64_t rows, int64_t cols) : name_(std::move(name)), rows_(rows), cols_(cols) {}
  virtual ~StoredCodes() = default;

  const std::string& name() const { return name_; }  // of the storage: "Q4_0", "GPTQ int4"
  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  // Found when it is first asked for. Errors: io; corrupt for a group that does not exist.
  virtual const CodeTraits& traits() const = 0;
  // These rows, in this order. Errors: io.
  virtual void read(std::span<const int64_t> rows, CodeRows& out) const = 0;

  // Weights of the matrix, row-major from element `first` on. REQUIRES: they lie inside it.
  void decode(int64_t first, std::span<float> out) const;
  // The columns sorted by group, those of a group in order: columns that are read in this order lie in groups of
  // neighbours.
  std::vector<int64_t> columns_by_group() const;

 private:
  std::string name_;
  int64_t rows_, cols_;
};

using StoredCodesPtr = std::shared_ptr<const StoredCodes>;

}  // namespace cortland
