// weight.bin: blob storage version 2. Little-endian; records start at multiples of 64.
//
//   header, 64 bytes at 0
//      0  u32  number of blobs
//      4  u32  version = 2
//      8  56 zero bytes
//   then for each blob a record of 64 bytes, directly followed by its payload
//      0  u32  0xdeadbeef
//      4  u32  element type (DTypeRow::blob_code)
//      8  u64  bytes of the payload
//     16  u64  offset of the payload in the file
//     24  u64  unused bits in the last byte of the payload
//     32  32 zero bytes (older writers left anything here)
//
// The next record stands at the next multiple of 64; nothing follows the last payload. Sub-byte elements form one dense
// bit stream, element 0 in the lowest bits. The model refers to a blob by the offset of its record.
//
// Example, 16 elements of fp16:
//   01000000 02000000 0..0 | efbeadde 01000000 2000000000000000 8000000000000000 0..0 | payload
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/dtype.h"

namespace cortland {

inline constexpr uint64_t kBlobAlignment = 64;
inline constexpr uint64_t kHeaderBytes = 64;
inline constexpr uint64_t kRecordBytes = 64;
inline constexpr uint32_t kBlobVersion = 2;
inline constexpr uint32_t kBlobSentinel = 0xdeadbeef;

struct WeightHeader {
  uint32_t count = 0;
  uint32_t version = kBlobVersion;
};

struct BlobRecord {
  uint32_t sentinel = kBlobSentinel;
  uint32_t type = 0;       // DTypeRow::blob_code
  uint64_t size = 0;       // bytes of the payload
  uint64_t offset = 0;     // of the payload in the file
  uint64_t spare_bits = 0;
};

std::array<std::byte, kHeaderBytes> pack_header(const WeightHeader& header);
std::array<std::byte, kRecordBytes> pack_record(const BlobRecord& record);

// The record of a blob of `elements` whose record stands at `record_offset`. REQUIRES: the type has a blob code.
BlobRecord make_record(DType dtype, uint64_t elements, uint64_t record_offset);

// Errors: corrupt when `file` ends too early; nothing else is judged.
WeightHeader unpack_header(std::span<const std::byte> file);
BlobRecord unpack_record(std::span<const std::byte> file, uint64_t offset);

// The payload of the blob at `record_offset`, which must hold `elements` of `dtype`. Errors: corrupt.
std::span<const std::byte> find_blob(std::span<const std::byte> file, uint64_t record_offset, DType dtype,
                                     uint64_t elements);

}  // namespace cortland
