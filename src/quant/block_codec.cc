#include "quant/block_codec.h"

#include "quant/kernels.h"

namespace cortland {
namespace {

BlockTask make_task(const Rows& rows, int64_t block, Encoded& out) {
  out.codes.resize(rows.values.size());
  out.scales.resize(rows.values.size() / static_cast<size_t>(block));
  return {.values = rows.values,
          .importance = rows.importance,
          .side = static_cast<size_t>(block),
          .codes = out.codes,
          .scales = out.scales,
          .offsets = {}};
}

}  // namespace

Encoded encode_int4(const Rows& rows, int64_t block) {
  Encoded out;
  search_int4(make_task(rows, block, out));
  return out;
}

Encoded encode_int8_blocks(const Rows& rows, int64_t block) {
  Encoded out;
  search_int8(make_task(rows, block, out));
  return out;
}

Encoded encode_uint4(const Rows& rows, int64_t block) {
  Encoded out;
  BlockTask task = make_task(rows, block, out);
  out.offsets.resize(out.scales.size());
  task.offsets = out.offsets;
  search_uint4(task);
  return out;
}

}  // namespace cortland
