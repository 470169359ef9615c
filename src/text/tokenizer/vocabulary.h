// The strings of an image and their ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/tokenizer/image.h"

namespace cortland::text {

// Refers to the image.
class Vocabulary {
 public:
  // Checks every offset and id once, so that nothing here needs a check later.
  static portable::Result<Vocabulary> read(const Sections& image, const Settings& settings);

  uint32_t size() const { return static_cast<uint32_t>(flags_.size()); }
  uint8_t flags(uint32_t id) const { return flags_[id]; }
  // REQUIRES: id < size().
  std::string_view text(uint32_t id) const {
    const uint32_t begin = offsets_[id];
    return bytes_.substr(begin, offsets_[id + 1] - begin);
  }
  // A token and its flags; nothing when no token is spelled so.
  struct Found {
    uint32_t id;
    uint8_t flags;
  };
  std::optional<Found> find(std::string_view text) const;

 private:
  Packed<uint32_t> offsets_;
  std::string_view bytes_;
  Packed<uint8_t> flags_;
  Packed<TokenSlot> table_;
  uint32_t seed_ = 0;
};

// The bytes of a section of `count` items of T. Fails when it is missing or has another size.
template <typename T>
portable::Result<Packed<T>> read_packed(const Sections& image, ImageSection kind, size_t count) {
  const std::optional<std::span<const std::byte>> bytes = image.find(kind);
  if (bytes && bytes->size() == count * sizeof(T)) return Packed<T>(*bytes);
  return portable::Failure{"tokenizer image: section " + std::to_string(kind) + " is missing or has a wrong size"};
}

// A hash table: at least one slot, a power of two.
template <typename T>
portable::Result<Packed<T>> read_table(const Sections& image, ImageSection kind) {
  const std::optional<std::span<const std::byte>> bytes = image.find(kind);
  const size_t slots = bytes ? bytes->size() / sizeof(T) : 0;
  if (slots > 0 && (slots & (slots - 1)) == 0 && bytes->size() == slots * sizeof(T)) return Packed<T>(*bytes);
  return portable::Failure{"tokenizer image: table " + std::to_string(kind) + " is missing or has a wrong size"};
}

}  // namespace cortland::text
