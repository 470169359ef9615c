#include "quant/row_codec.h"

#include "quant/block_codec.h"
#include "quant/int8_codec.h"
#include "quant/palette_codec.h"

namespace cortland {

Encoded encode_rows(const Scheme& scheme, const Rows& rows, std::span<const uint16_t> whole_table) {
  Encoded out;
  switch (scheme.codec) {
    case Codec::half:
    case Codec::uint8:
    case Codec::stored: break;
    case Codec::int8: return scheme.block == 0 ? encode_int8(rows) : encode_int8_blocks(rows, scheme.block);
    case Codec::int4: return encode_int4(rows, scheme.block);
    case Codec::uint4: return encode_uint4(rows, scheme.block);
    case Codec::palette:
      if (scheme.group > 0) return encode_palette(rows, scheme.bits, scheme.group);
      out.codes.resize(rows.values.size());
      assign_entries(rows.values, whole_table, out.codes);
      break;
  }
  return out;
}

}  // namespace cortland
