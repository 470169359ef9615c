#include "tensor/elements.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

bool is_packed_integer(DType dtype) { return !is_float(dtype) && bits_of(dtype) >= 1 && bits_of(dtype) < 8; }

bool is_readable_integer(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::i8:
    case DType::u8:
    case DType::i16:
    case DType::u16:
    case DType::i32:
    case DType::u32: return true;
    default: return is_packed_integer(dtype);
  }
}

template <typename T>
void widen(const std::byte* bytes, int64_t first, std::span<float> out) {
  bytes += static_cast<size_t>(first) * sizeof(T);
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

class FloatBytes : public Elements {
 public:
  FloatBytes(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
      : dtype_(dtype), bytes_(bytes), owner_(std::move(owner)) {}
  void read(int64_t first, std::span<float> out) const override {
    to_floats(dtype_, bytes_.data() + static_cast<size_t>(first) * static_cast<size_t>(bits_of(dtype_) / 8), out);
  }

 private:
  DType dtype_;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

class IntegerBytes : public Elements {
 public:
  IntegerBytes(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
      : dtype_(dtype), bytes_(bytes), owner_(std::move(owner)) {}
  void read(int64_t first, std::span<float> out) const override {
    switch (dtype_) {
      case DType::i8: return widen<int8_t>(bytes_.data(), first, out);
      case DType::boolean:
      case DType::u8: return widen<uint8_t>(bytes_.data(), first, out);
      case DType::i16: return widen<int16_t>(bytes_.data(), first, out);
      case DType::u16: return widen<uint16_t>(bytes_.data(), first, out);
      case DType::i32: return widen<int32_t>(bytes_.data(), first, out);
      case DType::u32: return widen<uint32_t>(bytes_.data(), first, out);
      default: return unpack(first, out);
    }
  }
  std::optional<Codes> codes() const override {
    const int bits = bits_of(dtype_);
    if (bits > 8 || dtype_ == DType::boolean) return std::nullopt;
    return Codes{dtype_, reinterpret_cast<const uint8_t*>(bytes_.data())};
  }

 private:
  void unpack(int64_t first, std::span<float> out) const {
    const int bits = bits_of(dtype_);
    const uint32_t mask = (1u << bits) - 1;
    // int4 is the only signed type of them: -8 to 7.
    const uint32_t sign = dtype_ == DType::i4 ? 8 : 0;
    const auto* bytes = reinterpret_cast<const uint8_t*>(bytes_.data());
    uint64_t bit = static_cast<uint64_t>(first) * static_cast<uint64_t>(bits);
    for (float& value : out) {
      const size_t at = bit / 8;
      uint32_t window = bytes[at];
      if (bit % 8 + static_cast<uint64_t>(bits) > 8) window |= static_cast<uint32_t>(bytes[at + 1]) << 8;
      const uint32_t code = window >> (bit % 8) & mask;
      value = static_cast<float>(static_cast<int32_t>(code ^ sign) - static_cast<int32_t>(sign));
      bit += static_cast<uint64_t>(bits);
    }
  }

  DType dtype_;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

class FloatValues : public Elements {
 public:
  explicit FloatValues(std::vector<float> values) : values_(std::move(values)) {}
  void read(int64_t first, std::span<float> out) const override {
    std::copy_n(values_.begin() + first, out.size(), out.begin());
  }

 private:
  std::vector<float> values_;
};

// The rows that multiply() reads at a time stay in the nearest cache.
constexpr size_t kChunkElements = 4096;

}  // namespace

void Elements::multiply(int64_t first, std::span<const float> x, std::span<float> y) const {
  const size_t at_once = std::clamp(kChunkElements / x.size(), size_t{1}, y.size());
  std::vector<float> rows;
  for (size_t row = 0; row < y.size(); row += at_once) {
    const size_t n = std::min(at_once, y.size() - row);
    rows.resize(n * x.size());
    read(first + static_cast<int64_t>(row * x.size()), rows);
    for (size_t i = 0; i < n; ++i) {
      y[row + i] = dot(DType::f32, std::as_bytes(std::span(rows)).data() + i * x.size_bytes(), x.data(), x.size());
    }
  }
}

ElementsPtr make_stored_elements(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (is_convertible(dtype)) return std::make_shared<FloatBytes>(dtype, bytes, std::move(owner));
  require(is_readable_integer(dtype), ErrorCode::unsupported, "elements of {} cannot be read as numbers",
          name_of(dtype));
  return std::make_shared<IntegerBytes>(dtype, bytes, std::move(owner));
}

ElementsPtr make_float_elements(std::vector<float> values) { return std::make_shared<FloatValues>(std::move(values)); }

void pack_codes(std::span<const uint8_t> codes, int bits, std::span<std::byte> out) {
  if (bits == 8) {
    if (!codes.empty()) std::memcpy(out.data(), codes.data(), codes.size());
    return;
  }
  if (bits == 4) {
    const size_t pairs = codes.size() / 2;
    for (size_t i = 0; i < pairs; ++i) out[i] = static_cast<std::byte>(codes[2 * i] | codes[2 * i + 1] << 4);
    if (codes.size() % 2 != 0) out[pairs] = static_cast<std::byte>(codes.back());
    return;
  }
  uint32_t window = 0;
  int filled = 0;
  size_t at = 0;
  for (const uint8_t code : codes) {
    window |= static_cast<uint32_t>(code) << filled;
    filled += bits;
    for (; filled >= 8; filled -= 8, window >>= 8) out[at++] = static_cast<std::byte>(window & 0xff);
  }
  if (filled > 0) out[at] = static_cast<std::byte>(window & 0xff);
}

}  // namespace cortland
