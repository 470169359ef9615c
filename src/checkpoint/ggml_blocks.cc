// Block layouts, in bytes. d and m are fp16, q the stored integer.
//
//   Q4_0  d, 16 x two 4-bit q                                 d (q - 8); the low halves are the first 16 weights
//   Q4_1  d, m, 16 x two 4-bit q                              d q + m
//   Q5_0  d, 32 fifth bits, 16 x two 4-bit q                  d (q - 16)
//   Q5_1  d, m, 32 fifth bits, 16 x two 4-bit q               d q + m
//   Q8_0  d, 32 signed bytes                                  d q
//   IQ4_NL  as Q4_0                                           d table[q]
//   Q2_K  16 x (scale, min of 4 bits), 64 x four 2-bit q, d, m                     d s q - m t
//   Q3_K  256 third bits, 64 x four 2-bit q, 16 scales of 6 bits, d                d (s - 32) (q - 4)
//   Q4_K  d, m, 8 scales and mins of 6 bits, 128 x two 4-bit q                     d s q - m t
//   Q5_K  d, m, 8 scales and mins of 6 bits, 256 fifth bits, 128 x two 4-bit q     d s q - m t
//   Q6_K  128 x two 4-bit q, 64 x four 2 bits more, 16 signed scales, d            d s (q - 32)
#include "checkpoint/ggml_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tensor/convert.h"

namespace cortland {
namespace {

using Bytes = const uint8_t*;

Bytes as_bytes_of(const std::byte* block) { return reinterpret_cast<Bytes>(block); }

float half_at(Bytes at) {
  uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return half_to_float(bits);
}

void decode_f32(const std::byte* block, float* out) { std::memcpy(out, block, sizeof(float)); }
void decode_f16(const std::byte* block, float* out) { *out = half_at(as_bytes_of(block)); }
void decode_bf16(const std::byte* block, float* out) { to_floats(DType::bf16, block, {out, 1}); }

constexpr size_t kHalf = 16;

// q of the weights i and i + 16 of a block of 32.
int low_nibble(Bytes qs, size_t i) { return qs[i] & 15; }
int high_nibble(Bytes qs, size_t i) { return qs[i] >> 4; }

int fifth_bit(Bytes bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) << 4; }

void decode_q4_0(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), qs = b + 2;
  const float d = half_at(b);
  for (size_t i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>(low_nibble(qs, i) - 8);
    out[i + kHalf] = d * static_cast<float>(high_nibble(qs, i) - 8);
  }
}

void decode_q4_1(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), qs = b + 4;
  const float d = half_at(b), m = half_at(b + 2);
  for (size_t i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>(low_nibble(qs, i)) + m;
    out[i + kHalf] = d * static_cast<float>(high_nibble(qs, i)) + m;
  }
}

void decode_q5_0(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), bits = b + 2, qs = b + 6;
  const float d = half_at(b);
  for (size_t i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>((low_nibble(qs, i) | fifth_bit(bits, i)) - 16);
    out[i + kHalf] = d * static_cast<float>((high_nibble(qs, i) | fifth_bit(bits, i + kHalf)) - 16);
  }
}

void decode_q5_1(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), bits = b + 4, qs = b + 8;
  const float d = half_at(b), m = half_at(b + 2);
  for (size_t i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>(low_nibble(qs, i) | fifth_bit(bits, i)) + m;
    out[i + kHalf] = d * static_cast<float>(high_nibble(qs, i) | fifth_bit(bits, i + kHalf)) + m;
  }
}

void decode_q8_0(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block);
  const float d = half_at(b);
  for (size_t i = 0; i < 2 * kHalf; ++i) out[i] = d * static_cast<float>(static_cast<int8_t>(b[2 + i]));
}

constexpr std::array<int8_t, 16> kIq4Table = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

void decode_iq4_nl(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), qs = b + 2;
  const float d = half_at(b);
  for (size_t i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>(kIq4Table[static_cast<size_t>(low_nibble(qs, i))]);
    out[i + kHalf] = d * static_cast<float>(kIq4Table[static_cast<size_t>(high_nibble(qs, i))]);
  }
}

