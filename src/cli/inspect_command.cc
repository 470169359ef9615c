#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "pipeline/inspect.h"

namespace cortland {
namespace {

constexpr size_t kShownMetadata = 160;  // --json has all of it

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
  const OrderedJson parsed = OrderedJson::parse(text, nullptr, false);
  return parsed.is_object() ? parsed : OrderedJson(text);
}

OrderedJson json_of(const PackageView& view, bool ops) {
  OrderedJson functions = OrderedJson::array(), findings = OrderedJson::array(), metadata = OrderedJson::object();
  for (const FunctionView& f : view.functions) {
    OrderedJson operations = OrderedJson::object();
    for (const auto& [kind, count] : f.operations) operations[kind] = count;
    functions.push_back({{"name", f.name}, {"opset", f.opset}, {"inputs", json_of(f.inputs)}, {"outputs", json_of(f.outputs)},
                         {"states", json_of(f.states)}, {"operations", operations}});
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
  for (const DTypeTotal& t : totals) fmt::print("  {:<10}{} {} of {}, {}\n", "weights", t.count, what, t.dtype, size_text(t.bytes));
}

void print_package(const std::string& path, const PackageView& view, bool ops) {
  fmt::print("{}: {}, specification version {}\n", path, size_text(view.total_bytes), view.specification_version);
  if (!view.short_description.empty()) fmt::print("  {:<10}{}\n", "about", view.short_description);
  for (const FunctionView& f : view.functions) {
    fmt::print("  {:<10}{}{}\n", "function", f.name, f.name == view.default_function ? " (default)" : "");
    fmt::print("    {:<8}{}\n    {:<8}{}\n    {:<8}{}\n", "inputs", joined(f.inputs), "outputs", joined(f.outputs), "states",
               joined(f.states));
    std::string operations;
    for (const auto& [kind, count] : f.operations) operations += fmt::format("{}{} {}", operations.empty() ? "" : ", ", count, kind);
    fmt::print("    {:<8}{}\n", f.opset, operations);
  }
  print_totals(view.weights, "blobs");
  for (const auto& [key, text] : view.metadata) fmt::print("  {:<10}{} = {}\n", "metadata", key, printable(text, kShownMetadata));
  if (ops) {
    for (const FunctionView& f : view.functions) fmt::print("\n{}", f.text);
  }
  for (const FindingView& f : view.findings) fmt::print("  {:<10}[{}] {}: {}\n", "WRONG", f.rule, f.where, f.message);
  fmt::print("{}\n", view.findings.empty() ? "No rule is broken." : fmt::format("{} rules are broken.", view.findings.size()));
}

void print_checkpoint(const std::string& path, const CheckpointView& view, bool tensors) {
  fmt::print("{}: {} in {} tensors\n", path, size_text(view.total_bytes), view.tensors.size());
  for (const std::string& line : view.description) fmt::print("  {:<10}{}\n", "model", line);
  print_totals(view.weights, "tensors");
  if (tensors) {
    for (const auto& t : view.tensors) fmt::print("  {:<10}{} {} {}\n", t.file, t.name, t.dtype, t.shape);
  }
  for (const std::string& problem : view.problems) fmt::print("  {:<10}{}\n", "WRONG", problem);
  fmt::print("{}\n", view.problems.empty() ? "This checkpoint can be converted." : "This checkpoint cannot be converted.");
}

ExitCode run_inspect(const InspectArguments& arguments) {
  const OutputOptions& output = arguments.output;
  const auto finish = [&](const OrderedJson& json, const auto& print, bool good) {
    if (output.json) {
      fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
    } else if (!output.quiet) {
      print();
    }
    return good ? ExitCode::ok : ExitCode::check_failed;
  };
  if (is_package(disk(), arguments.path)) {
    const PackageView view = inspect_package(disk(), arguments.path);
    return finish(json_of(view, arguments.ops), [&] { print_package(arguments.path, view, arguments.ops); },
                  view.findings.empty());
  }
  const CheckpointView view = inspect_checkpoint(disk(), arguments.path);
  const bool all = arguments.ops || output.verbose;
  return finish(json_of(view), [&] { print_checkpoint(arguments.path, view, all); }, view.problems.empty());
}

}  // namespace

void add_inspect_command(CLI::App& app, Action& action, OutputOptions& output) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = app.add_subcommand("inspect", "show what is in a package or a checkpoint, and what is wrong with it");
  command->add_option("path", arguments->path, "a package, a checkpoint folder, or a Hub id in the local cache")->required();
  command->add_flag("--ops", arguments->ops, "list every operation of a package, or every tensor of a checkpoint");
  add_output_options(*command, arguments->output);
  command->footer("  cortland inspect Demo.mlpackage --ops | less");
  command->callback([arguments, &action, &output] {
    output = arguments->output;
    action = [arguments] { return run_inspect(*arguments); };
  });
}

}  // namespace cortland
