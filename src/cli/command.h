// What every subcommand shares.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "cli/console.h"

namespace CLI {
class App;
}

namespace cortland {

// What the shell sees. Ended by a signal: 128 and its number, as shells themselves count.
enum class ExitCode {
  ok = 0, check_failed = 1, usage = 2, unsupported = 3, bad_input = 4, no_resources = 5,
  hung_up = 129, interrupted = 130, broken_pipe = 141, terminated = 143,
};
ExitCode exit_code_of(ErrorCode code);

// The options that say how much is printed.
struct OutputOptions {
  bool json = false, quiet = false, verbose = false;

  Verbosity verbosity() const {
    return json || quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  }
};

// What a subcommand does when it is chosen. Its errors become exit codes in main().
using Action = std::function<ExitCode()>;

// Each adds its subcommand; `action` is set when the command line names it.
void add_bench_command(CLI::App& app, Action& action);
void add_chat_command(CLI::App& app, Action& action);
void add_convert_command(CLI::App& app, Action& action);
void add_diff_command(CLI::App& app, Action& action);
void add_download_command(CLI::App& app, Action& action);
void add_expect_command(CLI::App& app, Action& action);
void add_inspect_command(CLI::App& app, Action& action);
void add_lint_command(CLI::App& app, Action& action);
void add_models_command(CLI::App& app, Action& action);
void add_perplexity_command(CLI::App& app, Action& action);
void add_presets_command(CLI::App& app, Action& action);
void add_quantize_command(CLI::App& app, Action& action);
void add_report_command(CLI::App& app, Action& action);
void add_run_command(CLI::App& app, Action& action);
void add_text_commands(CLI::App& app, Action& action);  // tokenize, detokenize, template
void add_verify_command(CLI::App& app, Action& action);

}  // namespace cortland
