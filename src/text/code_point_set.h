// A set of code points as sorted ranges that neither touch nor overlap.
#pragma once

#include <initializer_list>
#include <vector>

#include "text/utf8.h"

namespace cortland::text {

class CodePointSet {
 public:
  struct Range {
    char32_t first, last;  // both in the set
    bool operator==(const Range&) const = default;
  };

  CodePointSet() = default;
  CodePointSet(std::initializer_list<Range> ranges);

  void add(char32_t first, char32_t last);
  void add(char32_t code) { add(code, code); }
  void add(const CodePointSet& other);
  CodePointSet complement() const;
  CodePointSet intersection(const CodePointSet& other) const;

  bool contains(char32_t code) const;
  bool intersects(const CodePointSet& other) const;
  bool empty() const { return ranges_.empty(); }
  const std::vector<Range>& ranges() const { return ranges_; }
  bool operator==(const CodePointSet&) const = default;

 private:
  std::vector<Range> ranges_;
};

}  // namespace cortland::text
