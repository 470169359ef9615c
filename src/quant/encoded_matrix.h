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

// Thread-safe. What produce() writes is a function of the source and the scheme alone. What is encoded for one part is kept for the
// others until they have been produced.
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

  EncodingError error() const;  // nothing for codes that are kept

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
  std::vector<float> read(size_t piece) const;
  Encoded encode(size_t piece, EncodingError* error) const;
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
