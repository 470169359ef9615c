// cortland perplexity: how well a package predicts a text.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "cli/command.h"
#include "cli/generation_options.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/perplexity.h"

namespace cortland {
namespace {

struct PerplexityArguments {
  std::string package, file;
  std::optional<int64_t> window;
  ModelArguments model;
  OutputOptions output;
};

OrderedJson number(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

ExitCode run_perplexity(const PerplexityArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  ConsoleProgress progress(arguments.output.verbosity());
  const ThreadLimit limit(static_cast<int>(arguments.model.threads));
  const PerplexityRequest request{.paths = arguments.model.paths(arguments.package),
                                  .file = arguments.file,
                                  .context = arguments.model.context,
                                  .window = arguments.window,
                                  .math = arguments.model.math};
  const PerplexityReport report = measure_perplexity(disk(), request, progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (arguments.output.json) {
    print_json({{"package", arguments.package},
                {"file", arguments.file},
                {"math", arguments.model.math == Math::fp32 ? "fp32" : "fp16"},
                {"window", report.window},
                {"tokens", report.tokens},
                {"windows", report.windows},
                {"predicted_tokens", report.predicted_tokens},
                {"mean_nll", number(report.mean_nll())},
                {"perplexity", number(report.perplexity())},
                {"seconds", seconds}});
  } else {
    print_result("perplexity {:.4f} ({:.4f} nats a token) over {} in {} of {}; {}\n", report.perplexity(),
                 report.mean_nll(), plural_text(report.predicted_tokens, "token"),
                 plural_text(report.windows, "window"), report.window, seconds_text(seconds));
  }
  return ExitCode::ok;
}

}  // namespace

void add_perplexity_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<PerplexityArguments>();
  CLI::App* command = app.add_subcommand("perplexity", "measure how well a package predicts a text");
  add_text(*command, "package", "NAME.mlpackage|NAME/", arguments->package,
           "the package, with NAME.text beside it, or a bundle")
      ->required();
  add_text(*command, "-f,--file", "FILE", arguments->file, "the text, UTF-8")->required();
  add_number(*command, "--window", arguments->window, {2, kMaxTokens},
             "tokens that are read as one piece; default: the context of the package");
  add_model_options(*command, arguments->model, "room for the window, or the largest");
  add_output_options(*command, arguments->output);
  command->footer("  cortland perplexity Demo.mlpackage -f story.txt");
  command->callback([arguments, &action] { action = [arguments] { return run_perplexity(*arguments); }; });
}

}  // namespace cortland
