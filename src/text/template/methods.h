// Methods of texts, lists and dicts, under Python's names.
#pragma once

#include "text/template/builtin.h"

namespace cortland::text {

std::span<const Builtin> text_methods();
std::span<const Builtin> list_methods();
std::span<const Builtin> dict_methods();
// nullptr when the value has no method of that name.
const Builtin* find_method(const Value& value, std::string_view name);

}  // namespace cortland::text
