#include "text/sections.h"

#include <algorithm>
#include <bit>

namespace cortland::text {

using portable::Failure;
using portable::Result;

static_assert(std::endian::native == std::endian::little, "numbers are read and written as they lie in memory");

namespace {

constexpr size_t kAlignment = 16;
constexpr size_t kHeaderSize = 16;
constexpr size_t kEntrySize = 24;
constexpr uint32_t kMaxSections = 64;

size_t align(size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

std::string write_sections(const SectionFormat& format, const std::vector<Section>& sections) {
  std::string out;
  append_number(out, format.magic);
  append_number(out, format.version);
  append_number(out, static_cast<uint32_t>(sections.size()));
  append_number(out, uint32_t{0});
  size_t offset = align(kHeaderSize + kEntrySize * sections.size());
  for (const Section& section : sections) {
    append_number(out, section.kind);
    append_number(out, uint32_t{0});
    append_number(out, uint64_t{offset});
    append_number(out, uint64_t{section.bytes.size()});
    offset = align(offset + section.bytes.size());
  }
  for (const Section& section : sections) {
    out.resize(align(out.size()), '\0');
    out += section.bytes;
  }
  return out;
}

Result<Sections> Sections::read(const SectionFormat& format, std::span<const std::byte> bytes) {
  const auto failure = [&](const std::string& what) { return Failure{std::string(format.name) + ": " + what}; };
  ByteReader reader(bytes);
  const auto magic = reader.number<uint32_t>();
  const auto version = reader.number<uint32_t>();
  const auto count = reader.number<uint32_t>();
  if (reader.number<uint32_t>() != 0 || reader.failed() || magic != format.magic) {
    return failure("this is another kind of file, or its first bytes are damaged");
  }
  if (version != format.version) {
    return failure("format version; got " + std::to_string(version) + ", want " + std::to_string(format.version) +
                   "; hint: convert the model again");
  }
  if (count > kMaxSections) {
    return failure("number of sections; got " + std::to_string(count) + ", want at most " +
                   std::to_string(kMaxSections));
  }
  Sections sections;
  uint64_t least = kHeaderSize + kEntrySize * uint64_t{count};
  for (uint32_t i = 0; i < count; ++i) {
    const auto kind = reader.number<uint32_t>();
    const auto zero = reader.number<uint32_t>();
    const auto offset = reader.number<uint64_t>();
    const auto size = reader.number<uint64_t>();
    const bool fits = !reader.failed() && zero == 0 && offset >= least && offset % kAlignment == 0 &&
                      offset <= bytes.size() && size <= bytes.size() - offset;
    if (!fits) return failure("section " + std::to_string(i) + " does not lie within the file; hint: is it complete?");
    if (sections.find(kind)) return failure("two sections of kind " + std::to_string(kind));
    sections.entries_.push_back({kind, bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size))});
    least = offset + size;
  }
  return sections;
}

std::optional<std::span<const std::byte>> Sections::find(uint32_t kind) const {
  for (const Entry& entry : entries_) {
    if (entry.kind == kind) return entry.bytes;
  }
  return std::nullopt;
}

}  // namespace cortland::text
