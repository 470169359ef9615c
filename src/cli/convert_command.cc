#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/process.h"
#include "cli/command.h"
#include "pipeline/convert.h"

namespace cortland {
namespace {

struct ConvertArguments {
  ConvertRequest request;
  std::string model_id, precision = "float16", profile = "ane", target = "iOS18";
  int threads = 0;
  bool dry_run = false;
  OutputOptions output;
};

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// One of the values that this version can do.
void require_choice(std::string_view option, const std::string& got, std::initializer_list<std::string_view> known) {
  for (const std::string_view value : known) {
    if (lower_case(got) == lower_case(std::string(value))) return;
  }
  fail(ErrorCode::unsupported, "{}: got {}, want {}; hint: other values are not supported by this version", option,
       printable(got), fmt::join(known, ", "));
}

OrderedJson json_of(const ConvertSummary& summary, bool written, double seconds) {
  OrderedJson functions = OrderedJson::array();
  for (const FunctionSummary& f : summary.functions) {
    functions.push_back({{"name", f.name}, {"inputs", f.inputs}, {"outputs", f.outputs}, {"states", f.states},
                         {"operations", f.operations}});
  }
  return {{"output", summary.output},
          {"written", written},
          {"source", {{"id", summary.source.id}, {"folder", summary.source.folder}, {"revision", summary.source.revision}}},
          {"model_type", summary.model_type},
          {"parameters", summary.parameters},
          {"context", summary.context},
          {"bits_per_weight", summary.bits_per_weight},
          {"bytes", {{"total", summary.written.total_bytes}, {"weights", summary.written.weight_bytes},
                     {"cache", summary.cache_bytes}, {"head_copy", summary.head_copy_bytes}}},
          {"blobs", summary.written.blobs},
          {"functions", functions},
          {"notes", summary.notes},
          {"seconds", seconds},
          {"peak_memory_bytes", peak_memory_bytes()}};
}

void print_summary(const ConvertSummary& summary, const ConvertArguments& arguments, double seconds) {
  const auto row = [](std::string_view name, const std::string& text) { fmt::print("  {:<10}{}\n", name, text); };
  fmt::print("{} {}\n", arguments.dry_run ? "Would write" : "Wrote", summary.output);
  row("model", fmt::format("{}, {} parameters ({})", summary.model_type, count_text(summary.parameters), summary.source.id));
  row("size", fmt::format("{}, {:.2f} bits per weight, {} weight blobs", size_text(summary.written.total_bytes),
                          summary.bits_per_weight, summary.written.blobs));
  row("context", fmt::format("{} tokens; the cache takes {} on the device", summary.context, size_text(summary.cache_bytes)));
  for (const FunctionSummary& f : summary.functions) {
    row(f.name, fmt::format("{}", fmt::join(f.inputs, ", ")));
    row("", fmt::format("-> {}   state {}   {} operations", fmt::join(f.outputs, ", "), fmt::join(f.states, ", "), f.operations));
  }
  row("memory", fmt::format("{} {}", size_text(peak_memory_bytes()),
                            arguments.dry_run ? "so far; writing adds a few tiles of 4 MB for each thread" : "at the peak"));
  row("time", seconds_text(seconds));
  const std::string source = arguments.request.source;
  if (arguments.dry_run) {
    fmt::print("Nothing was written. Next: the same command without --dry-run\n");
  } else {
    fmt::print("Next: cortland verify {} --against {}\n", summary.output, source);
  }
}

ExitCode run_convert(ConvertArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  require(arguments.request.source.empty() != arguments.model_id.empty(), ErrorCode::invalid,
          "convert: want one checkpoint, as CHECKPOINT or as --model-id; got {}",
          arguments.model_id.empty() ? "none" : "both");
  if (arguments.request.source.empty()) arguments.request.source = arguments.model_id;
  require_choice("--precision", arguments.precision, {"float16", "fp16"});
  require_choice("--profile", arguments.profile, {"ane"});
  require_choice("--target", arguments.target, {"iOS18", "macOS15", "iOS26", "macOS26"});
  const ThreadLimit limit(arguments.threads);
  ConsoleProgress progress(arguments.output.verbosity());
  Conversion conversion(disk(), arguments.request, progress);
  if (!arguments.dry_run) conversion.write(progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (arguments.output.json) {
    fmt::print("{}\n", json_of(conversion.summary(), !arguments.dry_run, seconds).dump(2));
  } else if (!arguments.output.quiet) {
    print_summary(conversion.summary(), arguments, seconds);
  }
  return ExitCode::ok;
}

}  // namespace

void add_convert_command(CLI::App& app, Action& action, OutputOptions& output) {
  auto arguments = std::make_shared<ConvertArguments>();
  ConvertRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("convert", "write a Core ML package from a checkpoint");
  command->add_option("checkpoint", request.source,
                      "checkpoint folder (config.json and safetensors), or a Hub id that is in the local Hugging Face cache");
  command->add_option("--model-id", arguments->model_id, "the same, by option");
  command->add_option("-o,--output", request.output, "the package to write; default: the name of the checkpoint + .mlpackage");
  command->add_option("--context,--max-seq-len", request.ane.context,
                      "tokens that the cache holds; rounded up to a power of two of at least 32")
      ->capture_default_str();
  command->add_option("--prefill", request.ane.prefill, "tokens that one call of the prefill function takes")
      ->capture_default_str();
  command->add_option("--precision", arguments->precision, "float16")->capture_default_str();
  command->add_option("--profile", arguments->profile, "ane: made for the Neural Engine")->capture_default_str();
  command->add_option("--target", arguments->target, "the oldest system that must run it: iOS18 (macOS15), iOS26 (macOS26)")
      ->capture_default_str();
  command
      ->add_option("--attention", request.ane.attention,
                   "matmul: separate operations, the safe choice for the Neural Engine; sdpa: the fused operation")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, AttentionForm>{{"matmul", AttentionForm::matmul}, {"sdpa", AttentionForm::sdpa}}, CLI::ignore_case))
      ->default_str("matmul");
  command->add_option("--head-splits", request.ane.head_splits,
                      "parts of the output head; default: as many as keep each within 16384 rows");
  command->add_flag("--dry-run", arguments->dry_run, "print the plan and write nothing");
  command->add_flag("--overwrite", request.overwrite, "replace an existing package, in one step");
  command->add_option("--threads", arguments->threads, "0: one per core; the bytes do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  add_output_options(*command, arguments->output);
  command->footer("  cortland convert models/demo -o Demo.mlpackage --context 512\n"
                  "  cortland convert --model-id LGAI-EXAONE/EXAONE-4.0-1.2B --max-seq-len 2048 --output X.mlpackage");
  command->callback([arguments, &action, &output] {
    output = arguments->output;
    action = [arguments] { return run_convert(*arguments); };
  });
}

}  // namespace cortland
