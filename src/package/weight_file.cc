// The layout is described in weight_file.h.
#include "package/weight_file.h"

#include "base/bytes.h"
#include "base/error.h"

namespace cortland {
namespace {

constexpr size_t kCountAt = 0, kVersionAt = 4;
constexpr size_t kSentinelAt = 0, kTypeAt = 4, kSizeAt = 8, kOffsetAt = 16, kSpareBitsAt = 24;

uint64_t spare_bits(uint64_t elements, int bits) {
  return stored_size(elements, bits) * 8 - elements * static_cast<uint64_t>(bits);
}

void require_inside(std::span<const std::byte> file, uint64_t offset, uint64_t size, std::string_view what) {
  require(offset <= file.size() && size <= file.size() - offset, ErrorCode::corrupt,
          "byte {}: {} of {} bytes leaves the file; got {} bytes", offset, what, size, file.size());
}

}  // namespace

std::array<std::byte, kHeaderBytes> pack_header(const WeightHeader& header) {
  std::array<std::byte, kHeaderBytes> bytes{};
  store_le(std::span(bytes), kCountAt, header.count);
  store_le(std::span(bytes), kVersionAt, header.version);
  return bytes;
}

std::array<std::byte, kRecordBytes> pack_record(const BlobRecord& record) {
  std::array<std::byte, kRecordBytes> bytes{};
  store_le(std::span(bytes), kSentinelAt, record.sentinel);
  store_le(std::span(bytes), kTypeAt, record.type);
  store_le(std::span(bytes), kSizeAt, record.size);
  store_le(std::span(bytes), kOffsetAt, record.offset);
  store_le(std::span(bytes), kSpareBitsAt, record.spare_bits);
  return bytes;
}

BlobRecord make_record(DType dtype, uint64_t elements, uint64_t record_offset) {
  const DTypeRow& row = row_of(dtype);
  return {.type = static_cast<uint32_t>(row.blob_code),
          .size = stored_size(elements, row.bits),
          .offset = record_offset + kRecordBytes,
          .spare_bits = spare_bits(elements, row.bits)};
}

WeightHeader unpack_header(std::span<const std::byte> file) {
  require_inside(file, 0, kHeaderBytes, "the header");
  return {.count = load_le<uint32_t>(file, kCountAt), .version = load_le<uint32_t>(file, kVersionAt)};
}

BlobRecord unpack_record(std::span<const std::byte> file, uint64_t offset) {
  require_inside(file, offset, kRecordBytes, "the record");
  const auto bytes = file.subspan(offset, kRecordBytes);
  return {.sentinel = load_le<uint32_t>(bytes, kSentinelAt),
          .type = load_le<uint32_t>(bytes, kTypeAt),
          .size = load_le<uint64_t>(bytes, kSizeAt),
          .offset = load_le<uint64_t>(bytes, kOffsetAt),
          .spare_bits = load_le<uint64_t>(bytes, kSpareBitsAt)};
}

std::span<const std::byte> find_blob(std::span<const std::byte> file, uint64_t record_offset, DType dtype,
                                     uint64_t elements) {
  const WeightHeader header = unpack_header(file);
  require(header.version == kBlobVersion, ErrorCode::corrupt, "byte 4: format version; got {}, want {}",
          header.version, kBlobVersion);
  const BlobRecord record = unpack_record(file, record_offset);
  require(record.sentinel == kBlobSentinel, ErrorCode::corrupt,
          "byte {}: no blob record here; got {:#010x}, want {:#010x}", record_offset, record.sentinel, kBlobSentinel);
  const DTypeRow* row = find_blob_dtype(static_cast<int>(record.type));
  require(row != nullptr && row->dtype == dtype, ErrorCode::corrupt,
          "byte {}: element type of the blob; got {}, want {}", record_offset,
          row != nullptr ? row->name : fmt::format("code {}", record.type), name_of(dtype));
  const BlobRecord want = make_record(dtype, elements, record_offset);
  require(record.size == want.size, ErrorCode::corrupt, "byte {}: bytes of the blob; got {}, want {} for {} of {}",
          record_offset, record.size, want.size, elements, name_of(dtype));
  require(record.spare_bits == want.spare_bits, ErrorCode::corrupt, "byte {}: unused bits of the blob; got {}, want {}",
          record_offset, record.spare_bits, want.spare_bits);
  require(record.offset >= kHeaderBytes && record.offset % kBlobAlignment == 0, ErrorCode::corrupt,
          "byte {}: payload at byte {}, want a multiple of {}", record_offset, record.offset, kBlobAlignment);
  require_inside(file, record.offset, record.size, "the payload");
  return file.subspan(record.offset, record.size);
}

}  // namespace cortland
