#include "quant/encoded_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "quant/block_codec.h"
#include "quant/int8_codec.h"
#include "quant/palette_codec.h"
#include "tensor/elements.h"

namespace cortland {
namespace {

constexpr int64_t kPieceElements = 256 << 10;
constexpr int64_t kByteRows = 8;  // codes of any width end on a byte behind so many rows

template <typename T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<std::byte> packed(std::span<const uint8_t> codes, int bits) {
  std::vector<std::byte> bytes(stored_size(codes.size(), bits));
  pack_codes(codes, bits, bytes);
  return bytes;
}

DType index_type(int bits) {
  switch (bits) {
    case 1: return DType::u1;
    case 2: return DType::u2;
    case 3: return DType::u3;
    case 4: return DType::u4;
    case 6: return DType::u6;
    default: return DType::u8;
  }
}

}  // namespace

EncodedMatrix::EncodedMatrix(std::shared_ptr<const RowSource> source, const Scheme& scheme)
    : source_(std::move(source)), scheme_(scheme), key_(fmt::format("{} as {}", source_->key(), to_string(scheme))) {
  cut();
}

EncodedMatrix::EncodedMatrix(std::shared_ptr<const CodeSource> codes, const Scheme& scheme)
    : kept_(std::move(codes)), scheme_(scheme), key_(fmt::format("{} kept as {}", kept_->key(), to_string(scheme))) {
  cut();
}

void EncodedMatrix::cut() {
  const Scheme& scheme = scheme_;
  const int64_t unit = std::max(scheme.group, int64_t{1}) * (scheme.group % kByteRows == 0 && scheme.group > 0 ? 1 : kByteRows);
  rows_per_piece_ = std::max<int64_t>(1, kPieceElements / (unit * cols())) * unit;
  pieces_ = std::vector<Piece>(static_cast<size_t>((rows() + rows_per_piece_ - 1) / rows_per_piece_));
}

int64_t EncodedMatrix::piece_rows(size_t piece) const {
  return std::min(rows_per_piece_, rows() - static_cast<int64_t>(piece) * rows_per_piece_);
}

DType EncodedMatrix::dtype(EncodedPart part) const {
  if (part == EncodedPart::scales || part == EncodedPart::tables) return DType::f16;
  switch (scheme_.codec) {
    case Codec::int8: return DType::i8;
    case Codec::uint8: return DType::u8;
    case Codec::int4: return DType::i4;
    case Codec::uint4: return DType::u4;
    default: return index_type(scheme_.bits);
  }
}

uint64_t EncodedMatrix::granule_bytes(EncodedPart part) const {
  const auto elements = [&]() -> int64_t {
    switch (part) {
      case EncodedPart::codes: return rows_per_piece_ * cols();
      case EncodedPart::scales:
      case EncodedPart::offsets: return rows_per_piece_ * blocks();
      case EncodedPart::tables: return (scheme_.group == 0 ? 1 : rows_per_piece_ / scheme_.group) << scheme_.bits;
    }
    return 0;
  };
  return stored_size(static_cast<uint64_t>(elements()), dtype(part));
}

const std::vector<uint16_t>& EncodedMatrix::whole_table() const {
  std::call_once(table_once_, [&] {
    Histogram histogram;
    std::vector<float> values;
    for (size_t piece = 0; piece < pieces_.size(); ++piece) {
      values.resize(static_cast<size_t>(piece_rows(piece) * cols()));
      source_->read(static_cast<int64_t>(piece) * rows_per_piece_, values);
      histogram.add({values, cols(), source_->importance()});
    }
    table_ = make_table(histogram.take(), scheme_.bits);
  });
  return table_;
}

Encoded EncodedMatrix::encode(int64_t first, int64_t rows, EncodingError* error) const {
  if (kept_) return kept_->read(first, rows);
  std::vector<float> values(static_cast<size_t>(rows * cols()));
  source_->read(first, values);
  const Rows input{values, cols(), source_->importance()};
  Encoded out;
  switch (scheme_.codec) {
    case Codec::half:
    case Codec::uint8:
    case Codec::stored: break;
    case Codec::int8: out = encode_int8(input); break;
    case Codec::int4: out = encode_int4(input, scheme_.block); break;
    case Codec::uint4: out = encode_uint4(input, scheme_.block); break;
    case Codec::palette:
      if (scheme_.group > 0) {
        out = encode_palette(input, scheme_.bits, scheme_.group);
      } else {
        out.codes.resize(values.size());
        assign_entries(values, whole_table(), out.codes);
      }
      break;
  }
  *error = measure_error(scheme_, input, out, table_);
  return out;
}

std::vector<std::byte> EncodedMatrix::stored(EncodedPart part, const Encoded& encoded) const {
  switch (part) {
    case EncodedPart::codes: return packed(encoded.codes, bits_of(dtype(part)));
    case EncodedPart::scales: return bytes_of(encoded.scales);
    case EncodedPart::offsets: return packed(encoded.offsets, bits_of(dtype(part)));
    case EncodedPart::tables: return bytes_of(encoded.tables);
  }
  return {};
}

// Whoever comes first encodes the piece for all; what is left is kept until the others, who usually come soon, have theirs.
std::vector<std::byte> EncodedMatrix::take(EncodedPart part, size_t index) const {
  Piece& piece = pieces_[index];
  const std::lock_guard lock(piece.mutex);
  const auto has = [&] { return piece.kept && (part != EncodedPart::codes || !piece.kept->codes.empty()); };
  if (!has()) {
    piece.kept = encode(static_cast<int64_t>(index) * rows_per_piece_, piece_rows(index), &piece.error);
  }
  std::vector<std::byte> bytes = stored(part, *piece.kept);
  const EncodedPart last = has_offsets(scheme_.codec) ? EncodedPart::offsets
                           : scheme_.codec == Codec::palette ? EncodedPart::tables : EncodedPart::scales;
  (part == EncodedPart::codes ? piece.has_codes_taken : piece.has_rest_taken) |= part == EncodedPart::codes || part == last;
  if (piece.has_codes_taken) piece.kept->codes = {};
  if (piece.has_codes_taken && (piece.has_rest_taken || (scheme_.codec == Codec::palette && scheme_.group == 0))) piece.kept.reset();
  return bytes;
}

void EncodedMatrix::produce(EncodedPart part, uint64_t offset, std::span<std::byte> out) const {
  if (part == EncodedPart::tables && scheme_.group == 0) {
    const std::vector<std::byte> bytes = bytes_of(whole_table());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return;
  }
  const uint64_t granule = granule_bytes(part);
  for (size_t piece = offset / granule; !out.empty(); ++piece) {
    const std::vector<std::byte> bytes = take(part, piece);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    out = out.subspan(bytes.size());
  }
}

EncodingError EncodedMatrix::error() const {
  EncodingError sum;
  for (const Piece& piece : pieces_) sum.merge(piece.error);
  return sum;
}

}  // namespace cortland
