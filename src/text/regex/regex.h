// Regular expressions with the syntax and meaning of Oniguruma (its default, Ruby-like syntax) on UTF-8 text,
// as far as tokenizer.json files use them:
//   alternatives, groups (without back-references), greedy, lazy and possessive repeats ("{n,m}+" repeats the repeat),
//   look-ahead, look-behind, atomic groups, ^ $ (at every line) \A \z \Z \b \B, (?i) (?m) (?x) and (?i:...),
//   classes with ranges, && and [:posix:], \p{...} for categories, scripts and POSIX names, . \d \w \s \h \N \O \R.
// Anything else fails to compile, naming the offset in the pattern.
// A byte of the text that belongs to no well-formed sequence counts as one code point U+FFFD.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "portable/result.h"

namespace cortland::text::regex {

struct Match {
  size_t begin = 0, end = 0;  // bytes
};

struct Program;

class Regex {
 public:
  static portable::Result<Regex> compile(std::string_view pattern);

  // The leftmost match that begins at `from` or later; look-behind sees the text before `from`.
  bool find(std::string_view text, size_t from, Match& match) const;

  const Program& program() const { return *program_; }

 private:
  explicit Regex(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

}  // namespace cortland::text::regex
