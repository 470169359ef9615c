// Writes the file of an embedding that the host looks up (host/embedding_table.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/file.h"
#include "lower/embedding_table.h"

namespace cortland {

// What the file will have.
uint64_t embedding_file_bytes(const EmbeddingRows& table);

// `progress` gets the bytes written so far. Errors: io; whatever a payload throws.
void write_embedding_file(FileSystem& files, const std::string& path, const EmbeddingRows& table,
                          const std::function<void(uint64_t done)>& progress);

}  // namespace cortland
