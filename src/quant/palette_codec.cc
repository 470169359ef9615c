#include "quant/palette_codec.h"

#include "quant/kernels.h"
#include "quant/kmeans.h"
#include "tensor/convert.h"

namespace cortland {

std::vector<uint16_t> make_table(const Points& points, int bits) {
  std::vector<float> centres = cluster(points, size_t{1} << bits);
  centres.resize(size_t{1} << bits, centres.empty() ? 0.0f : centres.back());
  std::vector<uint16_t> table(centres.size());
  floats_to_halves(centres, table);
  return table;
}

void assign_entries(std::span<const float> values, std::span<const uint16_t> table, std::span<uint8_t> codes) {
  std::vector<float> thresholds;
  for (size_t i = 0; i + 1 < table.size(); ++i) {
    const float low = half_to_float(table[i]), high = half_to_float(table[i + 1]);
    thresholds.push_back(low + (high - low) / 2);
  }
  count_below(values, thresholds, codes);
}

Encoded encode_palette(const Rows& rows, int bits, int64_t group) {
  Encoded out;
  out.codes.resize(rows.values.size());
  const auto size = static_cast<size_t>(group * rows.cols);
  Histogram histogram;
  for (size_t at = 0; at < rows.values.size(); at += size) {
    const std::span<const float> values = rows.values.subspan(at, size);
    const auto first = at / static_cast<size_t>(rows.cols);
    histogram.add({values, rows.cols, rows.importance,
                   rows.row_importance.empty() ? rows.row_importance
                                               : rows.row_importance.subspan(first, static_cast<size_t>(group))});
    const std::vector<uint16_t> table = make_table(histogram.take(), bits);
    assign_entries(values, table, std::span(out.codes).subspan(at, size));
    out.tables.insert(out.tables.end(), table.begin(), table.end());
  }
  return out;
}

}  // namespace cortland
