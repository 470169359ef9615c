#include "quant/calibrated_codec.h"

#include <algorithm>
#include <numeric>

#include "quant/coordinate_descent.h"
#include "quant/decoder.h"
#include "quant/gptq.h"
#include "quant/row_codec.h"
#include "tensor/matmul.h"

namespace cortland {
namespace {

constexpr int kSweeps = 2;  // more fit the text better, and unseen text no better

// What belongs to one unit among all elements of a part that has the same number for each.
template <typename T>
void copy_unit(const std::vector<T>& from, std::vector<T>& to, size_t unit, size_t units) {
  const size_t n = from.size() / units;
  std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(unit * n), n,
              to.begin() + static_cast<std::ptrdiff_t>(unit * n));
}

}  // namespace

std::vector<double> output_energies(std::span<const float> matrix, const Rows& rows, const InputStatistics& inputs) {
  const int64_t tokens = static_cast<int64_t>(inputs.held_out.size()) / rows.cols;
  std::vector<float> outputs(static_cast<size_t>(rows.rows() * tokens));
  matmul(matrix.data(), Storage::plain, inputs.held_out.data(), Storage::transposed, rows.rows(), tokens, rows.cols,
         outputs.data());
  std::vector<double> sums(static_cast<size_t>(rows.rows()));
  for (size_t i = 0; i < outputs.size(); ++i) {
    sums[i / static_cast<size_t>(tokens)] += static_cast<double>(outputs[i]) * static_cast<double>(outputs[i]);
  }
  for (size_t i = 0; i < rows.row_importance.size(); ++i) sums[i] *= static_cast<double>(rows.row_importance[i]);
  return sums;
}

std::vector<double> measure_outputs(const Scheme& scheme, const Rows& rows, const Encoded& encoded,
                                    std::span<const uint16_t> whole_table, const InputStatistics& inputs) {
  const Decoder decoder(scheme, rows.cols, encoded, whole_table);
  std::vector<float> errors(rows.values.size());
  for (size_t at = 0; at < errors.size(); at += decoder.run()) {
    const std::span<float> run(errors.data() + at, decoder.run());
    decoder.decode(at, run);
    for (size_t i = 0; i < run.size(); ++i) run[i] -= rows.values[at + i];
  }
  return output_energies(errors, rows, inputs);
}

Encoded encode_calibrated(const Scheme& scheme, const Rows& rows, const InputStatistics& inputs,
                          std::span<const uint16_t> whole_table) {
  Encoded best = encode_rows(scheme, rows, whole_table);
  std::vector<double> best_sums = measure_outputs(scheme, rows, best, whole_table, inputs);
  const auto unit = static_cast<std::ptrdiff_t>(std::max<int64_t>(scheme.group, 1));
  const size_t units = best_sums.size() / static_cast<size_t>(unit);
  const auto keep_better = [&](const Encoded& other) {
    const std::vector<double> sums = measure_outputs(scheme, rows, other, whole_table, inputs);
    for (size_t u = 0; u < units; ++u) {
      const auto at = static_cast<std::ptrdiff_t>(u) * unit;
      const auto sum_of = [&](const std::vector<double>& all) {
        return std::accumulate(all.begin() + at, all.begin() + at + unit, 0.0);
      };
      if (!(sum_of(sums) < sum_of(best_sums))) continue;  // nor what is no number
      copy_unit(other.codes, best.codes, u, units);
      copy_unit(other.scales, best.scales, u, units);
      copy_unit(other.offsets, best.offsets, u, units);
      copy_unit(other.tables, best.tables, u, units);
      copy_unit(sums, best_sums, u, units);
    }
  };
  Encoded weighted = encode_rows(scheme, {rows.values, rows.cols, inputs.importance, rows.row_importance}, whole_table);
  keep_better(weighted);
  std::vector<std::vector<float>> errors;  // of each range
  for (const Correlations& range : inputs.correlations) {
    errors.push_back(choose_with_feedback(scheme, rows, range, whole_table, weighted));
  }
  keep_better(weighted);
  for (size_t i = 0; i < errors.size(); ++i) {
    descend(scheme, rows, inputs.correlations[i], whole_table, kSweeps, errors[i], weighted);
  }
  keep_better(weighted);
  return best;
}

}  // namespace cortland
