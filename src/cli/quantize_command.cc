#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/parallel.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/precision_options.h"
#include "cli/standard_output.h"
#include "pipeline/quantize.h"

namespace cortland {
namespace {

struct QuantizeArguments {
  QuantizeRequest request;
  int64_t threads = 0;
  OutputOptions output;
};

OrderedJson json_of(const QuantizeSummary& summary, double seconds) {
  return {{"input", summary.input.shown()},
          {"output", summary.output.package},
          {"text", summary.has_text ? OrderedJson(summary.output.text) : OrderedJson(nullptr)},
          {"precision", summary.precision},
          {"matrices", summary.matrices},
          {"kept", summary.kept},
          {"fallbacks", summary.fallbacks},
          {"bytes",
           {{"input_weights", summary.input_bytes},
            {"weights", summary.written.weight_bytes},
            {"total", summary.written.total_bytes}}},
          {"seconds", seconds},
          {"peak_memory_bytes", peak_memory_bytes()}};
}

void print_summary(const QuantizeSummary& summary, double seconds) {
  const auto row = [](std::string_view name, const std::string& text) { print_result("  {:<10}{}\n", name, text); };
  print_result("Wrote {}\n", summary.output.package);
  row("precision", fmt::format("{}: {} matrices, {} stay float16", summary.precision, summary.matrices, summary.kept));
  row("weights", fmt::format("{} of {}", size_text(summary.written.weight_bytes), size_text(summary.input_bytes)));
  row("memory", fmt::format("{} at the peak", size_text(peak_memory_bytes())));
  row("time", seconds_text(seconds));
  print_result("Next: cortland verify {} --against CHECKPOINT\n", shell_text(summary.output.package));
}

ExitCode run_quantize(const QuantizeArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  ConsoleProgress progress(arguments.output.verbosity());
  catch_interrupts();
  const QuantizeSummary summary = quantize_package(disk(), arguments.request, progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (arguments.output.json) {
    print_json(json_of(summary, seconds));
  } else if (!arguments.output.quiet) {
    print_summary(summary, seconds);
  }
  return ExitCode::ok;
}

}  // namespace

void add_quantize_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<QuantizeArguments>();
  CLI::App* command =
      app.add_subcommand("quantize", "make the weights of a float16 package smaller, without its checkpoint");
  arguments->request.precision.precision = "int8";
  add_text(*command, "package", "NAME.mlpackage", arguments->request.input, "the package to read; it is not changed")
      ->required();
  add_text(*command, "-o,--output", "NAME.mlpackage REQUIRED", arguments->request.output, "the package to write")
      ->required();
  add_precision_options(*command, arguments->request.precision);
  command->add_flag(
      "--strict", arguments->request.strict,
      "refuse (exit code 3) what the systems of the package cannot have, instead of writing the nearest form");
  command->add_flag("--overwrite", arguments->request.overwrite, "replace an existing package, in one step");
  add_number(*command, "--threads", arguments->threads, kThreads, "0: one per core; the bytes do not depend on it");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland quantize Demo.mlpackage -o Demo-lut4.mlpackage --precision lut4\n\n"
      "Converting the checkpoint with --precision gives the same codes or better ones: it starts from all bits of the weights.");
  command->callback([arguments, &action] { action = [arguments] { return run_quantize(*arguments); }; });
}

}  // namespace cortland
