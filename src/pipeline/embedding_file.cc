#include "pipeline/embedding_file.h"

#include <vector>

#include "base/bytes.h"
#include "host/embedding_table.h"
#include "package/weight_stream.h"

namespace cortland {
namespace {

using host::EmbeddingTable;

uint64_t scales_offset(const EmbeddingRows& table) {
  return EmbeddingTable::kHeaderBytes + round_up(table.rows->size_bytes(), EmbeddingTable::kAlignment);
}

}  // namespace

uint64_t embedding_file_bytes(const EmbeddingRows& table) {
  return table.scales ? scales_offset(table) + table.scales->size_bytes()
                      : EmbeddingTable::kHeaderBytes + table.rows->size_bytes();
}

void write_embedding_file(FileSystem& files, const std::string& path, const EmbeddingRows& table,
                          const std::function<void(uint64_t done)>& progress) {
  const auto out = files.create(path);
  const auto kind = table.scales ? EmbeddingTable::Kind::int8 : EmbeddingTable::Kind::fp16;
  out->append(
      EmbeddingTable::header(kind, static_cast<uint64_t>(table.vocabulary), static_cast<uint64_t>(table.width)));
  const auto append = [&](const mil::Payload& payload) {
    const uint64_t before = out->size();
    write_payload(payload, *out, [&](uint64_t done) { progress(before + done); });
  };
  append(*table.rows);
  if (table.scales) {
    out->append(std::vector<std::byte>(scales_offset(table) - out->size()));
    append(*table.scales);
  }
  out->close();
}

}  // namespace cortland
