// What every subcommand shares.
#pragma once

#include <functional>
#include <string>

#include "cli/console.h"

namespace CLI {
class App;
}

namespace cortland {

// What the shell sees; interrupted as shells themselves count it (128 + SIGINT).
enum class ExitCode { ok = 0, check_failed = 1, usage = 2, unsupported = 3, bad_input = 4, no_resources = 5, interrupted = 130 };

// The options that say how much is printed.
struct OutputOptions {
  bool json = false, quiet = false, verbose = false;

  Verbosity verbosity() const {
    return json || quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
  }
};
void add_output_options(CLI::App& command, OutputOptions& options);

// What a subcommand does when it is chosen. Its errors become exit codes in main().
using Action = std::function<ExitCode()>;

// Each adds its subcommand; `action` is set when the command line names it, and `output` to the options it then has.
void add_convert_command(CLI::App& app, Action& action, OutputOptions& output);
void add_inspect_command(CLI::App& app, Action& action, OutputOptions& output);
void add_verify_command(CLI::App& app, Action& action, OutputOptions& output);

}  // namespace cortland
