#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/inspect.h"

namespace cortland {
namespace {

// --verbose and --json have all of it.
constexpr size_t kShownMetadata = 160;  // bytes of an entry
constexpr size_t kShownFindings = 3;    // of each rule

struct InspectArguments {
  std::string path;
  bool ops = false;
  OutputOptions output;
};

OrderedJson json_of(const std::vector<DTypeTotal>& totals) {
  OrderedJson list = OrderedJson::array();
  for (const DTypeTotal& t : totals) list.push_back({{"dtype", t.dtype}, {"count", t.count}, {"bytes", t.bytes}});
  return list;
}

OrderedJson json_of(const std::vector<std::pair<std::string, std::string>>& values) {
  OrderedJson list = OrderedJson::array();
  for (const auto& [name, type] : values) list.push_back({{"name", name}, {"type", type}});
  return list;
}

// An entry that is JSON itself is shown as such.
OrderedJson metadata_value(const std::string& text) {
  const OrderedJson parsed = read_if_json(text);
  return parsed.is_structured() ? parsed : OrderedJson(text);
}

OrderedJson json_of(const PackageView& view, bool ops) {
  OrderedJson functions = OrderedJson::array(), findings = OrderedJson::array(), metadata = OrderedJson::object();
  for (const FunctionView& f : view.functions) {
    OrderedJson operations = OrderedJson::object();
    for (const auto& [kind, count] : f.operations) operations[kind] = count;
    functions.push_back({{"name", f.name},
                         {"opset", f.opset},
                         {"inputs", json_of(f.inputs)},
                         {"outputs", json_of(f.outputs)},
                         {"states", json_of(f.states)},
                         {"operations", operations}});
    if (ops) functions.back()["text"] = f.text;
  }
  for (const FindingView& f : view.findings) {
    findings.push_back({{"rule", f.rule}, {"where", f.where}, {"message", f.message}});
  }
  for (const auto& [key, text] : view.metadata) metadata[key] = metadata_value(text);
  return {{"kind", "package"},
          {"specification_version", view.specification_version},
          {"default_function", view.default_function},
          {"description", view.short_description},
          {"version", view.version},
          {"functions", functions},
          {"weights", json_of(view.weights)},
          {"bytes", {{"total", view.total_bytes}, {"weight_file", view.weight_file_bytes}}},
          {"metadata", metadata},
          {"findings", findings}};
}

// Of a model in parts, each of them.
OrderedJson json_of(const std::vector<PackageView>& views, bool ops) {
  if (views.size() == 1) return json_of(views.front(), ops);
  OrderedJson parts = OrderedJson::array();
  uint64_t bytes = 0;
  for (const PackageView& view : views) {
    parts.push_back(json_of(view, ops));
    parts.back()["path"] = view.path;
    bytes += view.total_bytes;
  }
  return {{"kind", "parts"}, {"bytes", {{"total", bytes}}}, {"parts", parts}};
}

OrderedJson json_of(const CheckpointView& view) {
  OrderedJson tensors = OrderedJson::array();
  for (const auto& t : view.tensors) {
    tensors.push_back({{"name", t.name}, {"dtype", t.dtype}, {"shape", t.shape}, {"file", t.file}, {"bytes", t.bytes}});
  }
  return {{"kind", "checkpoint"}, {"model", view.description}, {"problems", view.problems},
          {"weights", json_of(view.weights)}, {"bytes", {{"total", view.total_bytes}}}, {"tensors", tensors}};
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& values) {
  std::string text;
  for (const auto& [name, type] : values) text += (text.empty() ? "" : ", ") + name + " " + type;
  return text.empty() ? "none" : text;
}

void print_totals(const std::vector<DTypeTotal>& totals, std::string_view what) {
  for (const DTypeTotal& t : totals) {
    print_result("  {:<10}{} of {}, {}\n", "weights", plural_text(t.count, what), t.dtype, size_text(t.bytes));
  }
}

void print_function(const FunctionView& function, bool is_default) {
  print_result("  {:<10}{}{}\n", "function", function.name, is_default ? " (default)" : "");
  const auto row = [](std::string_view name, const std::string& text) { print_result("    {:<8}{}\n", name, text); };
  row("inputs", joined(function.inputs));
  row("outputs", joined(function.outputs));
  row("states", joined(function.states));
  std::string operations;
  for (const auto& [kind, count] : function.operations) {
    operations += fmt::format("{}{} {}", operations.empty() ? "" : ", ", count, kind);
  }
  row(function.opset, operations);
}

void print_metadata(const PackageView& view, bool whole) {
  bool is_cut = false;
  for (const auto& [key, text] : view.metadata) {
    print_result("  {:<10}{} = {}\n", "metadata", key, printable(text, whole ? text.size() : kShownMetadata));
    is_cut = is_cut || (!whole && text.size() > kShownMetadata);
  }
  if (is_cut) print_result("  {:<10}... is cut; hint: --verbose shows the whole\n", "");
}

// Where and what. Some messages name the place themselves.
std::string finding_text(const FindingView& finding) {
  return finding.message.starts_with(finding.where + ":") ? finding.message : finding.where + ": " + finding.message;
}

// The findings of a rule stand together, in the order of the rules' first findings.
void print_findings(const std::vector<FindingView>& findings, bool all) {
  std::vector<std::vector<const FindingView*>> groups;
  for (const FindingView& finding : findings) {
    const auto is_same = [&](const auto& group) { return group[0]->rule == finding.rule; };
    const auto group = std::find_if(groups.begin(), groups.end(), is_same);
    (group == groups.end() ? groups.emplace_back() : *group).push_back(&finding);
  }
  for (const auto& group : groups) {
    const size_t shown = all ? group.size() : std::min(group.size(), kShownFindings);
    for (size_t i = 0; i < shown; ++i) {
      print_result("  {:<10}[{}] {}\n", "WRONG", group[i]->rule, finding_text(*group[i]));
    }
    if (shown < group.size()) print_result("  {:<10}[{}] and {} more\n", "", group[0]->rule, group.size() - shown);
  }
  if (groups.empty()) {
    print_result("No rule is broken.\n");
  } else {
    print_result("{} {} broken.\n", plural_text(groups.size(), "rule"), groups.size() == 1 ? "is" : "are");
  }
}

void print_package(const InspectArguments& arguments, const std::string& path, const PackageView& view) {
  // What cannot be read has no version.
  const std::string version = view.specification_version == 0
                                  ? "cannot be read"
                                  : fmt::format("specification version {}", view.specification_version);
  print_result("{}: {}, {}\n", path, size_text(view.total_bytes), version);
  if (!view.short_description.empty()) print_result("  {:<10}{}\n", "about", view.short_description);
  for (const FunctionView& f : view.functions) print_function(f, f.name == view.default_function);
  print_totals(view.weights, "blob");
  print_metadata(view, arguments.output.verbose);
  if (arguments.ops) {
    for (const FunctionView& f : view.functions) print_result("\n{}", f.text);
  }
  print_findings(view.findings, arguments.output.verbose);
}

void print_tensors(const std::vector<CheckpointView::Tensor>& tensors) {
  size_t width = 0;
  for (const auto& t : tensors) width = std::max(width, t.file.size());
  for (const auto& t : tensors) print_result("  {:<{}}  {} {} {}\n", t.file, width, t.name, t.dtype, t.shape);
}

void print_checkpoint(const InspectArguments& arguments, const CheckpointView& view) {
  const std::string tensors = plural_text(view.tensors.size(), "tensor");
  print_result("{}: {} in {}\n", arguments.path, size_text(view.total_bytes), tensors);
  for (const std::string& line : view.description) print_result("  {:<10}{}\n", "model", line);
  print_totals(view.weights, "tensor");
  if (arguments.ops || arguments.output.verbose) print_tensors(view.tensors);
  for (const std::string& problem : view.problems) print_result("  {:<10}{}\n", "WRONG", problem);
  print_result("This checkpoint {} be converted.\n", view.problems.empty() ? "can" : "cannot");
}

ExitCode run_inspect(const InspectArguments& arguments) {
  const OutputOptions& output = arguments.output;
  const auto finish = [&](const OrderedJson& json, const auto& print, ExitCode code) {
    if (output.json) {
      print_json(json);
    } else if (!output.quiet) {
      print();
    }
    return code;
  };
  if (is_package(disk(), arguments.path)) {
    const std::vector<PackageView> views = inspect_packages(disk(), arguments.path);
    const auto print = [&] {
      // A model in one package is called as the user calls it.
      for (const PackageView& view : views) {
        print_package(arguments, views.size() == 1 ? arguments.path : view.path, view);
      }
    };
    const bool is_good =
        std::all_of(views.begin(), views.end(), [](const PackageView& view) { return view.findings.empty(); });
    return finish(json_of(views, arguments.ops), print, is_good ? ExitCode::ok : ExitCode::check_failed);
  }
  const CheckpointView view = inspect_checkpoint(disk(), arguments.path);
  return finish(json_of(view), [&] { print_checkpoint(arguments, view); },
                view.failure ? exit_code_of(*view.failure) : ExitCode::ok);
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command =
      app.add_subcommand("inspect", "show what is in a package or a checkpoint, and what is wrong with it");
  add_text(*command, "path", "PATH", arguments->path, "a package, a checkpoint folder, or a Hub id in the local cache")
      ->required();
  command->add_flag("--ops", arguments->ops, "list every operation of a package, or every tensor of a checkpoint");
  add_output_options(*command, arguments->output);
  command->footer("  cortland inspect Demo.mlpackage --ops | less");
  command->callback([arguments, &action] { action = [arguments] { return run_inspect(*arguments); }; });
}

}  // namespace cortland
