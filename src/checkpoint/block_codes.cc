#include "checkpoint/block_codes.h"

#include <algorithm>

#include "checkpoint/ggml_blocks.h"

namespace cortland {
namespace {

class BlockCodes : public StoredCodes {
 public:
  BlockCodes(std::shared_ptr<const InputFile> file, const TensorEntry& entry)
      : StoredCodes(std::string(entry.blocks->name), entry.shape[0], entry.shape[1]),
        file_(std::move(file)),
        type_(*entry.blocks),
        offset_(entry.offset),
        blocks_(static_cast<size_t>(cols()) / type_.elements) {
    // Quantizers for 4 bits choose the sign of the scale so that the code 0 is used. In the other types the lowest of
    // 256 codes does not occur.
    traits_ = {.bits = type_.code_bits, .groups = static_cast<int64_t>(blocks_), .is_centred = true,
               .has_negative_scales = type_.code_bits == 4};
  }

  const CodeTraits& traits() const override { return traits_; }

  void read(std::span<const int64_t> rows, CodeRows& out) const override {
    out.codes.resize(rows.size() * static_cast<size_t>(cols()));
    out.scales.resize(rows.size() * blocks_);
    out.zeros.assign(out.scales.size(), static_cast<uint8_t>(1 << (type_.code_bits - 1)));
    const std::span<const std::byte> stored = file_->map().subspan(offset_);
    for (size_t r = 0; r < rows.size(); ++r) {
      for (size_t b = 0; b < blocks_; ++b) {
        const size_t at = r * blocks_ + b;
        const std::byte* block = stored.data() + (static_cast<size_t>(rows[r]) * blocks_ + b) * type_.bytes;
        out.scales[at] = type_.split(block, out.codes.data() + at * type_.elements);
      }
    }
  }

 private:
  std::shared_ptr<const InputFile> file_;
  const GgmlType& type_;
  uint64_t offset_;
  size_t blocks_;
  CodeTraits traits_;
};

}  // namespace

StoredCodesPtr make_block_codes(std::shared_ptr<const InputFile> file, const TensorEntry& entry) {
  if (entry.blocks == nullptr || entry.blocks->split == nullptr || entry.shape.size() != 2 ||
      element_count(entry.shape) == 0) {
    return nullptr;
  }
  return std::make_shared<BlockCodes>(std::move(file), entry);
}

}  // namespace cortland
