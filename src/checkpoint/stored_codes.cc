#include "checkpoint/stored_codes.h"

#include <algorithm>
#include <numeric>

namespace cortland {
namespace {

constexpr int64_t kBand =
    64;  // rows that are unpacked together: formats that store columns are read in runs of so many

}  // namespace

void StoredCodes::decode(int64_t first, std::span<float> out) const {
  const CodeTraits& about = traits();
  const int64_t side = cols_ / about.groups, last_row = (first + static_cast<int64_t>(out.size()) - 1) / cols_;
  std::vector<int32_t> group_of = about.group_of;
  for (int64_t c = static_cast<int64_t>(group_of.size()); c < cols_; ++c) {
    group_of.push_back(static_cast<int32_t>(c / side));
  }
  CodeRows band;
  std::vector<int64_t> rows;
  for (int64_t at = 0; at < static_cast<int64_t>(out.size());) {
    const int64_t row = (first + at) / cols_;
    rows.resize(static_cast<size_t>(std::min(kBand, last_row - row + 1)));
    std::iota(rows.begin(), rows.end(), row);
    read(rows, band);
    for (size_t r = 0; r < rows.size() && at < static_cast<int64_t>(out.size()); ++r) {
      for (int64_t c = (first + at) % cols_; c < cols_ && at < static_cast<int64_t>(out.size()); ++c, ++at) {
        const auto group = static_cast<size_t>(group_of[static_cast<size_t>(c)]);
        const size_t g = r * static_cast<size_t>(about.groups) + group;
        const int code = band.codes[r * static_cast<size_t>(cols_) + static_cast<size_t>(c)];
        out[static_cast<size_t>(at)] = band.scales[g] * static_cast<float>(code - band.zeros[g]);
      }
    }
  }
}

std::vector<int64_t> StoredCodes::columns_by_group() const {
  const std::vector<int32_t>& group_of = traits().group_of;
  std::vector<int64_t> columns(static_cast<size_t>(cols_));
  std::iota(columns.begin(), columns.end(), int64_t{0});
  if (group_of.empty()) return columns;
  std::stable_sort(columns.begin(), columns.end(), [&](int64_t a, int64_t b) {
    return group_of[static_cast<size_t>(a)] < group_of[static_cast<size_t>(b)];
  });
  return columns;
}

}  // namespace cortland
