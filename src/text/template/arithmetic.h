// Operators as Python has them, on numbers, texts and lists. Integers have 64 bits: what leaves them fails.
#pragma once

#include "text/template/value.h"

namespace cortland::text {

class Runtime;

enum class Operation { add, subtract, multiply, divide, floor_divide, modulo, power };

Value calculate(Runtime& runtime, Operation operation, const Value& a, const Value& b);
Value negate(Runtime& runtime, const Value& value);

}  // namespace cortland::text
