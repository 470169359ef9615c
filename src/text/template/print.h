// Values as text: Python's str() and repr().
#pragma once

#include "text/template/writer.h"

namespace cortland::text {

class Dict;

// str(value): text as it is, nothing for what is undefined.
void print(Runtime& runtime, const Value& value, Writer& out);
// repr(value): text in quotes.
void print_repr(Runtime& runtime, const Value& value, Writer& out);
void print_repr(Runtime& runtime, const Dict& dict, Writer& out);
std::string to_text(Runtime& runtime, const Value& value);
// A text stays what it is.
Value to_text_value(Runtime& runtime, const Value& value);

}  // namespace cortland::text
