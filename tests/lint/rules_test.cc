// Every rule: a program that breaks it and one that does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "lint/cases.h"
#include "lint/handbook.h"
#include "lint/rules.h"

namespace cortland::lint {
namespace {

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (auto* list : {attention_cases, compression_cases, function_cases, head_cases, index_cases, interface_cases,
                     number_cases, operation_cases, shape_cases, size_cases, state_cases}) {
    for (Case& c : list()) cases.push_back(std::move(c));
  }
  return cases;
}

std::vector<Finding> findings_of(const std::string& rule, const Package& package, Unit unit, std::string_view chip) {
  std::vector<Finding> list;
  for (Finding& finding : judge(package, {.unit = unit, .chip = chip.empty() ? nullptr : find_chip(chip)})) {
    if (finding.rule->id == rule) list.push_back(std::move(finding));
  }
  return list;
}

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings) text += fmt::format("{} {} | {}\n", to_string(f.severity), f.where, f.message);
  return text;
}

TEST(LintRules, FindWhatBreaksThemAndNothingElse) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.rule + " " + c.name);
    const std::vector<Finding> bad = findings_of(c.rule, make_package(c.bad), c.unit, c.bad_chip);
    ASSERT_FALSE(bad.empty());
    EXPECT_THAT(bad.front().where + " | " + bad.front().message, testing::HasSubstr(c.message));
    EXPECT_EQ(bad.front().severity, c.severity);
    EXPECT_LE(bad.front().severity, bad.front().rule->severity);
    EXPECT_EQ(text_of(findings_of(c.rule, make_package(c.good), c.unit, c.good_chip)), "");
  }
}

TEST(LintRules, EachHasACaseOfItsSeverity) {
  std::set<std::string> seen;
  for (const Case& c : all_cases()) {
    const Rule* rule = find_rule(c.rule);
    ASSERT_NE(rule, nullptr) << c.rule;
    if (rule->severity == c.severity) seen.insert(c.rule);
  }
  for (const RuleGroup& group : rule_groups()) {
    for (const Rule& rule : group.rules) EXPECT_EQ(seen.count(std::string(rule.id)), 1u) << rule.id;
  }
}

TEST(LintRules, RowsAreWhole) {
  std::set<std::string_view> ids, tags, used;
  for (const Source& source : sources()) tags.insert(source.tag);
  for (const RuleGroup& group : rule_groups()) {
    for (const Rule& rule : group.rules) {
      EXPECT_TRUE(ids.insert(rule.id).second) << rule.id << " twice";
      for (const std::string_view text : {rule.sentence, rule.why, rule.advice, rule.source}) {
        EXPECT_FALSE(text.empty() || text.ends_with('.')) << rule.id << ": " << text;
      }
      for (std::string_view rest = rule.source; !rest.empty();) {
        const size_t comma = std::min(rest.find(", "), rest.size());
        EXPECT_EQ(tags.count(rest.substr(0, comma)), 1u) << rule.id << ": " << rest;
        used.insert(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 2, rest.size()));
      }
    }
  }
  EXPECT_EQ(used, tags);
}

TEST(LintRules, AreForTheirUnit) {
  const Program fused_types{
      .body = [](mil::Builder& b, mil::Value x) { return pass(b, x); },
      .change = [](Package& package) { package.program.functions[0].values[0].type.dtype = DType::f32; }};
  EXPECT_FALSE(findings_of("L04", make_package(fused_types), Unit::ane, "").empty());
  EXPECT_TRUE(findings_of("L04", make_package(fused_types), Unit::gpu, "").empty());
}

TEST(Lint, VerdictNeverPromisesMore) {
  const Rule* const rules[] = {find_rule("L01"), find_rule("L02")};
  const auto verdict_of = [&](std::initializer_list<Severity> severities) {
    std::vector<Finding> findings;
    size_t next = 0;
    for (const Severity severity : severities) findings.push_back({rules[next++ % 2], severity, "", ""});
    return verdict(findings);
  };
  constexpr auto e = Severity::error, w = Severity::warning, n = Severity::note;
  EXPECT_EQ(verdict_of({}), "no known blocker");
  EXPECT_EQ(verdict_of({n}), "no known blocker");
  EXPECT_EQ(verdict_of({w, w}), "no known blocker, 2 warnings");
  EXPECT_EQ(verdict_of({e, n}), "1 error");
  EXPECT_EQ(verdict_of({e, e, w}), "2 errors, 1 warning");
  EXPECT_EQ(verdict_of({e, w, e, w}), "1 error, 1 warning");  // places of a rule are not counted
}

TEST(Lint, UnitIsThatOfTheContract) {
  Package package = make_package({.body = pass});
  EXPECT_EQ(unit_of(package), Unit::ane);
  package.metadata["cortland.contract"] = contract_text(-1e4);
  EXPECT_EQ(unit_of(package), Unit::ane);
  std::string& text = package.metadata["cortland.contract"];
  text.replace(text.find("\"ane\""), 5, "\"gpu\"");
  EXPECT_EQ(unit_of(package), Unit::gpu);
}

}  // namespace
}  // namespace cortland::lint
