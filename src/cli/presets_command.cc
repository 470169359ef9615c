#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/preset.h"

namespace cortland {
namespace {

OrderedJson json_of(const Preset& preset) {
  return {{"name", preset.name},
          {"aliases", preset.aliases},
          {"bits_per_weight", preset.bits() == 0 ? OrderedJson(nullptr) : OrderedJson(preset.bits())},
          {"body", to_string(preset.body)},
          {"embedding", to_string(preset.embedding)},
          {"head", to_string(preset.head)},
          {"system", preset.system},
          {"unit", preset.unit},
          {"profile", preset.profile},
          {"why", preset.why}};
}

ExitCode run_presets(bool as_json) {
  if (as_json) {
    OrderedJson list = OrderedJson::array();
    for (const Preset& preset : presets()) list.push_back(json_of(preset));
    print_json(list);
    return ExitCode::ok;
  }
  print_result("{:<11}{:>5}  {:<20}{:<15}{}\n", "--precision", "bits", "  since", "suits", "is");
  for (const Preset& preset : presets()) {
    const std::string bits = preset.bits() == 0 ? "" : fmt::format("{:.2f}", preset.bits());
    print_result("{:<11}{:>5}    {:<18}{:<15}{}\n", preset.name, bits, preset.system, preset.unit,
                 to_string(preset.body));
    print_result("{:<18}{}\n", "", preset.why);
  }
  print_result(
      "Bits are those of a weight of the body, 2048 columns wide, with its scales or tables. Below float16 the embedding is int8,\n"
      "and the output head int8, or a palette of 8 bits beside palettes: --embedding-precision and --head-precision change that.\n"
      "Norms, biases and matrices of fewer than 2048 elements are always float16.\n");
  return ExitCode::ok;
}

}  // namespace

void add_presets_command(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("presets", "list what --precision knows: size, systems, and the compute unit it suits");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "print one JSON object");
  command->callback([as_json, &action] { action = [as_json] { return run_presets(*as_json); }; });
}

}  // namespace cortland
