// From the name of a model on the Hub to its files on this machine.
#pragma once

#include <string>

#include "pipeline/progress.h"
#include "pipeline/source.h"

namespace cortland {

// Downloads what is missing of "org/name" or "org/name@revision" into the local Hugging Face cache, the config first: a
// model that cannot be converted is refused before its weights are fetched. A folder or file of that name is taken as
// it is. Where the environment forbids the network, or the Hub cannot be reached, what the cache has must do; a note
// says so in the second case. Errors: not_found, unsupported, corrupt, invalid, io.
SourceLocation fetch_source(const std::string& name, Progress& progress);

}  // namespace cortland
