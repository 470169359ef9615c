// Configs of EXAONE 4.0: the two real models as their config.json has them, and a small one to be changed.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "base/json.h"
#include "model/spec.h"

namespace cortland {

Json exaone4_1b();   // 1.2B: full attention, tied
Json exaone4_32b();  // 32B: "LLLG", untied

// Five layers of width 8, 2 heads of width 4 on 1 key/value head, feed-forward 6, vocabulary 16, tied; no window.
Json small_config();

// `config` with the members of `changes` (the text of a JSON object) replaced; the value "-" removes a key.
Json changed(Json config, std::string_view changes);

// What read_spec() says about the small config with changes: "no error", or the code and the message.
std::string spec_failure(std::string_view changes);

// One letter per layer: S slides and rotates, F is full and rotates, N is full without position encoding.
std::string layer_letters(const ModelSpec& spec);

}  // namespace cortland
