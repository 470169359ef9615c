// Judges a program without changing it: names, types, opsets, states. Every problem becomes a finding.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mil/program.h"

namespace cortland::mil {

struct Finding {
  std::string_view rule;  // one of verify_rules()
  std::string where;      // "function decode: operation q (conv)"
  std::string message;    // what; got, want
};

struct VerifyRule {
  std::string_view name;
  std::string_view summary;  // one line
};

std::span<const VerifyRule> verify_rules();

// All findings, function by function in program order; empty for a sound program. Never throws for a bad program.
std::vector<Finding> verify(const Program& program);

// Whether a name is safe everywhere: a letter or underscore, then letters, digits and underscores, and no word of the
// MIL language. (Apple's grammar also knows '@', its tools do not.)
bool is_valid_name(std::string_view name);

}  // namespace cortland::mil
