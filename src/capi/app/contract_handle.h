// A contract and the table of an embedding, as their handles share them.
#pragma once

#include <cortland/host.h>

#include <memory>

#include "capi/app/mapped_file.h"
#include "host/contract.h"
#include "host/embedding_table.h"

struct cortland_contract {
  std::shared_ptr<const cortland::host::Contract> contract;
};

namespace cortland::capi {

struct OpenEmbedding {
  MappedFile file;
  host::EmbeddingTable table;
};

}  // namespace cortland::capi

struct cortland_embedding {
  std::shared_ptr<const cortland::capi::OpenEmbedding> open;
};
