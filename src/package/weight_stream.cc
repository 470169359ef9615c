// The layout is described in weight_file.h.
#include "package/weight_stream.h"

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "base/parallel.h"
#include "package/weight_file.h"

namespace cortland {
namespace {

constexpr uint64_t kTileBytes = 4u << 20;

// A stretch of the file: [record], part of a payload, [zeros up to the next record].
struct Tile {
  size_t blob = 0;
  uint64_t offset = 0;  // in the payload
  uint64_t size = 0;
  uint64_t lead = 0;   // bytes of the record in front
  uint64_t trail = 0;  // zero bytes behind
};

// Of the payload of one blob.
std::vector<Tile> cut_tiles(const mil::Payload& payload, size_t blob) {
  const uint64_t granule = std::max<uint64_t>(1, payload.granule_bytes());
  const uint64_t step = std::max(granule, kTileBytes / granule * granule);
  std::vector<Tile> tiles;
  uint64_t offset = 0;
  do {
    const uint64_t size = std::min(step, payload.size_bytes() - offset);
    tiles.push_back({blob, offset, size, 0, 0});
    offset += size;
  } while (offset < payload.size_bytes());
  return tiles;
}

std::vector<Tile> cut_tiles(const std::vector<PlannedBlob>& blobs) {
  std::vector<Tile> tiles;
  for (size_t i = 0; i < blobs.size(); ++i) {
    std::vector<Tile> cut = cut_tiles(*blobs[i].payload, i);
    cut.front().lead = kRecordBytes;
    if (i + 1 < blobs.size()) cut.back().trail = round_up(blobs[i].size, kBlobAlignment) - blobs[i].size;
    tiles.insert(tiles.end(), cut.begin(), cut.end());
  }
  return tiles;
}

// `fill` makes the bytes of a tile; `written` is called behind each one.
void write_tiles(size_t count, OutputFile& out,
                 const std::function<void(size_t tile, std::vector<std::byte>* out)>& fill,
                 const std::function<void(size_t tile)>& written) {
  const size_t in_flight = 2 + std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 16);
  std::vector<std::vector<std::byte>> slots(in_flight);
  ordered_pipeline(
      count, in_flight, [&](size_t i, size_t slot) { fill(i, &slots[slot]); },
      [&](size_t i, size_t slot) {
        out.append(slots[slot]);
        written(i);
      });
}

void fill(const Tile& tile, const PlannedBlob& blob, std::vector<std::byte>* out) {
  out->resize(tile.lead + tile.size + tile.trail);
  if (tile.lead > 0) {
    const auto elements = static_cast<uint64_t>(element_count(blob.payload->shape()));
    const auto record = pack_record(make_record(blob.payload->dtype(), elements, blob.record_offset));
    std::copy(record.begin(), record.end(), out->begin());
  }
  blob.payload->produce(tile.offset, std::span(*out).subspan(tile.lead, tile.size));
  std::fill(out->end() - static_cast<std::ptrdiff_t>(tile.trail), out->end(), std::byte{0});
}

}  // namespace

void write_weights(const WeightPlan& plan, OutputFile& out,
                   const std::function<void(uint64_t done, uint64_t total)>& progress) {
  const std::vector<PlannedBlob>& blobs = plan.blobs();
  out.append(pack_header({.count = static_cast<uint32_t>(blobs.size())}));
  const std::vector<Tile> tiles = cut_tiles(blobs);
  write_tiles(
      tiles.size(), out, [&](size_t i, std::vector<std::byte>* bytes) { fill(tiles[i], blobs[tiles[i].blob], bytes); },
      [&](size_t) {
        if (progress) progress(out.size(), plan.file_size());
      });
}

void write_payload(const mil::Payload& payload, OutputFile& out, const std::function<void(uint64_t done)>& progress) {
  const std::vector<Tile> tiles = cut_tiles(payload, 0);
  write_tiles(
      tiles.size(), out,
      [&](size_t i, std::vector<std::byte>* bytes) {
        bytes->resize(tiles[i].size);
        payload.produce(tiles[i].offset, *bytes);
      },
      [&](size_t i) { progress(tiles[i].offset + tiles[i].size); });
}

}  // namespace cortland
