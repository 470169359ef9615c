// cortland: the command line.
#include <fmt/format.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/interrupt.h"
#include "cli/standard_output.h"
#include "pipeline/version.h"

namespace cortland {
namespace {

// The values of an operation come and go: to give their memory back each time, and to ask for it again, took a seventh
// of the time of a prompt. Left to itself, glibc does so with whatever lies at the end of the heap.
void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

ExitCode report(bool as_json, std::string_view kind, const std::string& message, ExitCode code) {
  print_message("cortland: " + message);
  if (as_json) print_json({{"error", {{"kind", kind}, {"message", message}}}});
  return code;
}

ExitCode run_command(const std::vector<std::string>& words) {
  CLI::App app{"Turns Hugging Face language models into Core ML packages, and proves them right without a Mac.",
               "cortland"};
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 1 a check failed, 2 usage, 3 unsupported model, 4 bad input,\n"
      "            5 out of disk or memory, or no network\n\n"
      "  cortland convert models/demo -o Demo.mlpackage\n"
      "  cortland verify Demo.mlpackage --against models/demo\n"
      "  cortland chat Demo.mlpackage");
  Action action;
  add_convert_command(app, action);
  add_download_command(app, action);
  add_quantize_command(app, action);
  add_verify_command(app, action);
  add_run_command(app, action);
  add_chat_command(app, action);
  add_perplexity_command(app, action);
  add_bench_command(app, action);
  add_inspect_command(app, action);
  add_lint_command(app, action);
  add_diff_command(app, action);
  add_expect_command(app, action);
  add_report_command(app, action);
  add_text_commands(app, action);
  add_models_command(app, action);
  add_presets_command(app, action);
  return read_command_line(app, words) ? action() : ExitCode::ok;
}

ExitCode run(const std::vector<std::string>& words) {
  // Asked of the words themselves: those that cannot be read are answered in JSON too.
  const bool as_json = std::find(words.begin(), words.end(), "--json") != words.end();
  try {
    return run_command(words);
  } catch (const Error& error) {
    return report(as_json, error_code_name(error.code()), error.what(), exit_code_of(error.code()));
  } catch (const Interrupted& interrupted) {
    const auto code = static_cast<ExitCode>(128 + interrupt_signal());
    return report(as_json, "interrupted", fmt::format("interrupted; {}", interrupted.consequence), code);
  } catch (const std::bad_alloc&) {
    return report(as_json, "memory", "out of memory; hint: close other programs", ExitCode::no_resources);
  } catch (const std::exception& error) {
    // Of libraries that find no threads or no memory, each with a type of its own.
    return report(as_json, "system", std::string("the system has too little left; ") + error.what(),
                  ExitCode::no_resources);
  }
}

}  // namespace

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

}  // namespace cortland

int main(int argc, char** argv) {
  cortland::keep_standard_numbers();
  cortland::ignore_write_signals();
  cortland::keep_freed_memory();
  const cortland::ExitCode code = cortland::run({argv + std::min(argc, 1), argv + argc});
  // Not through exit(): what libraries do there can fail or wait for ever when memory is short.
  std::_Exit(static_cast<int>(cortland::finish_output(code)));
}
