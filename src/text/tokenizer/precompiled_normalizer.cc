#include "text/tokenizer/precompiled_normalizer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/base64.h"
#include "text/grapheme.h"
#include "text/utf8.h"

namespace cortland::text {
namespace {

uint32_t read_uint32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// A double-array trie. A unit: bits 0-7 and 31 the label, bit 8 whether a value hangs below, bits 10-30 the offset to
// the children, 256 times as far with bit 9; a value is a unit's bits 0-30.
class DoubleArray {
 public:
  explicit DoubleArray(std::vector<uint32_t> units) : units_(std::move(units)) {}

  // The value of the shortest prefix of `key` that has one.
  std::optional<uint32_t> find_shortest(std::string_view key) const {
    if (units_.empty()) return std::nullopt;
    size_t at = offset(units_[0]);
    for (const char c : key) {
      const auto label = static_cast<unsigned char>(c);
      at ^= label;
      if (label == 0 || at >= units_.size() || (units_[at] & (1u << 31 | 0xFF)) != label) return std::nullopt;
      const uint32_t unit = units_[at];
      at ^= offset(unit);
      if ((unit >> 8 & 1) != 0) {
        if (at >= units_.size()) return std::nullopt;
        return units_[at] & ~(1u << 31);
      }
    }
    return std::nullopt;
  }

 private:
  static size_t offset(uint32_t unit) { return size_t{unit >> 10} << ((unit & 1u << 9) >> 6); }

  std::vector<uint32_t> units_;
};

constexpr size_t kWholeGraphemeBytes = 6;  // from here on a grapheme is mapped code point by code point

class PrecompiledNormalizer : public Normalizer {
 public:
  PrecompiledNormalizer(DoubleArray trie, std::string strings) : trie_(std::move(trie)), strings_(std::move(strings)) {}

  void normalize(std::string& text) const override {
    std::string out;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = grapheme_end(text, begin);
      const std::string_view grapheme = std::string_view(text).substr(begin, end - begin);
      if (grapheme.size() >= kWholeGraphemeBytes || !append_mapped(grapheme, out)) {
        for (size_t at = begin; at < end;) {
          const std::string_view character = std::string_view(text).substr(at, decode_utf8(text, at).length);
          if (!append_mapped(character, out)) out += character;
          at += character.size();
        }
      }
      begin = end;
    }
    text = std::move(out);
  }

 private:
  // False when nothing is known of the chunk. What is known of its beginning replaces all of it, as in the original.
  bool append_mapped(std::string_view chunk, std::string& out) const {
    const std::optional<uint32_t> offset = trie_.find_shortest(chunk);
    if (!offset || *offset > strings_.size()) return false;
    const std::string_view rest = std::string_view(strings_).substr(*offset);
    out += rest.substr(0, rest.find('\0'));
    return true;
  }

  DoubleArray trie_;
  std::string strings_;
};

}  // namespace

std::unique_ptr<const Normalizer> make_precompiled_normalizer(Component& component) {
  constexpr std::string_view kKey = "precompiled_charsmap";
  const std::optional<std::string> bytes = decode_base64(component.text(kKey));
  if (!bytes) {
    component.note(kKey, "no base64");
    return nullptr;
  }
  if (bytes->size() < 4) {
    component.note(kKey, "got " + std::to_string(bytes->size()) + " bytes, want the size of the trie");
    return nullptr;
  }
  const size_t size = read_uint32(*bytes, 0);
  if (size % 4 != 0 || size > bytes->size() - 4) {
    component.note(kKey, "a trie of " + std::to_string(size) + " bytes; want a multiple of 4 and at most " +
                             std::to_string(bytes->size() - 4));
    return nullptr;
  }
  std::vector<uint32_t> units;
  for (size_t at = 4; at < 4 + size; at += 4) units.push_back(read_uint32(*bytes, at));
  std::string strings = bytes->substr(4 + size);
  if (!is_valid_utf8(strings)) {
    component.note(kKey, "strings that are no UTF-8");
    return nullptr;
  }
  return std::make_unique<PrecompiledNormalizer>(DoubleArray(std::move(units)), std::move(strings));
}

}  // namespace cortland::text
