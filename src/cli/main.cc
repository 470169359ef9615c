// cortland: the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <new>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "pipeline/version.h"

namespace cortland {
namespace {

ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
    case ErrorCode::corrupt: return ExitCode::bad_input;
    case ErrorCode::unsupported: return ExitCode::unsupported;
    case ErrorCode::invalid: return ExitCode::usage;
    case ErrorCode::io: return ExitCode::no_resources;
  }
  return ExitCode::bad_input;
}

ExitCode report(const OutputOptions& output, std::string_view kind, const std::string& message, ExitCode code) {
  fmt::print(stderr, "cortland: {}\n", message);
  if (output.json) {
    fmt::print("{}\n", OrderedJson{{"error", {{"kind", kind}, {"message", message}}}}.dump(2, ' ', false, Json::error_handler_t::replace));
  }
  return code;
}

ExitCode run(int argc, char** argv) {
  CLI::App app{"Turns Hugging Face language models into Core ML packages, and proves them right without a Mac.", "cortland"};
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 1 a check failed, 2 usage, 3 unsupported model, 4 bad input, 5 out of disk or memory\n\n"
      "  cortland convert models/demo -o Demo.mlpackage\n"
      "  cortland verify Demo.mlpackage --against models/demo");
  Action action;
  OutputOptions output;
  add_convert_command(app, action, output);
  add_verify_command(app, action, output);
  add_inspect_command(app, action, output);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::ok : ExitCode::usage;
  }
  catch_interrupts();
  try {
    return action();
  } catch (const Error& error) {
    return report(output, error_code_name(error.code()), error.what(), exit_code_of(error.code()));
  } catch (const Interrupted&) {
    return report(output, "interrupted", "interrupted; nothing was left behind", ExitCode::interrupted);
  } catch (const std::bad_alloc&) {
    return report(output, "memory", "out of memory; hint: close other programs", ExitCode::no_resources);
  }
}

}  // namespace
}  // namespace cortland

int main(int argc, char** argv) { return static_cast<int>(cortland::run(argc, argv)); }
