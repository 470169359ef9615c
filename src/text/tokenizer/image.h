// The tokenizer image: a tokenizer as flat bytes that are used where they lie, mapped from a file or in memory, at any
// address. tokenizer.json is read once, when a model is converted; image_writer.h writes the image, text/tokenizer.h
// runs it. A file of sections (text/sections.h) with magic "CTOK"; counts are those of the settings:
//
//   kSettings     one Settings
//   kTokenOffsets u32 [tokens + 1]  where the string of each id begins in kTokenBytes; rising
//   kTokenBytes   UTF-8
//   kTokenFlags   u8 [tokens]       TokenFlags; 0: the id is not used
//   kTokenTable   TokenSlot [2^k]   string -> id: open addressing, linear probing from hash_bytes(string)
//   kMergeTable   MergeSlot [2^k]   pair of ids -> rank and merged id, likewise from hash_pair (BPE)
//   kByteTokens   i32 [256]         the ids of <0x00> to <0xFF>, -1 where missing (byte_fallback)
//   kAffixes      prefix and suffix of pieces behind the first and of last ones: twice { u32 size, bytes } (BPE)
//   kCuts         u32 []            rising code points: a piece may be cut before U+2581 unless one of these, or an
//                                   unknown character, stands there (BPE; absent: it may not be cut)
//   kScores       f64 [tokens]      log probabilities (Unigram)
//   kTrie         TrieSlot [2^k]    (node, byte) -> node (Unigram)
//   kTrieTokens   i32 [nodes]       the id that ends at a node, -1 for none (Unigram)
//   kAdded        u32 count, times { u32 id, u32 AddedFlags, u32 size, bytes of the pattern }: the tokens matched in
//                 the text before anything else, first those of raw text, each kind by pattern; no two patterns alike
//   kSpecials     u32 count, times i32: ids before the text when special tokens are asked for; the same for behind it
//   kComponents   normalizer, pre-tokenizer, decoder: three values of json_bytes.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "text/sections.h"

namespace cortland::text {

inline constexpr SectionFormat kImageFormat{.name = "tokenizer image", .magic = 0x4B4F5443, .version = 1};

enum ImageSection : uint32_t {
  kSettings = 1, kTokenOffsets, kTokenBytes, kTokenFlags, kTokenTable, kMergeTable, kByteTokens, kAffixes, kCuts,
  kScores, kTrie, kTrieTokens, kAdded, kSpecials, kComponents
};

enum class ModelKind : uint32_t { kBpe = 1, kUnigram = 2 };

// What stands in place of an id for unknown characters.
inline constexpr int32_t kDropUnknown = -1;    // they vanish
inline constexpr int32_t kRefuseUnknown = -2;  // encoding fails

struct Settings {
  ModelKind model = ModelKind::kBpe;
  uint32_t tokens = 0;      // ids in use lie below
  uint32_t token_seed = 0;  // of hash_bytes
  uint32_t merge_seed = 0;  // of hash_pair
  int32_t unknown = kDropUnknown;
  uint8_t fuse_unknown = 0;
  uint8_t byte_fallback = 0;
  uint8_t ignore_merges = 0;
  uint8_t clean_up = 0;          // clean_up_tokenization_spaces
  double unknown_score = 0;      // Unigram
};
static_assert(sizeof(Settings) == 32);

enum TokenFlags : uint8_t {
  kInModel = 1,  // in the model's vocabulary
  kWhole = 2,    // a piece that is this string is encoded as this token alone
  kIsAdded = 4,
  kIsSpecial = 8,
};

enum AddedFlags : uint32_t { kSingleWord = 1, kStripLeft = 2, kStripRight = 4, kNormalized = 8, kSpecial = 16 };

inline constexpr uint32_t kMaxId = (1u << 22) - 1;
inline constexpr uint32_t kNoId = 0xFFFFFFFF;
inline constexpr size_t kMaxAffix = 256;  // bytes
// A table whose entries lie further from their place is built again with another seed.
inline constexpr uint32_t kMaxProbes = 192;

struct TokenSlot {
  uint32_t check = 0;   // upper half of the hash
  uint32_t id = kNoId;  // id | flags << 24
};
struct MergeSlot {
  uint32_t left = kNoId, right = kNoId, rank = 0, merged = 0;
};
struct TrieSlot {
  uint32_t key = kNoId;  // node << 8 | byte
  uint32_t node = 0;
};

// Numbers or structs at any address.
template <typename T>
class Packed {
 public:
  Packed() = default;
  explicit Packed(std::span<const std::byte> bytes) : data_(bytes.data()), size_(bytes.size() / sizeof(T)) {}
  size_t size() const { return size_; }
  // REQUIRES: index < size().
  T operator[](size_t index) const {
    T value;
    std::memcpy(&value, data_ + index * sizeof(T), sizeof(T));
    return value;
  }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

inline uint64_t mix(uint64_t value) {
  value *= 0x9E3779B97F4A7C15;
  return value ^ value >> 32;
}

inline uint64_t hash_bytes(std::string_view text, uint32_t seed) {
  uint64_t hash = mix(text.size() + (uint64_t{seed} << 32));
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    hash = mix(hash ^ eight);
  }
  uint64_t rest = 0;
  if (left > 0) std::memcpy(&rest, at, left);
  return mix(mix(hash ^ rest));
}

inline uint64_t hash_pair(uint32_t left, uint32_t right, uint32_t seed) {
  return mix((uint64_t{left} << 32 | right) ^ mix(seed + 1));
}

}  // namespace cortland::text
