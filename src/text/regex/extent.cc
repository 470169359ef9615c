#include "text/regex/extent.h"

#include <algorithm>

namespace cortland::text::regex {
namespace {

uint32_t saturated(uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, Node::kUnlimited)); }

}  // namespace

Extent extent_of(const Node& node) {
  Extent extent;
  switch (node.kind) {
    case Node::Kind::kSet: return {1, 1};
    case Node::Kind::kAtomic: return extent_of(node.children[0]);
    case Node::Kind::kSequence:
      for (const Node& child : node.children) {
        const Extent one = extent_of(child);
        extent = {saturated(uint64_t{extent.min} + one.min), saturated(uint64_t{extent.max} + one.max)};
      }
      return extent;
    case Node::Kind::kAlternatives:
      extent.min = Node::kUnlimited;
      for (const Node& child : node.children) {
        const Extent one = extent_of(child);
        extent = {std::min(extent.min, one.min), std::max(extent.max, one.max)};
      }
      return extent;
    case Node::Kind::kRepeat: {
      const Extent one = extent_of(node.children[0]);
      return {saturated(uint64_t{one.min} * node.min), saturated(uint64_t{one.max} * node.max)};
    }
    default: return {};
  }
}

}  // namespace cortland::text::regex
