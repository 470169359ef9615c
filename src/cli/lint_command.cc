#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/lint.h"

namespace cortland {
namespace {

constexpr size_t kShownPlaces = 3;  // of each rule; --verbose and --json have all

struct LintArguments {
  LintRequest request;
  bool rules = false;
  OutputOptions output;
};

// The findings of one rule and one severity.
using FindingGroup = std::vector<const lint::Finding*>;

std::vector<FindingGroup> grouped(const std::vector<lint::Finding>& findings) {
  std::vector<FindingGroup> groups;
  for (const lint::Finding& finding : findings) {
    const auto is_same = [&](const FindingGroup& g) {
      return g[0]->rule == finding.rule && g[0]->severity == finding.severity;
    };
    const auto group = std::find_if(groups.begin(), groups.end(), is_same);
    (group == groups.end() ? groups.emplace_back() : *group).push_back(&finding);
  }
  return groups;
}

OrderedJson json_of(const LintView& view, const LintRequest& request) {
  OrderedJson findings = OrderedJson::array(), rules = OrderedJson::object();
  for (const lint::Finding& f : view.findings) {
    findings.push_back(
        {{"rule", f.rule->id}, {"severity", to_string(f.severity)}, {"where", f.where}, {"message", f.message}});
    rules[std::string(f.rule->id)] = {{"sentence", f.rule->sentence}, {"why", f.rule->why}, {"advice", f.rule->advice},
                                      {"source", f.rule->source}, {"confidence", to_string(f.rule->confidence)}};
  }
  const lint::Tally tally = lint::count(view.findings);
  return {{"package", request.package},
          {"unit", to_string(view.unit)},
          {"chip", request.chip == nullptr ? OrderedJson(nullptr) : OrderedJson(request.chip->name)},
          {"verdict", lint::verdict(view.findings)},
          {"errors", tally.errors},
          {"warnings", tally.warnings},
          {"notes", tally.notes},
          {"findings", findings},
          {"rules", rules}};
}

void print_group(const FindingGroup& group, bool all) {
  const lint::Rule& rule = *group[0]->rule;
  const std::string_view label = group[0]->severity == lint::Severity::error ? "ERROR" : to_string(group[0]->severity);
  print_result("  {:<9}{}  {}\n", label, rule.id, rule.sentence);
  const size_t shown = all ? group.size() : std::min(group.size(), kShownPlaces);
  for (size_t i = 0; i < shown; ++i) {
    print_result("  {:<14}{}{}{}\n", "", group[i]->where, group[i]->where.empty() ? "" : ": ", group[i]->message);
  }
  if (shown < group.size()) print_result("  {:<14}and {} more\n", "", group.size() - shown);
  print_result("  {:<9}why  {} ({}; {})\n", "", rule.why, rule.source, to_string(rule.confidence));
  print_result("  {:<9}do   {}\n", "", rule.advice);
}

void print_view(const LintView& view, const LintArguments& arguments) {
  const lint::Chip* chip = arguments.request.chip;
  print_result("{}: for the {}, {}\n", arguments.request.package,
               view.unit == lint::Unit::ane ? "Neural Engine" : "GPU", chip == nullptr ? "any chip" : chip->name);
  for (const FindingGroup& group : grouped(view.findings)) print_group(group, arguments.output.verbose);
  print_result("lint: {}. Where a package runs only a device can tell.\n", lint::verdict(view.findings));
}

ExitCode run_lint(const LintArguments& arguments) {
  if (arguments.rules) {
    write_result(lint::handbook());
    return ExitCode::ok;
  }
  require(!arguments.request.package.empty(), ErrorCode::invalid,
          "lint: got no package, want one; hint: cortland lint --help");
  const LintView view = lint_package(disk(), arguments.request);
  if (arguments.output.json) {
    print_json(json_of(view, arguments.request));
  } else if (!arguments.output.quiet) {
    print_view(view, arguments);
  }
  return lint::count(view.findings).errors == 0 ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_lint_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<LintArguments>();
  LintRequest& request = arguments->request;
  CLI::App* command =
      app.add_subcommand("lint", "find what is known to keep a package from the Neural Engine or the GPU");
  add_text(*command, "package", "PACKAGE", request.package, "a package or a bundle, whoever wrote it");
  add_choice<std::optional<lint::Unit>>(
      *command, "--unit", request.unit, {{"auto", {}}, {"ane", lint::Unit::ane}, {"gpu", lint::Unit::gpu}},
      "what it is to run on; auto: what the package says that it is made for, ane where it says nothing");
  std::vector<Choice<const lint::Chip*>> chips{{"any", nullptr}};
  for (const lint::Chip& chip : lint::chips()) chips.push_back({chip.name, &chip});
  add_choice<const lint::Chip*>(*command, "--chip", request.chip, chips,
                                "whose limits count; any: those of every chip");
  command->add_flag("--rules", arguments->rules,
                    "print every rule, with reasons and sources (docs/lint.md), and judge nothing");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland lint Demo.mlpackage --chip m1\n\n"
      "Exit code 1 when there is an error. \"No known blocker\" is the best that lint can say: where a package runs only a\n"
      "device can tell. --verbose shows every place.");
  command->callback([arguments, &action] { action = [arguments] { return run_lint(*arguments); }; });
}

}  // namespace cortland