constexpr int kMiddle = 128;  // what stands for 0 in codes of 8 bits

float split_q4_0(const std::byte* block, uint8_t* codes) {
  const Bytes b = as_bytes_of(block), qs = b + 2;
  for (size_t i = 0; i < kHalf; ++i) {
    codes[i] = static_cast<uint8_t>(low_nibble(qs, i));
    codes[i + kHalf] = static_cast<uint8_t>(high_nibble(qs, i));
  }
  return half_at(b);
}

float split_q5_0(const std::byte* block, uint8_t* codes) {
  const Bytes b = as_bytes_of(block), bits = b + 2, qs = b + 6;
  for (size_t i = 0; i < kHalf; ++i) {
    codes[i] = static_cast<uint8_t>((low_nibble(qs, i) | fifth_bit(bits, i)) - 16 + kMiddle);
    codes[i + kHalf] = static_cast<uint8_t>((high_nibble(qs, i) | fifth_bit(bits, i + kHalf)) - 16 + kMiddle);
  }
  return half_at(b);
}

float split_q8_0(const std::byte* block, uint8_t* codes) {
  const Bytes b = as_bytes_of(block);
  for (size_t i = 0; i < 2 * kHalf; ++i) codes[i] = static_cast<uint8_t>(static_cast<int8_t>(b[2 + i]) + kMiddle);
  return half_at(b);
}

float split_iq4_nl(const std::byte* block, uint8_t* codes) {
  const Bytes b = as_bytes_of(block), qs = b + 2;
  for (size_t i = 0; i < kHalf; ++i) {
    codes[i] = static_cast<uint8_t>(kIq4Table[static_cast<size_t>(low_nibble(qs, i))] + kMiddle);
    codes[i + kHalf] = static_cast<uint8_t>(kIq4Table[static_cast<size_t>(high_nibble(qs, i))] + kMiddle);
  }
  return half_at(b);
}

// The K types: 256 weights, in two halves of 128 where each byte of q holds four (or two) weights that lie 32 apart.
constexpr size_t kSuper = 256;

void decode_q2_k(const std::byte* block, float* out) {
  const Bytes scales = as_bytes_of(block), qs = scales + 16;
  const float d = half_at(qs + 64), m = half_at(qs + 66);
  for (size_t i = 0; i < kSuper; ++i) {
    const uint8_t scale = scales[i / 16];
    const size_t in_half = i % 128;
    const int q = qs[i / 128 * 32 + in_half % 32] >> (2 * (in_half / 32)) & 3;
    out[i] = d * static_cast<float>(scale & 15) * static_cast<float>(q) - m * static_cast<float>(scale >> 4);
  }
}

void decode_q3_k(const std::byte* block, float* out) {
  const Bytes third = as_bytes_of(block), qs = third + 32, packed = qs + 64;
  const float d = half_at(packed + 12);
  for (size_t i = 0; i < kSuper; ++i) {
    const size_t group = i / 16, in_half = i % 128;
    const int low = group < 8 ? packed[group] & 15 : packed[group - 8] >> 4;
    const int scale = (low | (packed[8 + group % 4] >> (2 * (group / 4)) & 3) << 4) - 32;
    const int q = qs[i / 128 * 32 + in_half % 32] >> (2 * (in_half / 32)) & 3;
    const int missing = (third[i % 32] >> (i / 32) & 1) != 0 ? 0 : 4;
    out[i] = d * static_cast<float>(scale) * static_cast<float>(q - missing);
  }
}

struct ScaleAndMin {
  float scale, min;
};

// The 12 bytes of Q4_K and Q5_K: 6 bits each for the groups of 32.
ScaleAndMin scale_and_min(Bytes packed, size_t group) {
  if (group < 4) return {static_cast<float>(packed[group] & 63), static_cast<float>(packed[group + 4] & 63)};
  const int scale = (packed[group + 4] & 15) | (packed[group - 4] >> 6) << 4;
  const int min = packed[group + 4] >> 4 | (packed[group] >> 6) << 4;
  return {static_cast<float>(scale), static_cast<float>(min)};
}

