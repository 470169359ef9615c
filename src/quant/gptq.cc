// Everything here is transposed, [columns, rows]: a step takes one column of all rows.
#include "quant/gptq.h"

#include <algorithm>

#include "quant/code_grid.h"
#include "tensor/matmul.h"

namespace cortland {

std::vector<float> choose_with_feedback(const Scheme& scheme, const Rows& rows, const Correlations& inputs,
                                        std::span<const uint16_t> whole_table, Encoded& encoded) {
  const size_t n = inputs.order.size(), cols = static_cast<size_t>(rows.cols), m = static_cast<size_t>(rows.rows());
  CodeGrid grid(scheme, rows, encoded, whole_table);
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
      for (size_t r = 0; r < m; ++r) target[r] += rows.values[r * cols + column];
      grid.choose(column, target, codes, decoded);
      for (size_t r = 0; r < m; ++r) {
        encoded.codes[r * cols + column] = codes[r];
        error[r] = rows.values[r * cols + column] - decoded[r];
      }
      const float* row = panel + (first + k) * width;
      for (size_t next = k + 1; next < width; ++next) {
        float* later = targets.data() + next * m;
        for (size_t r = 0; r < m; ++r) later[r] += row[next] * error[r];
      }
    }
    panel += (first + width) * width;
  }
  return errors;
}

}  // namespace cortland
