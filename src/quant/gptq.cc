// Everything here is transposed, [columns, rows]: a step takes one column of all rows.
#include "quant/gptq.h"

#include <algorithm>

#include "quant/palette_codec.h"
#include "quant/scale.h"
#include "tensor/matmul.h"

namespace cortland {
namespace {

// The nearest codes under what is fixed: scales and offsets of blocks, or tables of groups.
class Grid {
 public:
  Grid(const Scheme& scheme, size_t rows, size_t cols, const Encoded& encoded, std::span<const uint16_t> whole_table)
      : scheme_(scheme), rows_(rows), encoded_(encoded), scales_(rows), offsets_(rows) {
    if (scheme.codec == Codec::palette) {
      tables_ = encoded.tables.empty() ? whole_table : std::span<const uint16_t>(encoded.tables);
      group_ = scheme.group == 0 ? rows : static_cast<size_t>(scheme.group);
    } else {
      blocks_ = cols / static_cast<size_t>(scheme.block);
      lowest_ = scheme.codec == Codec::int4 ? -8.0f : 0.0f;
    }
  }

  // Codes of one column, aimed at `targets` [rows], and what they stand for.
  void choose(size_t column, std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded) {
    scheme_.codec == Codec::palette ? choose_entries(targets, codes, decoded)
                                    : choose_steps(column, targets, codes, decoded);
  }

 private:
  void choose_entries(std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded) const {
    const size_t entries = size_t{1} << scheme_.bits;
    for (size_t first = 0; first < rows_; first += group_) {
      const std::span<const uint16_t> table = tables_.subspan(first / group_ * entries, entries);
      assign_entries(targets.subspan(first, group_), table, codes.subspan(first, group_));
      for (size_t r = first; r < first + group_; ++r) decoded[r] = half_to_float(table[codes[r]]);
    }
  }

  void choose_steps(size_t column, std::span<const float> targets, std::span<uint8_t> codes, std::span<float> decoded) {
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

  const Scheme& scheme_;
  size_t rows_, blocks_ = 0, group_ = 0;
  const Encoded& encoded_;
  std::span<const uint16_t> tables_;
  float lowest_ = 0;
  std::vector<float> scales_, offsets_;  // of the block of a column
};

}  // namespace

void choose_with_feedback(const Scheme& scheme, const Rows& rows, const InputStatistics& inputs,
                          std::span<const uint16_t> whole_table, Encoded& encoded) {
  const auto n = static_cast<size_t>(rows.cols), m = static_cast<size_t>(rows.rows());
  Grid grid(scheme, m, n, encoded, whole_table);
  std::vector<float> errors(n * m);  // of the columns so far, by order
  std::vector<float> targets, decoded(m);
  std::vector<uint8_t> codes(m);
  const float* panel = inputs.feedback.data();
  for (size_t first = 0; first < n; first += kFeedbackPanel) {
    const size_t width = std::min(static_cast<size_t>(kFeedbackPanel), n - first);
    targets.assign(width * m, 0.0f);
    if (first > 0) {
      matmul(panel, Storage::transposed, errors.data(), Storage::plain, static_cast<int64_t>(width),
             static_cast<int64_t>(m), static_cast<int64_t>(first), targets.data());
    }
    for (size_t k = 0; k < width; ++k) {
      const auto column = static_cast<size_t>(inputs.order[first + k]);
      const std::span<float> target(targets.data() + k * m, m);
      float* error = errors.data() + (first + k) * m;
      for (size_t r = 0; r < m; ++r) target[r] += rows.values[r * n + column];
      grid.choose(column, target, codes, decoded);
      for (size_t r = 0; r < m; ++r) {
        encoded.codes[r * n + column] = codes[r];
        error[r] = rows.values[r * n + column] - decoded[r];
      }
      const float* row = panel + (first + k) * width;
      for (size_t next = k + 1; next < width; ++next) {
        float* later = targets.data() + next * m;
        for (size_t r = 0; r < m; ++r) later[r] += row[next] * error[r];
      }
    }
    panel += (first + width) * width;
  }
}

}  // namespace cortland
