#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/json.h"
#include "base/parallel.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/model_diff.h"

namespace cortland {
namespace {

// --verbose and --json have all of it.
constexpr size_t kShownLines = 8;  // of each part
constexpr size_t kShownText = 60;  // bytes of a text

struct DiffArguments {
  std::string first, second;
  int64_t threads = 0;
  OutputOptions output;
};

OrderedJson json_of(const std::vector<TextChange>& changes) {
  OrderedJson list = OrderedJson::array();
  for (const TextChange& c : changes) list.push_back({{"what", c.what}, {"first", c.first}, {"second", c.second}});
  return list;
}

OrderedJson json_of(const FunctionChange& function) {
  constexpr std::string_view kKinds[] = {"changed", "only_first", "only_second"};
  OrderedJson changes = OrderedJson::array();
  for (const OperationChange& c : function.program.changes) {
    changes.push_back({{"kind", kKinds[static_cast<size_t>(c.kind)]},
                       {"type", c.type},
                       {"first", c.first},
                       {"second", c.second},
                       {"what", c.what}});
  }
  return {{"name", function.name},
          {"equal", function.is_equal()},
          {"interface", json_of(function.interface)},
          {"operations", {{"first", function.program.first_operations}, {"second", function.program.second_operations},
                          {"same", function.program.same}, {"moved", function.program.moved}}},
          {"changes", changes},
          {"outputs", function.program.outputs}};
}

OrderedJson json_of(const WeightChange& w) {
  const auto finite = [](double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); };
  return {{"relation", to_string(w.difference.relation)},
          {"first", w.first}, {"second", w.second}, {"shape", w.shape},
          {"first_form", w.first_form}, {"second_form", w.second_form},
          {"first_bytes", w.first_bytes}, {"second_bytes", w.second_bytes},
          {"exponent", w.difference.exponent},
          {"snr_db", finite(w.difference.snr_db)}, {"max_abs", finite(w.difference.max_abs)}};
}

using WeightCounts = std::map<WeightRelation, size_t>;

OrderedJson json_of(const WeightCounts& counts) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [relation, count] : counts) json[std::string(to_string(relation))] = count;
  return json;
}

OrderedJson json_of(const std::array<PackageSizes, 2>& both) {
  OrderedJson sizes = OrderedJson::array();
  for (const PackageSizes& s : both) {
    sizes.push_back({{"total", s.total}, {"model", s.model}, {"weight_file", s.weights}});
  }
  return sizes;
}

void add_view(OrderedJson& json, const DiffView& view) {
  OrderedJson functions = OrderedJson::array(), weights = OrderedJson::array();
  for (const FunctionChange& f : view.functions) functions.push_back(json_of(f));
  for (const WeightChange& w : view.weights) weights.push_back(json_of(w));
  json["equal"] = view.is_equal();
  json["description"] = json_of(view.description);
  json["metadata"] = json_of(view.metadata);
  json["functions"] = functions;
  json["only_first"] = view.only_first;
  json["only_second"] = view.only_second;
  json["weight_counts"] = json_of(view.weight_counts);
  json["weights"] = weights;
  json["bytes"] = json_of(view.sizes);
}

OrderedJson json_of(const DiffArguments& arguments, const ModelDiff& diff) {
  OrderedJson json = {{"first", arguments.first}, {"second", arguments.second}};
  if (!diff.is_cut()) {
    add_view(json, diff.parts.front().view);
    json["equal"] = diff.is_equal();
  } else {
    OrderedJson parts = OrderedJson::array();
    for (const PartDiff& part : diff.parts) {
      OrderedJson one = {{"name", part.name}};
      add_view(one, part.view);
      parts.push_back(one);
    }
    json["equal"] = diff.is_equal();
    json["parts"] = parts;
    json["only_first"] = diff.only_first;
    json["only_second"] = diff.only_second;
    json["weight_counts"] = json_of(diff.weight_counts());
    json["bytes"] = json_of(diff.sizes());
  }
  if (const auto& embedding = diff.embedding) {
    json["embedding"] = {{"equal", embedding->is_equal()}, {"bytes", embedding->bytes}, {"sha256", embedding->digests}};
  }
  return json;
}

