// With e the errors of a row, the cost e H e^T as a function of one code alone is least at q_j + (e H)_j / H_jj. All is
// transposed, as in gptq.cc; e H of a panel of columns is one product, and within it follows each change.
#include "quant/coordinate_descent.h"

#include <algorithm>

#include "quant/code_grid.h"
#include "tensor/matmul.h"

namespace cortland {

void descend(const Scheme& scheme, const Rows& rows, const Correlations& inputs, std::span<const uint16_t> whole_table,
             int sweeps, std::vector<float>& errors, Encoded& encoded) {
  const size_t n = inputs.order.size(), cols = static_cast<size_t>(rows.cols), m = static_cast<size_t>(rows.rows());
  CodeGrid grid(scheme, rows, encoded, whole_table);
  std::vector<float> slopes, targets(m), decoded(m), changes(m);  // slopes: H e, [columns of the panel, rows]
  std::vector<uint8_t> codes(m);
  for (size_t at = 0; at < static_cast<size_t>(sweeps) * n;) {
    const size_t first = at % n, width = std::min(static_cast<size_t>(kFeedbackPanel), n - first);
    const float* panel = inputs.products.data() + first * n;
    slopes.resize(width * m);
    matmul(panel, Storage::plain, errors.data(), Storage::plain, static_cast<int64_t>(width), static_cast<int64_t>(m),
           static_cast<int64_t>(n), slopes.data());
    for (size_t k = 0; k < width; ++k) {
      const float* row = panel + k * n + first;
      const auto column = static_cast<size_t>(inputs.order[first + k]);
      float* error = errors.data() + (first + k) * m;
      const float* slope = slopes.data() + k * m;
      for (size_t r = 0; r < m; ++r) targets[r] = rows.values[r * cols + column] - error[r] + slope[r] / row[k];
      grid.choose(column, targets, codes, decoded);
      for (size_t r = 0; r < m; ++r) {
        encoded.codes[r * cols + column] = codes[r];
        const float left = rows.values[r * cols + column] - decoded[r];
        changes[r] = left - error[r];
        error[r] = left;
      }
      for (size_t next = k + 1; next < width; ++next) {
        float* later = slopes.data() + next * m;
        for (size_t r = 0; r < m; ++r) later[r] += row[next] * changes[r];
      }
    }
    at += width;
  }
}

}  // namespace cortland
