// Filters: `value | name`.
#pragma once

#include "text/template/builtin.h"

namespace cortland::text {

std::span<const Builtin> text_filters();
std::span<const Builtin> list_filters();
std::span<const Builtin> selection_filters();
std::span<const Builtin> value_filters();

// What Jinja gives element by element: no length, no index.
Value generator(Runtime& runtime, std::vector<Value> elements);

// In all of these; nullptr when there is none of that name.
const Builtin* find_filter(std::string_view name);

}  // namespace cortland::text
