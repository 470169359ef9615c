#include "text/code_point_table.h"

#include <algorithm>
#include <map>

namespace cortland::text {
namespace {

constexpr size_t kBlocks = (kMaxCodePoint + 1) / 256;

// Fills every block, appends those that differ to `blocks` and gives which one stands where.
template <typename Block, typename Fill>
std::vector<uint16_t> index_blocks(Fill fill, std::vector<typename Block::value_type>& blocks) {
  std::vector<uint16_t> index(kBlocks);
  std::map<Block, uint16_t> known;
  Block last{};
  for (size_t i = 0; i < kBlocks; ++i) {
    Block block{};
    fill(static_cast<char32_t>(i * 256), block);
    if (i > 0 && block == last) {  // as most are
      index[i] = index[i - 1];
      continue;
    }
    last = block;
    const auto [entry, is_new] = known.try_emplace(block, static_cast<uint16_t>(known.size()));
    if (is_new) blocks.insert(blocks.end(), block.begin(), block.end());
    index[i] = entry->second;
  }
  return index;
}

}  // namespace

CodePointBytes::CodePointBytes(const std::vector<Run>& runs) {
  auto run = runs.begin();
  index_ = index_blocks<std::array<uint8_t, 256>>(
      [&](char32_t first, std::array<uint8_t, 256>& block) {
        for (size_t i = 0; i < block.size(); ++i) {
          while (run != runs.end() && run->end <= first + i) ++run;
          block[i] = run == runs.end() ? uint8_t{0} : static_cast<uint8_t>(run->value);
        }
      },
      blocks_);
}

CodePointBits::CodePointBits(const CodePointSet& set) {
  auto range = set.ranges().begin();
  index_ = index_blocks<std::array<uint64_t, 4>>(
      [&](char32_t first, std::array<uint64_t, 4>& block) {
        const char32_t last = first + 255;
        for (; range != set.ranges().end() && range->first <= last; ++range) {
          const char32_t from = std::max(first, range->first), to = std::min(last, range->last);
          for (char32_t code = from; code <= to; code = (code | 63) + 1) {  // 64 at a time
            const char32_t end = std::min<char32_t>(code | 63, to);
            block[code >> 6 & 3] |= (~uint64_t{0} << (code & 63)) & (~uint64_t{0} >> (63 - (end & 63)));
          }
          if (range->last > last) break;
        }
      },
      blocks_);
  for (char32_t code = 0; code < 128; ++code) ascii_[code] = (*this)[code];
}

}  // namespace cortland::text
