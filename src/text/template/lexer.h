// Cuts a template into tokens, with trim_blocks and lstrip_blocks: the line end behind a block tag goes, and so do the
// spaces before one that stands alone at the start of its line, unless the tag says otherwise with + or -.
#pragma once

#include <string_view>
#include <vector>

#include "portable/result.h"
#include "text/template/token.h"

namespace cortland::text {

// The last token is the end. Fails for tags without end and characters that mean nothing.
portable::Result<std::vector<Token>> read_tokens(std::string_view source);

}  // namespace cortland::text