int nibble_of_group(Bytes qs, size_t i) {
  const uint8_t two = qs[i / 64 * 32 + i % 32];
  return i / 32 % 2 == 0 ? two & 15 : two >> 4;
}

void decode_q4_k(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), qs = b + 16;
  const float d = half_at(b), m = half_at(b + 2);
  for (size_t i = 0; i < kSuper; ++i) {
    const auto [scale, min] = scale_and_min(b + 4, i / 32);
    out[i] = d * scale * static_cast<float>(nibble_of_group(qs, i)) - m * min;
  }
}

void decode_q5_k(const std::byte* block, float* out) {
  const Bytes b = as_bytes_of(block), bits = b + 16, qs = b + 48;
  const float d = half_at(b), m = half_at(b + 2);
  for (size_t i = 0; i < kSuper; ++i) {
    const auto [scale, min] = scale_and_min(b + 4, i / 32);
    const int q = nibble_of_group(qs, i) | (bits[i % 32] >> (i / 32) & 1) << 4;
    out[i] = d * scale * static_cast<float>(q) - m * min;
  }
}

void decode_q6_k(const std::byte* block, float* out) {
  const Bytes low = as_bytes_of(block), high = low + 128, scales = high + 64;
  const float d = half_at(scales + 16);
  for (size_t i = 0; i < kSuper; ++i) {
    const size_t half = i / 128, in_half = i % 128;
    const uint8_t two = low[half * 64 + in_half % 64];
    const int q = (in_half < 64 ? two & 15 : two >> 4) | (high[half * 32 + in_half % 32] >> (2 * (in_half / 32)) & 3)
                                                             << 4;
    out[i] = d * static_cast<float>(static_cast<int8_t>(scales[i / 16])) * static_cast<float>(q - 32);
  }
}

constexpr std::string_view kMinimum = "a floating minimum", kSuperBlocks = "super-blocks, with scales of scales";

constexpr std::array kTypes = {
    GgmlType{0, "F32", 1, 4, decode_f32},
    GgmlType{1, "F16", 1, 2, decode_f16},
    GgmlType{30, "BF16", 1, 2, decode_bf16},
    GgmlType{8, "Q8_0", 32, 34, decode_q8_0, 8, split_q8_0},
    GgmlType{2, "Q4_0", 32, 18, decode_q4_0, 4, split_q4_0},
    GgmlType{3, "Q4_1", 32, 20, decode_q4_1, 0, nullptr, kMinimum},
    GgmlType{6, "Q5_0", 32, 22, decode_q5_0, 8, split_q5_0},
    GgmlType{7, "Q5_1", 32, 24, decode_q5_1, 0, nullptr, kMinimum},
    GgmlType{10, "Q2_K", 256, 84, decode_q2_k, 0, nullptr, kSuperBlocks},
    GgmlType{11, "Q3_K", 256, 110, decode_q3_k, 0, nullptr, kSuperBlocks},
    GgmlType{12, "Q4_K", 256, 144, decode_q4_k, 0, nullptr, kSuperBlocks},
    GgmlType{13, "Q5_K", 256, 176, decode_q5_k, 0, nullptr, kSuperBlocks},
    GgmlType{14, "Q6_K", 256, 210, decode_q6_k, 0, nullptr, kSuperBlocks},
    GgmlType{20, "IQ4_NL", 32, 18, decode_iq4_nl, 8, split_iq4_nl},
};

}  // namespace

const GgmlType* find_ggml_type(uint32_t id) {
  const auto it = std::find_if(kTypes.begin(), kTypes.end(), [&](const GgmlType& type) { return type.id == id; });
  return it == kTypes.end() ? nullptr : &*it;
}

std::span<const GgmlType> ggml_types() { return kTypes; }

}  // namespace cortland
