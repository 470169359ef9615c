// Puts files of the cache under their names.
#pragma once

#include <string>

#include "hub/cache.h"
#include "hub/listing.h"

namespace cortland {

// snapshots/COMMIT/NAME becomes a link to the blob, relative so that the cache can be moved; a copy where the file
// system has no links. Errors: io.
void link_into_snapshot(const CacheLayout& layout, const std::string& commit, const RepositoryFile& file);

// Says in refs/ which commit the revision is; nothing for a commit. Errors: io.
void write_ref(const CacheLayout& layout, const std::string& revision, const std::string& commit);

}  // namespace cortland
