#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/fetch.h"

namespace cortland {
namespace {

struct DownloadArguments {
  std::string model;
  OutputOptions output;
};

ExitCode run_download(const DownloadArguments& arguments) {
  require(!arguments.model.empty(), ErrorCode::invalid,
          "download: got no model, want org/name; hint: cortland download --help");
  ConsoleProgress progress(arguments.output.verbosity());
  catch_interrupts();
  const SourceLocation location = fetch_source(arguments.model, progress);
  progress.finish();
  if (arguments.output.json) {
    print_json({{"id", location.id}, {"revision", location.revision}, {"folder", location.folder}});
  } else if (!arguments.output.quiet) {
    print_result("{}\n", location.folder);
  }
  return ExitCode::ok;
}

}  // namespace

void add_download_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<DownloadArguments>();
  CLI::App* command = app.add_subcommand("download", "fetch what a conversion needs of a model on the Hub");
  add_text(*command, "model", "ID[@REVISION]", arguments->model,
           "org/name, or org/name@ with a branch, a tag or a commit; prints the folder");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland download LGAI-EXAONE/EXAONE-4.0-1.2B\n\n"
      "Files go to the cache that all tools for the Hub share, and are checked against their digests. What was\n"
      "broken off goes on where it stopped. The environment decides as it does for other tools:\n"
      "  HF_TOKEN         for private and gated models; or the token that `hf auth login` has stored\n"
      "  HF_HOME          where the cache is (~/.cache/huggingface); HF_HUB_CACHE for its hub/ alone\n"
      "  HF_ENDPOINT      another address than https://huggingface.co\n"
      "  HF_HUB_OFFLINE   1: never ask the network\n"
      "  HF_HUB_DOWNLOAD_TIMEOUT   seconds of less than 1 kB/s after which a connection counts as dead (20)\n"
      "  https_proxy, REQUESTS_CA_BUNDLE   a proxy; certificates of your own");
  command->callback([arguments, &action] { action = [arguments] { return run_download(*arguments); }; });
}

}  // namespace cortland
