// The attribute that filters such as map and sort look at: "name", "a.b", 0, or several with commas between.
#pragma once

#include <vector>

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

class AttributePath {
 public:
  // Not given or none: the element itself. Fails for what is no text or integer.
  AttributePath(Runtime& runtime, const Value& attribute);
  // What is missing on the way becomes `fallback`, unless that is none.
  Value of(Runtime& runtime, const Value& element, const Value& fallback = Value(None{})) const;

 private:
  std::vector<Value> steps_;
};

}  // namespace cortland::text
