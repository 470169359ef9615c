#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/device_report.h"

namespace cortland {
namespace {

constexpr size_t kShownFacts = 12;  // of each kind; --verbose and --json have all

struct ReportArguments {
  std::vector<std::string> files;
  OutputOptions output;
};

// A line for each package and unit.
struct Row {
  std::string package, unit, verdict, psnr, argmax, load, prompt, rate, placed;
};

std::string number_text(const std::optional<double>& value, std::string_view unit) {
  return value ? fmt::format("{:.1f}{}", *value, unit) : "-";
}

std::string psnr_text(const std::optional<DeviceDifference>& difference) {
  if (!difference) return "-";
  if (difference->psnr_db) return fmt::format("{:.1f} dB", *difference->psnr_db);
  return difference->max_abs ? "equal" : "no numbers";
}

std::string placed_text(const DeviceRecord& record) {
  const auto share = placed_share(record);
  return share ? fmt::format("{:.1f} %", 100 * *share) : "-";
}

Row row_of(const DeviceRecord& record) {
  const auto& fp32 = record.fp32;
  return {record.package.empty() ? "-" : printable(record.package),
          printable(record.unit),
          !record.passed ? "measured" : *record.passed ? "ok" : "FAILED",
          psnr_text(fp32),
          fp32 ? fmt::format("{}/{}", fp32->agreeing, fp32->positions) : "-",
          number_text(record.load_seconds, " s"),
          number_text(record.prompt_rate, ""),
          number_text(record.rate, ""),
          placed_text(record)};
}

void print_rows(const std::vector<DeviceRecord>& records) {
  std::vector<Row> rows{{"package", "unit", "verdict", "PSNR", "argmax", "load", "prefill/s", "decode/s", "on the unit"}};
  for (const DeviceRecord& record : records) rows.push_back(row_of(record));
  constexpr std::string Row::* kLeft[] = {&Row::package, &Row::unit, &Row::verdict};
  constexpr std::string Row::* kRight[] = {&Row::psnr,   &Row::argmax, &Row::load,
                                           &Row::prompt, &Row::rate,   &Row::placed};
  const auto width = [&](std::string Row::* column) {
    size_t most = 0;
    for (const Row& row : rows) most = std::max(most, (row.*column).size());
    return most;
  };
  for (const Row& row : rows) {
    std::string line;
    for (const auto column : kLeft) line += fmt::format("{:<{}}", row.*column, width(column) + 2);
    for (const auto column : kRight) line += fmt::format("{:>{}}", row.*column, width(column) + 2);
    print_result("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
}

std::string title(const DeviceRecord& record) {
  return fmt::format("{} on {}", record.package.empty() ? "the model" : printable(record.package), printable(record.unit));
}

std::string sentence(const PlacementFact& fact) {
  const std::string what =
      (fact.function.empty() ? "" : printable(fact.function) + ": ") +
      (fact.operation.empty() ? "operations" : printable(fact.operation));
  const auto rule = printable(fact.rule);
  switch (fact.kind) {
    case PlacementFact::Kind::predicted:
      return fmt::format("{}, {} of {} elsewhere, as {} says", what, fact.elsewhere, fact.all, rule);
    case PlacementFact::Kind::unpredicted:
      return fmt::format("{}, {} of {} elsewhere, and lint says nothing of it", what, fact.elsewhere, fact.all);
    case PlacementFact::Kind::contradicted:
      return fmt::format("{}, all {} on the unit, though {} is an error", what, fact.all, rule);
  }
  return what;
}

void print_placement(const DeviceRecord& record, bool all) {
  for (const std::string& function : planned_functions(record)) {
    print_result("  {:<14}{}: {:.1f} % of the operations\n", "on the unit", printable(function),
                 100 * placed_share(record, function).value_or(0));
  }
  const std::vector<PlacementFact> facts = placement_facts(record);
  for (const auto kind : {PlacementFact::Kind::contradicted, PlacementFact::Kind::unpredicted,
                          PlacementFact::Kind::predicted}) {
    size_t count = 0;
    for (const PlacementFact& fact : facts) {
      if (fact.kind != kind) continue;
      if (all || count < kShownFacts) print_result("  {:<14}{}\n", to_string(kind), sentence(fact));
      ++count;
    }
    if (!all && count > kShownFacts) print_result("  {:<14}and {} more\n", "", count - kShownFacts);
  }
}

void print_records(const std::vector<DeviceRecord>& records, bool all) {
  print_rows(records);
  for (const DeviceRecord& record : records) {
    if (record.failures.empty() && record.placed.empty()) continue;
    print_result("\n{}\n", title(record));
    for (const std::string& failure : record.failures) print_result("  {:<14}{}\n", "FAILED", printable(failure, 400));
    print_placement(record, all);
  }
  const bool has_stand_in =
      std::any_of(records.begin(), records.end(), [](const DeviceRecord& r) { return r.is_stand_in; });
  if (has_stand_in) print_result("\nSome are of the interpreter in place of Core ML: they prove the check, and no device.\n");
  const DeviceRecord& first = records.front();
  if (!first.system.empty()) print_result("\n{}, {}\n", printable(first.machine), printable(first.system));
}

OrderedJson json_of(const std::optional<DeviceDifference>& d) {
  if (!d) return nullptr;
  return {{"psnr_db", d->psnr_db ? OrderedJson(*d->psnr_db) : OrderedJson(nullptr)},
          {"max_abs", d->max_abs ? OrderedJson(*d->max_abs) : OrderedJson(nullptr)},
          {"argmax_agreeing", d->agreeing}, {"positions", d->positions}};
}

OrderedJson json_of(const DeviceRecord& record) {
  const auto optional = [](const auto& value) { return value ? OrderedJson(*value) : OrderedJson(nullptr); };
  OrderedJson functions = OrderedJson::object(), facts = OrderedJson::array();
  for (const std::string& name : planned_functions(record)) functions[name] = optional(placed_share(record, name));
  for (const PlacementFact& f : placement_facts(record)) {
    facts.push_back({{"kind", to_string(f.kind)}, {"function", f.function}, {"operation", f.operation},
                     {"elsewhere", f.elsewhere}, {"all", f.all}, {"rule", f.rule}});
  }
  return {{"package", record.package},       {"unit", record.unit},
          {"system", record.system},         {"machine", record.machine},
          {"stand_in", record.is_stand_in},  {"passed", optional(record.passed)},
          {"failures", record.failures},     {"fp32", json_of(record.fp32)},
          {"fp16", json_of(record.fp16)},    {"load_seconds", optional(record.load_seconds)},
          {"prefill_tokens_per_second", optional(record.prompt_rate)},
          {"decode_tokens_per_second", optional(record.rate)},
          {"placed_share", optional(placed_share(record))},
          {"functions", functions},          {"placement", facts}};
}

ExitCode run_report(const ReportArguments& arguments) {
  std::vector<DeviceRecord> records;
  for (const std::string& path : arguments.files) {
    for (DeviceRecord& record : parse_device_report(disk().read_text(path), path)) records.push_back(std::move(record));
  }
  if (arguments.output.json) {
    OrderedJson list = OrderedJson::array();
    for (const DeviceRecord& record : records) list.push_back(json_of(record));
    print_json(list);
  } else if (!arguments.output.quiet) {
    print_records(records, arguments.output.verbose);
  }
  const auto failed = [](const DeviceRecord& record) { return record.passed == false; };
  return std::any_of(records.begin(), records.end(), failed) ? ExitCode::check_failed : ExitCode::ok;
}

}  // namespace

void add_report_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand("report", "show what devices measured, and where lint was right");
  command->add_option("report", arguments->files, "reports of scripts/check-on-mac, cortland-swift or the app")
      ->option_text("REPORT.json...")
      ->required();
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland report report.json\n\n"
      "Exit code 1 when a check failed. PSNR and argmax are against the interpreter's fp32 math.");
  command->callback([arguments, &action] { action = [arguments] { return run_report(*arguments); }; });
}

}  // namespace cortland
