// Comparisons as Python makes them.
#pragma once

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

bool is_equal(Runtime& runtime, const Value& a, const Value& b);
// a < b. Fails when the kinds have no order.
bool is_less(Runtime& runtime, const Value& a, const Value& b);
// item in container. Fails for what has no elements.
bool contains(Runtime& runtime, const Value& container, const Value& item);

}  // namespace cortland::text
