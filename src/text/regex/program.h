// What a regular expression is compiled to: instructions for a machine that backtracks.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "text/code_point_table.h"
#include "text/regex/node.h"

namespace cortland::text::regex {

enum class Op : uint8_t {
  kAccept,
  kBytes,         // literals[a, a + b)
  kSet,           // one code point of sets[a]
  kRun,           // min to max code points of sets[a]; keeps its ways back, of which those to a byte of bytes[b] count
  kRunPossessive, // as many as there are, and no way back
  kRunLazy,       // as few as will do
  kPeek,          // the next code point is in sets[a]
  kPeekNot,       // the next code point is not, or there is none
  kAssert,        // assertion
  kJump,          // to a
  kSplit,         // to a; if that fails, to b
  kChoice,        // choices[a]
  kSave,          // remembers in slots[a] the position and the height of the stack
  kSaveOrJump,    // the same, and goes to b when what follows fails; at once unless the next byte is in bytes[min - 1]
                  // (min 0: any, or none)
  kSetOrJump,     // one code point of sets[a], or goes to b
  kCut,           // forgets the ways back since slots[a] was saved
  kReturn,        // the same, and goes back to the position
  kRefuse,        // the same as kCut, and fails
  kMark,          // remembers the position in slots[a]; backtracking restores the one before
  kIfStill,       // goes to b when the position is that of slots[a]
  kBack,          // min code points back; if what follows fails, one more, up to max
  kIfAt,          // fails unless the position is that of slots[a]
};

struct Instruction {
  Op op = Op::kAccept;
  Assertion assertion = Assertion::kTextBegin;
  uint32_t a = 0, b = 0;
  uint32_t min = 0, max = 0;
};

using ByteSet = std::bitset<256>;

// Alternatives by the first byte of what they match, at most 64.
struct Choice {
  static constexpr size_t kMaxTargets = 64;
  static constexpr size_t kAtEnd = 256;
  std::array<uint64_t, 257> viable{};  // [byte, or kAtEnd]: bit i for targets[i]
  std::vector<uint32_t> targets;       // in order of preference
};

struct Program {
  std::vector<Instruction> instructions;
  std::string literals;
  std::vector<CodePointBits> sets;
  std::vector<ByteSet> bytes;
  std::vector<Choice> choices;
  uint32_t slots = 0;
  bool starts_anywhere = false;    // a match may be empty or begin with an assertion
  ByteSet starts;                  // otherwise: the bytes it may begin with
  std::optional<char> only_start;  // when that is one
};

}  // namespace cortland::text::regex
