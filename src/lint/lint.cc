#include "lint/lint.h"

#include <algorithm>
#include <set>

#include "lint/report.h"
#include "lint/rules.h"

namespace cortland::lint {
namespace {

bool applies(Scope scope, Unit unit) { return scope == Scope::any || (scope == Scope::gpu) == (unit == Unit::gpu); }

std::string counted(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::vector<Finding> judge(const Package& package, const Options& options) {
  const Subject subject(package, options);
  std::vector<Finding> findings;
  for (const RuleGroup& group : rule_groups()) {
    for (const Rule& rule : group.rules) {
      if (!applies(rule.scope, options.unit)) continue;
      Report report(rule, findings);
      rule.check(subject, report);
    }
  }
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return findings;
}

Unit unit_of(const Package& package) {
  const auto contract = contract_of(package);
  return contract && contract->profile == to_string(Unit::gpu) ? Unit::gpu : Unit::ane;
}

Tally count(const std::vector<Finding>& findings) {
  Tally tally;
  std::set<std::pair<const Rule*, Severity>> seen;
  for (const Finding& finding : findings) {
    if (!seen.emplace(finding.rule, finding.severity).second) continue;
    ++(finding.severity == Severity::error     ? tally.errors
       : finding.severity == Severity::warning ? tally.warnings
                                               : tally.notes);
  }
  return tally;
}

std::string verdict(const std::vector<Finding>& findings) {
  const Tally tally = count(findings);
  std::string text = tally.errors == 0 ? "no known blocker" : counted(tally.errors, "error");
  if (tally.warnings > 0) text += ", " + counted(tally.warnings, "warning");
  return text;
}

}  // namespace cortland::lint