class Printer {
 public:
  explicit Printer(bool all) : all_(all) {}

  // Some lines under a heading, and how many more there are.
  void list(std::string_view heading, const std::vector<std::string>& lines) const {
    if (lines.empty()) return;
    print_result("{}\n", heading);
    const size_t shown = all_ ? lines.size() : std::min(lines.size(), kShownLines);
    for (size_t i = 0; i < shown; ++i) print_result("  {}\n", lines[i]);
    if (shown < lines.size()) print_result("  and {} more; hint: --verbose shows them\n", lines.size() - shown);
  }

  std::string line(const TextChange& change) const {
    const auto text = [&](const std::string& value) {
      return value.empty() ? std::string("nothing") : printable(value, all_ ? value.size() : kShownText);
    };
    return fmt::format("{}: {} -> {}", change.what, text(change.first), text(change.second));
  }

  std::vector<std::string> lines(const std::vector<TextChange>& changes) const {
    std::vector<std::string> list;
    for (const TextChange& change : changes) list.push_back(line(change));
    return list;
  }

 private:
  bool all_;
};

// What happened to many operations alike stands in one line, with the name of the first.
std::vector<std::string> operation_lines(const FunctionDiff& program) {
  struct Group {
    std::string text, name;
    size_t count = 0;
  };
  std::vector<Group> groups;
  for (const OperationChange& c : program.changes) {
    const bool is_first = c.kind == OperationChange::Kind::only_first;
    const std::string lone = fmt::format("{}: only in the {}", c.type, is_first ? "first" : "second");
    const std::string text =
        c.kind == OperationChange::Kind::changed ? fmt::format("{}: {}", c.type, fmt::join(c.what, ", ")) : lone;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.text == text; });
    Group& group =
        same == groups.end() ? groups.emplace_back(Group{text, c.first.empty() ? c.second : c.first, 0}) : *same;
    ++group.count;
  }
  std::vector<std::string> lines;
  for (const Group& g : groups) {
    lines.push_back(
        fmt::format("{}   ({}{})", g.text, g.name, g.count > 1 ? fmt::format(" and {} more", g.count - 1) : ""));
  }
  for (const std::string& name : program.outputs) {
    lines.push_back(fmt::format("output {}: made by another operation", name));
  }
  return lines;
}

std::string weight_line(const WeightChange& w) {
  const std::string& name = w.first.empty() ? w.second : w.first;
  const std::string forms =
      w.first_form == w.second_form ? w.first_form : fmt::format("{} -> {}", w.first_form, w.second_form);
  switch (w.difference.relation) {
    case WeightRelation::only_first: return fmt::format("{} {}: only in the first, {}", name, w.shape, w.first_form);
    case WeightRelation::only_second: return fmt::format("{} {}: only in the second, {}", name, w.shape, w.second_form);
    case WeightRelation::reshaped: return fmt::format("{}: {}, {}", name, w.shape, forms);
    case WeightRelation::recoded: return fmt::format("{} {}: {}, the same values", name, w.shape, forms);
    case WeightRelation::scaled:
      return fmt::format("{} {}: {}, times 2^{}", name, w.shape, forms, w.difference.exponent);
    default: break;
  }
  return fmt::format("{} {}: {}, {}SNR {:.1f} dB, largest difference {:.3g}", name, w.shape, forms,
                     w.difference.relation == WeightRelation::changed ? "other values, " : "", w.difference.snr_db,
                     w.difference.max_abs);
}

