// UnicodeScripts of tokenizer.json: cuts where the script changes.
#pragma once

#include <memory>

#include "text/tokenizer/component.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace cortland::text {

std::unique_ptr<const PreTokenizer> make_script_split(Component& component);

}  // namespace cortland::text
