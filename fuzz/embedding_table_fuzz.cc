// The input is a table of an embedding; some of its rows are then read.
#include "host/embedding_table.h"

#include <span>
#include <vector>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cortland;
  const auto table = host::EmbeddingTable::open(std::as_bytes(std::span(data, size)));
  if (!table) {
    expect(table.message().starts_with("embedding table: "), "a failure says where");
    return 0;
  }
  const std::vector<int32_t> ids = {0, static_cast<int32_t>(table->rows() / 2),
                                    static_cast<int32_t>(table->rows() - 1)};
  std::vector<uint16_t> rows(ids.size() * static_cast<size_t>(table->width()));
  table->read(ids, rows);
  return 0;
}
