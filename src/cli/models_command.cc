#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "pipeline/models.h"

namespace cortland {
namespace {

ExitCode run_models(bool as_json) {
  OrderedJson supported = OrderedJson::array(), refused = OrderedJson::object();
  std::string names, reasons;
  for (const auto& [name, reason] : known_models()) {
    if (reason.empty()) {
      supported.push_back(name);
      names += "  " + name + "\n";
    } else {
      refused[name] = reason;
      reasons += fmt::format("  {:<18}{}\n", name, reason);
    }
  }
  if (as_json) {
    fmt::print("{}\n", json_text(OrderedJson{{"supported", supported}, {"refused", refused}}, 2));
  } else {
    fmt::print(
        "Supported, by the model_type of config.json:\n{}\nNot supported, because of\n{}\n"
        "Other types are refused by name; so are keys of a config that could change the mathematics and are not known.\n",
        names, reasons);
  }
  return ExitCode::ok;
}

}  // namespace

void add_models_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("models", "list the models that can be converted, and why others cannot");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "print one JSON object");
  command->callback([as_json, &action] { action = [as_json] { return run_models(*as_json); }; });
}

}  // namespace cortland
