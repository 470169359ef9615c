#include "quant/code_grid.h"

#include <algorithm>

#include "quant/palette_codec.h"
#include "quant/scale.h"

namespace cortland {

CodeGrid::CodeGrid(const Scheme& scheme, const Rows& rows, const Encoded& encoded,
                   std::span<const uint16_t> whole_table)
    : scheme_(scheme), rows_(static_cast<size_t>(rows.rows())), encoded_(encoded), scales_(rows_), offsets_(rows_) {
  if (scheme.codec == Codec::palette) {
    tables_ = encoded.tables.empty() ? whole_table : std::span<const uint16_t>(encoded.tables);
    group_ = scheme.group == 0 ? rows_ : static_cast<size_t>(scheme.group);
  } else {
    blocks_ = static_cast<size_t>(rows.cols / scheme.block);
    lowest_ = scheme.codec == Codec::int4 ? -8.0f : 0.0f;
  }
}

void CodeGrid::choose(size_t column, std::span<const float> targets, std::span<uint8_t> codes,
                      std::span<float> decoded) {
  scheme_.codec == Codec::palette ? choose_entries(targets, codes, decoded)
                                  : choose_steps(column, targets, codes, decoded);
}

void CodeGrid::choose_entries(std::span<const float> targets, std::span<uint8_t> codes,
                              std::span<float> decoded) const {
  const size_t entries = size_t{1} << scheme_.bits;
  for (size_t first = 0; first < rows_; first += group_) {
    const std::span<const uint16_t> table = tables_.subspan(first / group_ * entries, entries);
    assign_entries(targets.subspan(first, group_), table, codes.subspan(first, group_));
    for (size_t r = first; r < first + group_; ++r) decoded[r] = half_to_float(table[codes[r]]);
  }
}

void CodeGrid::choose_steps(size_t column, std::span<const float> targets, std::span<uint8_t> codes,
                            std::span<float> decoded) {
  const size_t block = column / static_cast<size_t>(scheme_.block);
  for (size_t r = 0; r < rows_; ++r) {
    scales_[r] = scale_value(encoded_.scales[r * blocks_ + block]);
    offsets_[r] = encoded_.offsets.empty() ? 0.0f : static_cast<float>(encoded_.offsets[r * blocks_ + block]);
  }
  constexpr float kSteps = 15, kRounding = 12582912.0f;  // 1.5 * 2^23: what is added to it is rounded half to even
  for (size_t r = 0; r < rows_; ++r) {
    const float at = std::clamp(targets[r] / scales_[r] + offsets_[r], lowest_, lowest_ + kSteps);
    const float code = (at + kRounding) - kRounding;
    codes[r] = static_cast<uint8_t>(static_cast<int>(code) & 0xf);
    decoded[r] = scales_[r] * (code - offsets_[r]);
  }
}

}  // namespace cortland
