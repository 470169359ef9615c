#include "text/regex/first.h"

#include <string>

namespace cortland::text::regex {
namespace {

uint32_t lead_byte(char32_t code) {
  std::string bytes;
  append_utf8(code, bytes);
  return static_cast<unsigned char>(bytes[0]);
}

Follow before_sequence(const Node& node, const Follow& follow) {
  Follow result = follow;
  for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) result = before(*child, result);
  return result;
}

Follow before_alternatives(const Node& node, const Follow& follow) {
  Follow result;
  for (const Node& child : node.children) {
    const Follow one = before(child, follow);
    result.first.add(one.first);
    result.is_open |= one.is_open;
    result.is_sure |= one.is_sure;
  }
  return result;
}

Follow before_repeat(const Node& node, const Follow& follow) {
  if (node.max == 0) return follow;
  Follow result = before(node.children[0], follow);
  if (node.min > 0) {
    // The second time comes after the first.
    result.is_sure = result.is_sure && node.max == 1;
    return result;
  }
  result.first.add(follow.first);
  result.is_open |= follow.is_open;
  result.is_sure = follow.is_sure;
  return result;
}

}  // namespace

Follow before(const Node& node, const Follow& follow) {
  switch (node.kind) {
    case Node::Kind::kSequence: return before_sequence(node, follow);
    case Node::Kind::kAlternatives: return before_alternatives(node, follow);
    case Node::Kind::kSet: return {.first = node.set};
    case Node::Kind::kRepeat: return before_repeat(node, follow);
    case Node::Kind::kAtomic: {
      Follow result = before(node.children[0], follow);
      result.is_sure = false;
      return result;
    }
    default: return {.is_open = true};
  }
}

std::bitset<256> first_bytes(const CodePointSet& set) {
  std::bitset<256> bytes;
  for (const CodePointSet::Range& range : set.ranges()) {
    for (uint32_t byte = lead_byte(range.first); byte <= lead_byte(range.last); ++byte) bytes.set(byte);
  }
  if (set.contains(kReplacementCharacter)) {
    for (uint32_t byte = 0x80; byte < 256; ++byte) bytes.set(byte);
  }
  return bytes;
}

}  // namespace cortland::text::regex
