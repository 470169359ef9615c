#include "checkpoint/packed_codes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "base/bytes.h"
#include "base/error.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

// Where AWQ puts row j of eight.
constexpr std::array<uint8_t, 8> kInterleaved = {0, 4, 1, 5, 2, 6, 3, 7};

class PackedCodes : public StoredCodes {
 public:
  PackedCodes(std::string name, int64_t rows, int64_t cols, PackedParts parts)
      : StoredCodes(std::move(name), rows, cols), parts_(std::move(parts)) {}

  const CodeTraits& traits() const override {
    std::call_once(once_, [&] { traits_ = find_traits(); });
    return traits_;
  }

  void read(std::span<const int64_t> rows, CodeRows& out) const override {
    unpack(parts_.codes, rows, cols(), out.codes);
    const auto groups = static_cast<size_t>(parts_.groups);
    if (parts_.zeros) {
      unpack(*parts_.zeros, rows, parts_.groups, out.zeros);
    } else {
      out.zeros.assign(rows.size() * groups, centre());
    }
    out.scales.resize(rows.size() * groups);
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t g = 0; g < groups; ++g) out.scales[r * groups + g] = scale(rows[r], static_cast<int64_t>(g));
    }
  }

 private:
  uint8_t centre() const { return static_cast<uint8_t>(1 << (parts_.codes.bits - 1)); }

  float scale(int64_t row, int64_t group) const {
    const int64_t at = parts_.has_scale_rows_last ? group * this->rows() + row : row * parts_.groups + group;
    float value = 0;
    to_floats(parts_.scale_dtype,
              parts_.scales.data() + static_cast<size_t>(at) * static_cast<size_t>(bits_of(parts_.scale_dtype) / 8),
              {&value, 1});
    return value;
  }

  // In the order of the storage, so that lines of cache serve many rows.
  static void unpack(const PackedArray& array, std::span<const int64_t> rows, int64_t count,
                     std::vector<uint8_t>& out) {
    const auto n = static_cast<size_t>(count);
    out.resize(rows.size() * n);
    if (array.has_rows_last) {
      for (size_t j = 0; j < n; ++j) {
        for (size_t r = 0; r < rows.size(); ++r) out[r * n + j] = array.at(rows[r], static_cast<int64_t>(j));
      }
    } else {
      for (size_t r = 0; r < rows.size(); ++r) {
        for (size_t j = 0; j < n; ++j) out[r * n + j] = array.at(rows[r], static_cast<int64_t>(j));
      }
    }
  }

  CodeTraits find_traits() const {
    CodeTraits traits{.bits = parts_.codes.bits, .groups = parts_.groups, .is_centred = true};
    const auto scale_size = static_cast<size_t>(bits_of(parts_.scale_dtype) / 8);
    std::vector<float> scales(parts_.scales.size() / scale_size);
    to_floats(parts_.scale_dtype, parts_.scales.data(), scales);
    for (const float value : scales) {
      traits.has_negative_scales |= value < 0;
      traits.has_half_scales &= half_to_float(float_to_half(value)) == value;
    }
    for (int64_t row = 0; parts_.zeros && traits.is_centred && row < rows(); ++row) {
      for (int64_t g = 0; g < parts_.groups; ++g) traits.is_centred &= parts_.zeros->at(row, g) == centre();
    }
    traits.group_of = find_groups();
    return traits;
  }

  std::vector<int32_t> find_groups() const {
    if (parts_.group_of.empty()) return {};
    std::vector<int32_t> groups(static_cast<size_t>(cols()));
    std::vector<int64_t> sizes(static_cast<size_t>(parts_.groups));
    const int64_t side = cols() / parts_.groups;
    bool is_plain = true;
    for (size_t c = 0; c < groups.size(); ++c) {
      groups[c] = load_le<int32_t>(parts_.group_of, c * sizeof(int32_t));
      require(groups[c] >= 0 && groups[c] < parts_.groups, ErrorCode::corrupt,
              "{}: the group of column {}: got {}, want 0 to {}", parts_.where, c, groups[c], parts_.groups - 1);
      is_plain = is_plain && groups[c] == static_cast<int64_t>(c) / side;
      ++sizes[static_cast<size_t>(groups[c])];
    }
    require(std::all_of(sizes.begin(), sizes.end(), [&](int64_t size) { return size == side; }), ErrorCode::unsupported,
            "{}: its groups differ in size; want {} columns in each", parts_.where, side);
    if (is_plain) groups.clear();
    return groups;
  }

  PackedParts parts_;
  mutable std::once_flag once_;
  mutable CodeTraits traits_;
};

}  // namespace

uint8_t PackedArray::at(int64_t row, int64_t other) const {
  const int64_t i = has_rows_last ? other : row, j = has_rows_last ? row : other;
  const int shift = bits == 4 ? 3 : 2;  // 2^shift numbers in a word
  const int64_t low = (int64_t{1} << shift) - 1;
  int64_t index = i * stride + j;
  if (order == Order::major) index = (((i >> shift) * stride + j) << shift) + (i & low);
  if (order == Order::interleaved) index = i * stride + (j & ~low) + kInterleaved[static_cast<size_t>(j & low)];
  if (bits == 8) {
    return static_cast<uint8_t>((static_cast<uint8_t>(bytes[static_cast<size_t>(index)]) ^ flipped) + added);
  }
  const auto two = static_cast<uint8_t>(bytes[static_cast<size_t>(index >> 1)]);
  return static_cast<uint8_t>(((two >> (4 * (index & 1))) ^ flipped) + added) & 15;
}

StoredCodesPtr make_packed_codes(std::string name, int64_t rows, int64_t cols, PackedParts parts) {
  return std::make_shared<PackedCodes>(std::move(name), rows, cols, std::move(parts));
}

}  // namespace cortland
