// What a node may begin with, and whether it can fail at all.
#pragma once

#include <bitset>

#include "text/regex/node.h"

namespace cortland::text::regex {

// Of everything from some place in the pattern to its end.
struct Follow {
  CodePointSet first = {};  // the next code point is one of these,
  bool is_open = false;  // or anything at all
  bool is_sure = false;  // it never fails
};

// What `node` and then `follow` begin with.
Follow before(const Node& node, const Follow& follow);

// The bytes that the UTF-8 forms of the set begin with; with U+FFFD also those of broken text.
std::bitset<256> first_bytes(const CodePointSet& set);

}  // namespace cortland::text::regex
