// A regular expression as a tree, as the parser makes it. Groups leave no node: nothing is captured.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "text/code_point_set.h"

namespace cortland::text::regex {

enum class Assertion : uint8_t {
  kTextBegin, kTextEnd, kTextEndBeforeNewline, kLineBegin, kLineEnd, kWordBoundary, kNoWordBoundary
};

struct Node {
  enum class Kind : uint8_t {
    kSequence,      // of children; an empty one matches nothing at all
    kAlternatives,  // children
    kSet,           // one code point of `set`
    kRepeat,        // children[0], min to max times
    kAtomic,        // children[0], never entered again from behind
    kLookAhead,     // children[0]
    kLookBehind,    // children[0]
    kAssertion,
  };
  enum class Order : uint8_t { kGreedy, kLazy, kPossessive };
  static constexpr uint32_t kUnlimited = UINT32_MAX;

  Kind kind = Kind::kSequence;
  std::vector<Node> children = {};
  CodePointSet set = {};
  uint32_t min = 0, max = 0;
  Order order = Order::kGreedy;
  bool is_negative = false;  // a look-around
  Assertion assertion = Assertion::kTextBegin;
};

inline Node set_node(CodePointSet set) { return {.kind = Node::Kind::kSet, .set = std::move(set)}; }
inline Node node_of(Node::Kind kind, std::vector<Node> children) {
  return {.kind = kind, .children = std::move(children)};
}

}  // namespace cortland::text::regex
