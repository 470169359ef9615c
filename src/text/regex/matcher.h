// Runs a program over texts, backtracking with a stack of its own. Not for several threads at once.
#pragma once

#include <string_view>
#include <vector>

#include "text/regex/program.h"
#include "text/regex/regex.h"

namespace cortland::text::regex {

// Work is bounded: by a number of steps that grows with the text, and by the memory for ways back. Beyond either the
// rest of the text has no match.
class Matcher {
 public:
  // REQUIRES: `regex` outlives it.
  explicit Matcher(const Regex& regex);

  // Begins with another text, which must stay where it is.
  void start(std::string_view text);
  // The leftmost match that begins at `from` or later.
  bool find(size_t from, Match& match);
  // The next match of all in the text. An empty one directly behind the one before does not count.
  bool next(Match& match);

 private:
  struct Way {
    enum class Kind : uint32_t { kGo, kRunLess, kRunMore, kChoice, kRestore, kBack };
    Kind kind;
    uint32_t at;  // instruction; kRestore: slot
    size_t position;
    size_t rest;  // kRunLess: the least position; kRunMore, kBack: code points that may be added; kChoice: bits
  };
  struct Slot {
    size_t position = 0, height = 0;
  };

  bool match_at(size_t position, size_t& end);
  bool fail(uint32_t& at, size_t& position);  // takes the last way back; false when there is none
  bool fail_choice(Way& way, uint32_t& at, size_t& position);
  bool run_less(Way& way, uint32_t& at, size_t& position);
  bool run_more(Way& way, uint32_t& at, size_t& position);
  bool go_back(Way& way, uint32_t& at, size_t& position);
  bool push(Way::Kind kind, uint32_t at, size_t position, size_t rest);
  bool holds(Assertion assertion, size_t position) const;
  bool is_word_at(size_t position) const;
  size_t step(const CodePointBits& set, size_t position) const;
  size_t run(const CodePointBits& set, size_t position);
  size_t run(const CodePointBits& set, size_t position, uint32_t max, uint32_t& count);
  size_t skip_to_start(size_t position) const;

  const Program& program_;
  std::string_view text_;
  std::vector<Way> ways_;
  std::vector<Slot> slots_;
  uint64_t steps_;  // that are left
  size_t from_ = 0;
  size_t last_end_ = 0;
  bool has_last_ = false;
};

}  // namespace cortland::text::regex
