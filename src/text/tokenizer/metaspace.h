// Metaspace of tokenizer.json: spaces become a visible character, which also begins each word.
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

std::unique_ptr<const PreTokenizer> make_metaspace(Component& component);

}  // namespace cortland::text