std::string counts_text(const WeightCounts& counts) {
  constexpr std::pair<WeightRelation, std::string_view> kWords[] = {
      {WeightRelation::equal, "equal"},          {WeightRelation::recoded, "the same in another form"},
      {WeightRelation::scaled, "times a power of two"},
      {WeightRelation::quantized, "quantized"},  {WeightRelation::changed, "changed"},
      {WeightRelation::reshaped, "reshaped"},    {WeightRelation::only_first, "only in the first"},
      {WeightRelation::only_second, "only in the second"}};
  std::vector<std::string> parts;
  for (const auto& [relation, word] : kWords) {
    const auto it = counts.find(relation);
    if (it != counts.end()) parts.push_back(fmt::format("{} {}", it->second, word));
  }
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

void print_sizes(const std::array<PackageSizes, 2>& sizes) {
  const auto [a, b] = sizes;
  print_result("size: {} -> {}, of that weights {} -> {}\n", size_text(a.total), size_text(b.total),
               size_text(a.weights), size_text(b.weights));
}

void print_view(const Printer& printer, const DiffView& view) {
  printer.list("description", printer.lines(view.description));
  printer.list("metadata", printer.lines(view.metadata));
  for (const std::string& name : view.only_first) print_result("function {}: only in the first\n", name);
  for (const std::string& name : view.only_second) print_result("function {}: only in the second\n", name);
  for (const FunctionChange& f : view.functions) {
    const FunctionDiff& p = f.program;
    std::vector<std::string> lines = printer.lines(f.interface);
    for (std::string& line : operation_lines(p)) lines.push_back(std::move(line));
    const std::string counts =
        fmt::format("function {}: {} operations of {} and {} are the same{}", f.name, p.same, p.first_operations,
                    p.second_operations, p.moved > 0 ? fmt::format(", {} in another place", p.moved) : "");
    lines.empty() ? print_result("{}\n", counts) : printer.list(counts, lines);
  }
  std::vector<std::string> weights;
  for (const WeightChange& w : view.weights) weights.push_back(weight_line(w));
  const std::string heading = "weights: " + counts_text(view.weight_counts);
  weights.empty() ? print_result("{}\n", heading) : printer.list(heading, weights);
  print_sizes(view.sizes);
}

void print_embedding(const EmbeddingDiff& embedding) {
  const auto text = [](uint64_t bytes) { return bytes == 0 ? std::string("nothing") : size_text(bytes); };
  print_result("embedding.table: {}\n",
               embedding.is_equal() ? "equal"
                                    : fmt::format("{} -> {}, other bytes", text(embedding.bytes[0]), text(embedding.bytes[1])));
}

void print_diff(const DiffArguments& arguments, const ModelDiff& diff) {
  const Printer printer(arguments.output.verbose);
  print_result("{} -> {}\n", arguments.first, arguments.second);
  for (const PartDiff& part : diff.parts) {
    if (diff.is_cut()) print_result("\n{}: {}\n", part.name, part.view.is_equal() ? "equal" : "differs");
    if (!diff.is_cut() || !part.view.is_equal()) print_view(printer, part.view);
  }
  if (diff.is_cut()) print_result("\n");
  for (const std::string& name : diff.only_first) print_result("{}: only in the first\n", name);
  for (const std::string& name : diff.only_second) print_result("{}: only in the second\n", name);
  if (diff.embedding) print_embedding(*diff.embedding);
  if (diff.is_cut()) {
    print_result("all weights: {}\n", counts_text(diff.weight_counts()));
    print_sizes(diff.sizes());
  }
  print_result("{}\n", diff.is_equal() ? "The two are equal." : "The two differ.");
}

ExitCode run_diff(const DiffArguments& arguments) {
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  const ModelDiff diff = diff_models(disk(), arguments.first, arguments.second);
  if (arguments.output.json) {
    print_json(json_of(arguments, diff));
  } else if (!arguments.output.quiet) {
    print_diff(arguments, diff);
  }
  return diff.is_equal() ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_diff_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<DiffArguments>();
  CLI::App* command = app.add_subcommand("diff", "show what differs between two packages, or two bundles");
  add_text(*command, "first", "FIRST", arguments->first, "a package or a bundle, whoever wrote it")->required();
  add_text(*command, "second", "SECOND", arguments->second, "another")->required();
  add_number(*command, "--threads", arguments->threads, kThreads, "0: one per core");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland diff Demo.mlpackage Small.mlpackage\n\n"
      "Operations are compared by what they do and read, weights by value: names inside of functions and the order of operations\n"
      "that do not depend on each other count for nothing. Exit code 0: the two are equal; 1: they differ; others as everywhere.");
  command->callback([arguments, &action] { action = [arguments] { return run_diff(*arguments); }; });
}

}  // namespace cortland
