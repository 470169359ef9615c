#include "text/regex/case_fold.h"

#include <algorithm>
#include <map>

#include "text/unicode_tables.h"

namespace cortland::text::regex {
namespace {

struct Folding {
  std::map<char32_t, std::u32string> fold;
  std::map<std::u32string, CodePointSet> variants;  // who folds to it; to one code point: with itself
};

const Folding& folding() {
  static const Folding kFolding = [] {
    Folding result;
    const Mappings mappings = decode_mappings(kFoldMappings);
    for (const Mapping& mapping : mappings.entries) {
      const auto begin = mappings.targets.begin() + mapping.begin;
      const std::u32string target(begin, begin + mapping.count);
      result.fold[mapping.code] = target;
      CodePointSet& variants = result.variants[target];
      variants.add(mapping.code);
      if (target.size() == 1) variants.add(target[0]);
    }
    return result;
  }();
  return kFolding;
}

// nullptr when there is none but the code points themselves.
const CodePointSet* find_variants(const std::u32string& target) {
  const auto entry = folding().variants.find(target);
  return entry == folding().variants.end() ? nullptr : &entry->second;
}

Node variants_of(char32_t folded) {
  const CodePointSet* variants = find_variants({folded});
  return set_node(variants == nullptr ? CodePointSet{{folded, folded}} : *variants);
}

std::u32string fold_of(char32_t code) {
  const auto entry = folding().fold.find(code);
  return entry == folding().fold.end() ? std::u32string{code} : entry->second;
}

// Quick for a large set and few variants.
bool has_any(const CodePointSet& set, const CodePointSet& variants) {
  for (const CodePointSet::Range& range : variants.ranges()) {
    for (char32_t code = range.first; code <= range.last; ++code) {
      if (set.contains(code)) return true;
    }
  }
  return false;
}

constexpr size_t kLongestFold = 3;

}  // namespace

void add_case_variants(CodePointSet& set) {
  CodePointSet more;
  for (const auto& [target, variants] : folding().variants) {
    if (has_any(set, variants)) more.add(variants);
  }
  set.add(more);
}

Node case_insensitive(const std::u32string& codes) {
  Node sequence;
  for (size_t at = 0; at < codes.size();) {
    // How many code points from here on are together what one other folds to. Those among them that fold to several
    // do not count.
    size_t length = std::min(kLongestFold, codes.size() - at);
    std::u32string folded;
    for (; length > 0; --length) {
      folded.clear();
      for (size_t i = at; i < at + length; ++i) folded += fold_of(codes[i]);
      if (length == 1 || (folded.size() == length && find_variants(folded) != nullptr)) break;
    }
    Node letters;
    for (const char32_t code : folded) letters.children.push_back(variants_of(code));
    if (folded.size() == 1) {
      sequence.children.push_back(std::move(letters.children[0]));
    } else {
      std::vector<Node> either;
      either.push_back(std::move(letters));
      either.push_back(set_node(*find_variants(folded)));
      sequence.children.push_back(node_of(Node::Kind::kAlternatives, std::move(either)));
    }
    at += length;
  }
  return sequence;
}

Node case_insensitive(CodePointSet set) {
  add_case_variants(set);
  std::vector<Node> either;
  either.push_back(set_node(set));
  for (const auto& [target, variants] : folding().variants) {
    if (target.size() == 1 || !has_any(set, variants)) continue;
    Node letters;
    for (const char32_t code : target) letters.children.push_back(variants_of(code));
    either.push_back(std::move(letters));
  }
  if (either.size() == 1) return std::move(either[0]);
  return node_of(Node::Kind::kAlternatives, std::move(either));
}

}  // namespace cortland::text::regex
