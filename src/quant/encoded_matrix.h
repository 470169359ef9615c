// A matrix that is encoded piece by piece, when its parts are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quant/encoding_error.h"
#include "quant/input_statistics.h"
#include "quant/scheme.h"
#include "tensor/dtype.h"

namespace cortland {

// Where the numbers come from. Immutable and thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual int64_t rows() const = 0;
  virtual int64_t cols() const = 0;
  // The recipe in words: equal keys, equal numbers.
  virtual const std::string& key() const = 0;
  // Rows from `first` on; finite. Errors: corrupt.
  virtual void read(int64_t first, std::span<float> out) const = 0;
  // [rows]: how much the errors of rows from `first` on count, 1 on average of all; empty: all the same.
  virtual std::vector<float> row_importance(int64_t /*first*/, int64_t /*rows*/) const { return {}; }
  // What is known of the inputs; nullptr: nothing.
  virtual std::shared_ptr<const InputStatistics> inputs() const { return nullptr; }
};

// Codes that are there already. Immutable and thread-safe.
class CodeSource {
 public:
  virtual ~CodeSource() = default;
  virtual int64_t rows() const = 0;
  virtual int64_t cols() const = 0;
  virtual const std::string& key() const = 0;  // equal keys, equal codes
  // Rows from `first` on. Errors: corrupt, unsupported.
  virtual Encoded read(int64_t first, int64_t rows) const = 0;
};

enum class EncodedPart { codes, scales, offsets, tables };

// Thread-safe. What produce() writes is a function of the source and the scheme alone. What is encoded for one part is
// kept for the others until they have been produced.
class EncodedMatrix {
 public:
  // REQUIRES: the scheme fits (quant/policy.h) and is not half.
  EncodedMatrix(std::shared_ptr<const RowSource> source, const Scheme& scheme);
  // Codes of the scheme as they are.
  EncodedMatrix(std::shared_ptr<const CodeSource> codes, const Scheme& scheme);

  const Scheme& scheme() const { return scheme_; }
  bool is_kept() const { return kept_ != nullptr; }  // and not made here
  int64_t rows() const { return kept_ ? kept_->rows() : source_->rows(); }
  int64_t cols() const { return kept_ ? kept_->cols() : source_->cols(); }
  const std::string& key() const { return key_; }

  DType dtype(EncodedPart part) const;
  // Elements of a part: codes [rows, cols], scales and offsets [rows, blocks], tables [groups, 2^bits].
  int64_t blocks() const { return scheme_.block == 0 ? 1 : cols() / scheme_.block; }
  int64_t groups() const { return scheme_.group == 0 ? 1 : rows() / scheme_.group; }
  // What produce() can begin and end at.
  uint64_t granule_bytes(EncodedPart part) const;
  // As mil::Payload::produce().
  void produce(EncodedPart part, uint64_t offset, std::span<std::byte> out) const;

  EncodingError error() const;  // of what was produced; nothing for codes that are kept

  // Encodes everything and keeps nothing: the errors of the weights, or where inputs are known, those of what they give
  // for the inputs held out. Threaded; the result does not depend on the number of threads. REQUIRES: not is_kept().
  EncodingError measure() const;
  // REQUIRES: not is_kept().
  const std::shared_ptr<const RowSource>& source() const { return source_; }
  uint64_t part_bytes(EncodedPart part) const;  // 0 for a part that the scheme has not

 private:
  struct Piece {
    std::mutex mutex;
    std::optional<Encoded> kept;
    bool has_codes_taken = false, has_rest_taken = false;
    EncodingError error;
  };

  void cut();
  int64_t piece_rows(size_t piece) const;
  // Bytes written.
  size_t write(EncodedPart part, const Encoded& encoded, std::span<std::byte> out) const;
  // The numbers of a piece, and what is known of its rows.
  struct Numbers {
    std::vector<float> values, row_importance;
    int64_t cols = 0;
    Rows rows(std::span<const float> importance = {}) const { return {values, cols, importance, row_importance}; }
  };
  Numbers read(size_t piece) const;
  Encoded encode(size_t piece, EncodingError* error) const;
  Encoded encode(const Numbers& numbers, EncodingError* error) const;
  // Of a palette without groups; empty for all others.
  const std::vector<uint16_t>& whole_table() const;
  std::vector<uint16_t> make_whole_table() const;
  // Encodes a piece that is locked, unless what the part needs of it is there.
  void prepare(EncodedPart part, size_t index, Piece& piece) const;
  size_t take(EncodedPart part, size_t index, std::span<std::byte> out) const;
  void help(EncodedPart part, size_t first, size_t end) const;

  std::shared_ptr<const RowSource> source_;
  std::shared_ptr<const CodeSource> kept_;  // instead
  Scheme scheme_;
  std::string key_;
  int64_t rows_per_piece_ = 0;
  mutable std::vector<Piece> pieces_;
  mutable std::once_flag table_once_;
  mutable std::vector<uint16_t> table_;
};

}  // namespace cortland
