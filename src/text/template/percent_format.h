// Python's `text % values`.
#pragma once

#include <string_view>

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

// `values` is a tuple, a dict for %(name)s, or the one value.
Value percent_format(Runtime& runtime, std::string_view format, const Value& values);

}  // namespace cortland::text
