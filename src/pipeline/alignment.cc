#include "pipeline/alignment.h"

#include <algorithm>

namespace cortland {
namespace {

using Keys = std::span<const int32_t>;

// Result [j]: the length of the longest common subsequence of `first` and the first j keys of `second`; of reversed
// sequences, the last j.
std::vector<int32_t> common_lengths(Keys first, Keys second, bool is_reversed) {
  const auto key = [&](Keys keys, size_t i) { return keys[is_reversed ? keys.size() - 1 - i : i]; };
  std::vector<int32_t> lengths(second.size() + 1, 0);
  for (size_t i = 0; i < first.size(); ++i) {
    int32_t diagonal = 0;
    for (size_t j = 0; j < second.size(); ++j) {
      const int32_t above = lengths[j + 1];
      lengths[j + 1] = key(first, i) == key(second, j) ? diagonal + 1 : std::max(above, lengths[j]);
      diagonal = above;
    }
  }
  return lengths;
}

// Hirschberg, "A linear space algorithm for computing maximal common subsequences", CACM 18(6), 1975.
class Aligner {
 public:
  std::vector<std::pair<size_t, size_t>> pairs;

  void align(Keys first, Keys second, size_t first_at, size_t second_at) {
    size_t head = 0, tail = 0;
    const size_t shorter = std::min(first.size(), second.size());
    while (head < shorter && first[head] == second[head]) ++head;
    while (tail < shorter - head && first[first.size() - 1 - tail] == second[second.size() - 1 - tail]) ++tail;
    for (size_t i = 0; i < head; ++i) pairs.emplace_back(first_at + i, second_at + i);
    align_middle(first.subspan(head, first.size() - head - tail), second.subspan(head, second.size() - head - tail),
                 first_at + head, second_at + head);
    for (size_t i = tail; i > 0; --i) pairs.emplace_back(first_at + first.size() - i, second_at + second.size() - i);
  }

 private:
  void align_middle(Keys first, Keys second, size_t first_at, size_t second_at) {
    constexpr uint64_t kMost = uint64_t{1} << 32;  // seconds
    if (first.empty() || second.empty() || static_cast<uint64_t>(first.size()) * second.size() > kMost) return;
    if (first.size() == 1) {
      const auto it = std::find(second.begin(), second.end(), first[0]);
      if (it != second.end()) pairs.emplace_back(first_at, second_at + static_cast<size_t>(it - second.begin()));
      return;
    }
    const size_t half = first.size() / 2;
    const std::vector<int32_t> before = common_lengths(first.first(half), second, false);
    const std::vector<int32_t> behind = common_lengths(first.subspan(half), second, true);
    size_t cut = 0;
    int32_t most = -1;
    for (size_t j = 0; j <= second.size(); ++j) {
      const int32_t length = before[j] + behind[second.size() - j];
      if (length > most) {
        most = length;
        cut = j;
      }
    }
    align(first.first(half), second.first(cut), first_at, second_at);
    align(first.subspan(half), second.subspan(cut), first_at + half, second_at + cut);
  }
};

}  // namespace

std::vector<std::pair<size_t, size_t>> align(Keys first, Keys second) {
  Aligner aligner;
  aligner.align(first, second, 0, 0);
  return std::move(aligner.pairs);
}

}  // namespace cortland
