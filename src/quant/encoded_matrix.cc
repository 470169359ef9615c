#include "quant/encoded_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/parallel.h"
#include "quant/calibrated_codec.h"
#include "quant/palette_codec.h"
#include "quant/row_codec.h"
#include "tensor/elements.h"

namespace cortland {
namespace {

constexpr int64_t kPieceElements = 256 << 10;
constexpr int64_t kByteRows = 8;  // codes of any width end on a byte behind so many rows

size_t write_halves(std::span<const uint16_t> values, std::span<std::byte> out) {
  if (!values.empty()) std::memcpy(out.data(), values.data(), values.size_bytes());
  return values.size_bytes();
}

size_t write_packed(std::span<const uint8_t> codes, int bits, std::span<std::byte> out) {
  const size_t size = stored_size(codes.size(), bits);
  pack_codes(codes, bits, out.first(size));
  return size;
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
  const int64_t unit =
      std::max(scheme.group, int64_t{1}) * (scheme.group % kByteRows == 0 && scheme.group > 0 ? 1 : kByteRows);
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

EncodedMatrix::Numbers EncodedMatrix::read(size_t piece) const {
  const int64_t first = static_cast<int64_t>(piece) * rows_per_piece_, rows = piece_rows(piece);
  Numbers numbers{std::vector<float>(static_cast<size_t>(rows * cols())), {}, cols()};
  source_->read(first, numbers.values);
  numbers.row_importance = source_->row_importance(first, rows);
  return numbers;
}

const std::vector<uint16_t>& EncodedMatrix::whole_table() const {
  std::call_once(table_once_, [&] {
    if (scheme_.codec == Codec::palette && scheme_.group == 0) table_ = make_whole_table();
  });
  return table_;
}

// With calibration the better of two tables, as for rows (quant/calibrated_codec.h).
std::vector<uint16_t> EncodedMatrix::make_whole_table() const {
  const auto inputs = is_worth_calibrating(scheme_) ? source_->inputs() : nullptr;
  const auto table_by = [&](std::span<const float> importance) {
    Histogram histogram;
    for (size_t piece = 0; piece < pieces_.size(); ++piece) histogram.add(read(piece).rows(importance));
    return make_table(histogram.take(), scheme_.bits);
  };
  std::vector<uint16_t> plain = table_by({});
  if (inputs == nullptr) return plain;
  std::vector<uint16_t> weighted = table_by(inputs->importance);
  double gain = 0;
  for (size_t piece = 0; piece < pieces_.size(); ++piece) {
    const Numbers numbers = read(piece);
    const Rows rows = numbers.rows();
    const auto sum_under = [&](const std::vector<uint16_t>& table) {
      const std::vector<double> sums =
          measure_outputs(scheme_, rows, encode_rows(scheme_, rows, table), table, *inputs);
      return std::accumulate(sums.begin(), sums.end(), 0.0);
    };
    gain += sum_under(plain) - sum_under(weighted);
  }
  return gain > 0 ? weighted : plain;
}

Encoded EncodedMatrix::encode(size_t piece, EncodingError* error) const {
  if (kept_) return kept_->read(static_cast<int64_t>(piece) * rows_per_piece_, piece_rows(piece));
  return encode(read(piece), error);
}

Encoded EncodedMatrix::encode(const Numbers& numbers, EncodingError* error) const {
  const Rows rows = numbers.rows();
  const auto inputs = is_worth_calibrating(scheme_) ? source_->inputs() : nullptr;
  Encoded out =
      inputs ? encode_calibrated(scheme_, rows, *inputs, whole_table()) : encode_rows(scheme_, rows, whole_table());
  *error = measure_error(scheme_, rows, out, whole_table());
  return out;
}

size_t EncodedMatrix::write(EncodedPart part, const Encoded& encoded, std::span<std::byte> out) const {
  switch (part) {
    case EncodedPart::codes: return write_packed(encoded.codes, bits_of(dtype(part)), out);
    case EncodedPart::scales: return write_halves(encoded.scales, out);
    case EncodedPart::offsets: return write_packed(encoded.offsets, bits_of(dtype(part)), out);
    case EncodedPart::tables: return write_halves(encoded.tables, out);
  }
  return 0;
}

void EncodedMatrix::prepare(EncodedPart part, size_t index, Piece& piece) const {
  if (!piece.kept || (part == EncodedPart::codes && piece.kept->codes.empty())) {
    piece.kept = encode(index, &piece.error);
  }
}

// Whoever comes first encodes the piece for all; what is left is kept until the others, who usually come soon, have
// theirs.
size_t EncodedMatrix::take(EncodedPart part, size_t index, std::span<std::byte> out) const {
  Piece& piece = pieces_[index];
  const std::lock_guard lock(piece.mutex);
  prepare(part, index, piece);
  const size_t size = write(part, *piece.kept, out);
  const EncodedPart last = has_offsets(scheme_.codec) ? EncodedPart::offsets
                           : scheme_.codec == Codec::palette ? EncodedPart::tables : EncodedPart::scales;
  (part == EncodedPart::codes ? piece.has_codes_taken : piece.has_rest_taken) |=
      part == EncodedPart::codes || part == last;
  if (piece.has_codes_taken) piece.kept->codes = {};
  if (piece.has_codes_taken && (piece.has_rest_taken || (scheme_.codec == Codec::palette && scheme_.group == 0))) {
    piece.kept.reset();
  }
  return size;
}

// Another thread produces the codes of the same pieces, from the first on. Going the other way, and past what it is at,
// this one does its share of the work instead of waiting for each.
void EncodedMatrix::help(EncodedPart part, size_t first, size_t end) const {
  for (size_t index = end; index-- > first;) {
    const std::unique_lock lock(pieces_[index].mutex, std::try_to_lock);
    if (lock) prepare(part, index, pieces_[index]);
  }
}

void EncodedMatrix::produce(EncodedPart part, uint64_t offset, std::span<std::byte> out) const {
  if (part == EncodedPart::tables && scheme_.group == 0) {
    const auto table = std::as_bytes(std::span(whole_table()));
    std::copy_n(table.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return;
  }
  const uint64_t granule = granule_bytes(part);
  const size_t first = offset / granule;
  if (part != EncodedPart::codes) help(part, first, first + (out.size() + granule - 1) / granule);
  for (size_t piece = first; !out.empty(); ++piece) out = out.subspan(take(part, piece, out));
}

EncodingError EncodedMatrix::measure() const {
  std::vector<EncodingError> errors(pieces_.size());
  const auto inputs = source_->inputs();
  parallel_for(pieces_.size(), 1, [&](size_t begin, size_t end) {
    for (size_t piece = begin; piece < end; ++piece) {
      const Numbers numbers = read(piece);
      const Encoded encoded = encode(numbers, &errors[piece]);
      if (inputs == nullptr) continue;
      const std::vector<double> signal = output_energies(numbers.values, numbers.rows(), *inputs);
      const std::vector<double> noise = measure_outputs(scheme_, numbers.rows(), encoded, whole_table(), *inputs);
      errors[piece] = {std::accumulate(signal.begin(), signal.end(), 0.0),
                       std::accumulate(noise.begin(), noise.end(), 0.0)};
    }
  });
  EncodingError sum;
  for (const EncodingError& error : errors) sum.merge(error);
  return sum;
}

uint64_t EncodedMatrix::part_bytes(EncodedPart part) const {
  const auto elements = [&]() -> int64_t {
    switch (part) {
      case EncodedPart::codes: return rows() * cols();
      case EncodedPart::scales: return scheme_.codec == Codec::palette ? 0 : rows() * blocks();
      case EncodedPart::offsets: return has_offsets(scheme_.codec) ? rows() * blocks() : 0;
      case EncodedPart::tables: return scheme_.codec == Codec::palette ? groups() << scheme_.bits : 0;
    }
    return 0;
  };
  return stored_size(static_cast<uint64_t>(elements()), dtype(part));
}

EncodingError EncodedMatrix::error() const {
  EncodingError sum;
  for (const Piece& piece : pieces_) sum.merge(piece.error);
  return sum;
}

}  // namespace cortland
