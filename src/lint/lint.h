// Judges a package by every rule.
#pragma once

#include <string>
#include <vector>

#include "lint/rule.h"
#include "lint/subject.h"

namespace cortland::lint {

// The worst first, the rules of a severity in their order. Reads no weights but small constants that lie in memory or
// in a mapped file. Never throws for a bad program.
std::vector<Finding> judge(const Package& package, const Options& options);

// The unit that the contract of a package names; ane where there is none.
Unit unit_of(const Package& package);

// Rules that are broken; one that is broken more and less badly counts for both.
struct Tally {
  size_t errors = 0, warnings = 0, notes = 0;
};
Tally count(const std::vector<Finding>& findings);

// "no known blocker", "no known blocker, 1 warning", "2 errors, 1 warning"
std::string verdict(const std::vector<Finding>& findings);

}  // namespace cortland::lint
