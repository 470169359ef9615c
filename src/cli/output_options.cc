#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace cortland {

void add_output_options(CLI::App& command, OutputOptions& options) {
  CLI::Option* json = command.add_flag("--json", options.json, "print one JSON object to stdout and nothing else");
  CLI::Option* quiet = command.add_flag("-q,--quiet", options.quiet, "print nothing but errors");
  CLI::Option* verbose = command.add_flag("-v,--verbose", options.verbose, "tell every decision");
  quiet->excludes(verbose)->excludes(json);
}

}  // namespace cortland
