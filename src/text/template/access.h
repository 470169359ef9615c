// What is inside a value: attributes, elements, slices. What is not there is undefined; only an undefined base fails,
// and a slice of what is no text or list.
#pragma once

#include <optional>

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

// base.name: an attribute or method, else an element of that key.
Value attribute_of(Runtime& runtime, const Value& base, const TextPointer& name);
// base[key]: an element, else an attribute or method of that name.
Value element_of(Runtime& runtime, const Value& base, const Value& key);

struct SliceBounds {
  Value begin, end, step;  // integers, or none
};
Value slice_of(Runtime& runtime, const Value& base, const SliceBounds& bounds);

// What a loop over it gives: elements, characters, keys. nullptr when it has none, and then something has failed.
SequencePointer elements_of(Runtime& runtime, const Value& value);
// len(value), in characters for a text. Nothing when it has none, and then something has failed.
std::optional<size_t> length_of(Runtime& runtime, const Value& value);

}  // namespace cortland::text
