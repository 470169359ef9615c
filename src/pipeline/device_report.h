// Reports of devices: what cortland-swift check and bench and the app wrote, judged against what lint had said.
//
// A report is {"format": "cortland.report", "version": 1, "checks": [record, ...]}, or one record alone. Its keys are
// those of docs/check-on-mac.md, and none but "computeUnit" has to be there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace cortland {

// How logits of a device differ from those of the interpreter.
struct DeviceDifference {
  std::optional<double> psnr_db;  // none: equal, or not numbers
  std::optional<double> max_abs;  // none: not numbers
  int64_t agreeing = 0, positions = 0;  // where the likeliest token is the same, of how many
};

// Operations of a function that the plan gives to one unit.
struct PlacedOperations {
  std::string function, unit;
  std::vector<std::pair<std::string, int64_t>> operations;  // by type
  int64_t count = 0;                                        // of all
};

struct PredictedFinding {
  std::string rule, severity, function, operation;  // the last two empty where it is about more
  int64_t count = 1;
};

// One package on one compute unit.
struct DeviceRecord {
  std::string package, unit, system, machine;
  bool is_stand_in = false;             // made by the interpreter in place of Core ML
  std::optional<bool> passed;           // none: it was not compared
  std::vector<std::string> failures;    // why it did not pass
  std::optional<DeviceDifference> fp32, fp16;
  std::optional<double> load_seconds, prompt_rate, rate;  // tokens per second
  std::vector<PlacedOperations> placed;  // empty: the system did not say
  std::string lint_unit;                 // "ane"; empty: no lint
  std::vector<PredictedFinding> lint;
};

// Errors: corrupt for what is no report; unsupported for another version.
std::vector<DeviceRecord> parse_device_report(std::string_view text, const std::string& where);

// Which part of the operations a function of the package has on the unit it was loaded for; none without a plan.
std::optional<double> placed_share(const DeviceRecord& record, std::string_view function = {});

// Names of the functions with a plan, each once.
std::vector<std::string> planned_functions(const DeviceRecord& record);

// What lint said of operations of one type in a function, and where they are.
struct PlacementFact {
  enum class Kind {
    predicted,     // elsewhere, and a finding says why
    unpredicted,   // elsewhere, and lint was silent: a rule is missing
    contradicted,  // an error says that they leave the unit, and all are on it: a rule is too strict
  };
  Kind kind;
  std::string function, operation;  // of an error about more than one operation: empty
  int64_t elsewhere = 0, all = 0;
  std::string rule;  // empty for unpredicted
};
std::string_view to_string(PlacementFact::Kind kind);

// Nothing for a record without a plan or without lint, and for one whose unit is not the one that lint judged.
std::vector<PlacementFact> placement_facts(const DeviceRecord& record);

}  // namespace cortland
