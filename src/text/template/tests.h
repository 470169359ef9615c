// Tests: `value is name`.
#pragma once

#include "text/template/builtin.h"

namespace cortland::text {

// nullptr when there is none of that name.
const Builtin* find_test(std::string_view name);

}  // namespace cortland::text
