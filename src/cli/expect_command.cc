#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "cli/command.h"
#include "cli/generation_options.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/expectation.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

struct ExpectArguments {
  ExpectationRequest request;
  std::string output, ids_file;
  int64_t threads = 0;
  OutputOptions options;
};

ExitCode run_expect(ExpectArguments& arguments) {
  if (!arguments.ids_file.empty()) {
    arguments.request.ids = parse_ids(disk().read_text(arguments.ids_file), arguments.ids_file);
  }
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  ConsoleProgress progress(arguments.output.empty() ? Verbosity::quiet : arguments.options.verbosity());
  const Expectation expectation = expect_of(disk(), arguments.request, progress);
  progress.finish();
  if (arguments.output.empty()) {
    write_result(expectation_text(expectation));
    return ExitCode::ok;
  }
  disk().write_text(arguments.output, expectation_text(expectation));
  const auto positions = static_cast<int64_t>(expectation.positions.size());
  if (arguments.options.json) {
    print_json({{"output", arguments.output}, {"package", arguments.request.package}, {"positions", positions}});
  } else if (!arguments.options.quiet) {
    print_result("{}: logits of {} for a prompt of {} and {} behind it; fp16 math has a PSNR of {:.1f} dB\n",
                 arguments.output, expectation.package,
                 plural_text(static_cast<size_t>(expectation.prompt_tokens), "token"), positions - 1,
                 expectation.fp16_math.psnr_db);
  }
  return ExitCode::ok;
}

}  // namespace

void add_expect_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExpectArguments>();
  ExpectationRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("expect", "write down what a device must compute, for cortland-swift check");
  add_text(*command, "package", "NAME.mlpackage|NAME/", request.package, "the package, or a bundle")->required();
  add_text(*command, "-o,--output", "FILE", arguments->output, "the file to write; default: standard output");
  add_number(*command, "-p,--prompt-tokens", request.prompt_tokens, {1, kMaxTokens},
             "tokens that go in as a prompt");
  add_number(*command, "-g,--new-tokens", request.new_tokens, {0, kMaxTokens},
             "tokens that go in one by one behind it");
  add_text(*command, "--ids", "FILE", arguments->ids_file,
           "a file of token ids to use; default: a short text that the program brings along");
  add_context_option(*command, request.context, "the largest");
  add_number(*command, "--threads", arguments->threads, kThreads, "0: one per core");
  add_output_options(*command, arguments->options);
  command->footer(
      "  cortland expect Demo.mlpackage -o Demo.expected.json\n\n"
      "The interpreter computes every value twice, in fp32 and in fp16 math. scripts/check-on-mac does all of it.");
  command->callback([arguments, &action] { action = [arguments] { return run_expect(*arguments); }; });
}

}  // namespace cortland
