#include "host/embedding_table.h"

#include <bit>
#include <cstring>
#include <string>

#include "portable/half.h"

namespace cortland::host {

using portable::Failure;
using portable::Result;
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t kMagic = 0x424D4543;  // "CEMB"
constexpr uint32_t kVersion = 1;
constexpr uint64_t kMostRows = 2147483647;  // ids are int32
constexpr uint64_t kMostWidth = 1 << 24;

struct Header {
  uint32_t magic = kMagic, version = kVersion, kind = 0, zero = 0;
  uint64_t rows = 0, width = 0, codes = 0, scales = 0;
};

uint64_t code_bytes(EmbeddingTable::Kind kind) { return kind == EmbeddingTable::Kind::fp16 ? sizeof(uint16_t) : 1; }

uint64_t aligned(uint64_t size) {
  return (size + EmbeddingTable::kAlignment - 1) / EmbeddingTable::kAlignment * EmbeddingTable::kAlignment;
}

uint16_t half_at(const std::byte* bytes, uint64_t index) {
  uint16_t half = 0;
  std::memcpy(&half, bytes + index * sizeof half, sizeof half);
  return half;
}

// Why the header says nothing that can be used; empty when it does. `room`: bytes of the file.
std::string problem_of(const Header& h, uint64_t room) {
  if (h.magic != kMagic) return "is no such file";
  if (h.version != kVersion) return "got version " + std::to_string(h.version) + ", want 1; hint: update this program";
  if (h.kind > 1 || h.zero != 0) return "got kind " + std::to_string(h.kind) + ", want 0 or 1";
  if (h.rows == 0 || h.rows > kMostRows || h.width == 0 || h.width > kMostWidth) {
    return "got " + std::to_string(h.rows) + " rows of " + std::to_string(h.width) + " elements";
  }
  const auto fits = [&](uint64_t offset, uint64_t size) {
    return offset >= EmbeddingTable::kHeaderBytes && offset % EmbeddingTable::kAlignment == 0 && offset <= room &&
           size <= room - offset;
  };
  const auto kind = static_cast<EmbeddingTable::Kind>(h.kind);
  if (!fits(h.codes, h.rows * h.width * code_bytes(kind))) return "the rows reach beyond its end";
  if (kind == EmbeddingTable::Kind::fp16) return h.scales == 0 ? "" : "got scales of fp16 rows";
  return fits(h.scales, h.rows * sizeof(uint16_t)) ? "" : "the scales reach beyond its end";
}

}  // namespace

Result<EmbeddingTable> EmbeddingTable::open(std::span<const std::byte> file) {
  Header h;
  if (file.size() < kHeaderBytes) {
    return Failure{"embedding table: got " + std::to_string(file.size()) + " bytes, want a header of 64"};
  }
  std::memcpy(&h, file.data(), sizeof h);
  if (const std::string problem = problem_of(h, file.size()); !problem.empty()) {
    return Failure{"embedding table: " + problem};
  }
  EmbeddingTable table;
  table.kind_ = static_cast<Kind>(h.kind);
  table.rows_ = h.rows;
  table.width_ = h.width;
  table.codes_ = file.data() + h.codes;
  table.scales_ = h.scales == 0 ? nullptr : file.data() + h.scales;
  return table;
}

std::vector<std::byte> EmbeddingTable::header(Kind kind, uint64_t rows, uint64_t width) {
  Header h{.kind = static_cast<uint32_t>(kind), .rows = rows, .width = width, .codes = kHeaderBytes};
  if (kind == Kind::int8) h.scales = kHeaderBytes + aligned(rows * width);
  std::vector<std::byte> bytes(kHeaderBytes);
  std::memcpy(bytes.data(), &h, sizeof h);
  return bytes;
}

void EmbeddingTable::read(std::span<const int32_t> ids, std::span<uint16_t> out) const {
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<uint64_t>(ids[i]);
    const std::byte* const row = codes_ + id * width_ * code_bytes(kind_);
    const std::span<uint16_t> halves = out.subspan(i * width_, width_);
    if (kind_ == Kind::fp16) {
      std::memcpy(halves.data(), row, halves.size_bytes());
      continue;
    }
    const float scale = portable::half_to_float(half_at(scales_, id));
    for (size_t j = 0; j < halves.size(); ++j) {
      halves[j] = portable::float_to_half(scale * static_cast<float>(static_cast<int8_t>(row[j])));
    }
  }
}

}  // namespace cortland::host
