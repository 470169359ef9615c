// A file of sections, as in NAME.text and in the tokenizer image inside it. Little-endian; the same sections give the
// same bytes. Layout:
//
//    0  u32  magic: which kind of file
//    4  u32  version of its format
//    8  u32  number of sections N, at most 64
//   12  u32  0
//   16  N times { u32 kind, u32 0, u64 offset, u64 size }: offsets from the first byte of the file, in rising order,
//            multiples of 16; no two sections of one kind, none over another
//   ..  the sections; zeros between them
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "portable/result.h"

namespace cortland::text {

struct SectionFormat {
  std::string_view name;  // for messages
  uint32_t magic = 0;
  uint32_t version = 0;
};

struct Section {
  uint32_t kind = 0;
  std::string bytes;
};

// REQUIRES: at most 64 sections, no two of one kind.
std::string write_sections(const SectionFormat& format, const std::vector<Section>& sections);

// The sections of bytes that someone else keeps.
class Sections {
 public:
  // Fails for another magic or version and for a table that does not fit the bytes.
  static portable::Result<Sections> read(const SectionFormat& format, std::span<const std::byte> bytes);
  // Nothing when there is no such section.
  std::optional<std::span<const std::byte>> find(uint32_t kind) const;

 private:
  struct Entry {
    uint32_t kind = 0;
    std::span<const std::byte> bytes;
  };
  std::vector<Entry> entries_;
};

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// Reads numbers one after the other, never beyond the end: after a failure everything is 0 or empty.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty(); }
  size_t left() const { return bytes_.size(); }

  template <typename T>
  T number() {
    T value{};
    const std::span<const std::byte> from = bytes(sizeof(T));
    if (!failed_) std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }
  std::span<const std::byte> bytes(size_t size) {
    if (failed_ || size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::span<const std::byte> result = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return result;
  }
  // u32 size, then that many bytes.
  std::string_view text() { return as_text(bytes(number<uint32_t>())); }

 private:
  std::span<const std::byte> bytes_;
  bool failed_ = false;
};

template <typename T>
void append_number(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
inline void append_text(std::string& out, std::string_view text) {
  append_number(out, static_cast<uint32_t>(text.size()));
  out += text;
}

}  // namespace cortland::text
