// cortland bench: how fast the interpreter runs a package.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/parallel.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/generation_options.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/speed.h"

namespace cortland {
namespace {

struct BenchArguments {
  SpeedRequest request;
  int64_t threads = 0;
  OutputOptions output;
};

OrderedJson json_of(const SpeedSample& sample) {
  if (sample.seconds.empty()) return nullptr;
  return {{"tokens", sample.tokens},
          {"seconds", sample.seconds},
          {"tokens_per_second", sample.mean()},
          {"deviation", sample.deviation()}};
}

void print_sample(std::string_view name, const SpeedSample& sample) {
  if (sample.seconds.empty()) return;
  print_result("  {:<10}{:.2f} +- {:.2f} tokens/s   {} tokens, {}\n", name, sample.mean(), sample.deviation(),
               sample.tokens, plural_text(sample.seconds.size(), "round"));
}

ExitCode run_bench(const BenchArguments& arguments) {
  ConsoleProgress progress(arguments.output.verbosity());
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  const SpeedReport report = measure_speed(disk(), arguments.request, progress);
  progress.finish();
  const uint64_t memory = peak_memory_bytes();
  if (arguments.output.json) {
    print_json({{"package", arguments.request.package},
                {"runs_on", "the interpreter"},
                {"math", arguments.request.math == Math::fp32 ? "fp32" : "fp16"},
                {"load_seconds", report.load_seconds},
                {"prefill", json_of(report.prefill)},
                {"decode", json_of(report.decode)},
                {"weight_bytes", report.weight_bytes},
                {"peak_memory_bytes", memory}});
    return ExitCode::ok;
  }
  print_result("{}, run by the interpreter on this machine's CPU; a device has other speeds\n",
               arguments.request.package);
  print_sample("prefill", report.prefill);
  print_sample("decode", report.decode);
  print_result("  {:<10}{}\n", "load", seconds_text(report.load_seconds));
  print_result("  {:<10}{} at the peak, {} of weights on disk\n", "memory", size_text(memory),
               size_text(report.weight_bytes));
  return ExitCode::ok;
}

}  // namespace

void add_bench_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<BenchArguments>();
  SpeedRequest& request = arguments->request;
  constexpr NumberRange kRounds{1, 1000};
  CLI::App* command = app.add_subcommand("bench", "measure how fast the interpreter runs a package");
  add_text(*command, "package", "NAME.mlpackage|NAME/", request.package, "the package, or a bundle")->required();
  add_number(*command, "-p,--prompt-tokens", request.prompt_tokens, {0, kMaxTokens},
             "tokens of a prompt, read without the logits behind it; 0: none");
  add_number(*command, "-g,--new-tokens", request.new_tokens, {0, kMaxTokens},
             "tokens decoded one by one, from an empty cache; 0: none");
  add_number(*command, "-n,--rounds", request.repetitions, kRounds,
             "rounds of each, behind one that is not counted");
  add_context_option(*command, request.context, "room for the prompt, and for the new tokens");
  add_interpreter_options(*command, request.math, arguments->threads);
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland bench Demo.mlpackage -p 128 -g 64 -n 3\n\n"
      "This is the speed of the interpreter that proves packages, and no guess at that of a device: cortland-swift bench measures there.");
  command->callback([arguments, &action] { action = [arguments] { return run_bench(*arguments); }; });
}

}  // namespace cortland
