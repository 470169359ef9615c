#include "lint/rules.h"

namespace cortland::lint {

std::span<const RuleGroup> rule_groups() {
  static const RuleGroup groups[] = {
      {"Shapes", shape_rules()},         {"Interface", interface_rules()}, {"Numbers", number_rules()},
      {"Operations", operation_rules()}, {"Indices", index_rules()},       {"States", state_rules()},
      {"Attention", attention_rules()},  {"Output head", head_rules()},    {"Compressed weights", compression_rules()},
      {"Sizes", size_rules()},           {"Functions", function_rules()},
  };
  return groups;
}

const Rule* find_rule(std::string_view id) {
  for (const RuleGroup& group : rule_groups()) {
    for (const Rule& rule : group.rules) {
      if (rule.id == id) return &rule;
    }
  }
  return nullptr;
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "";
}

std::string_view to_string(Unit unit) { return unit == Unit::ane ? "ane" : "gpu"; }

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::ane: return "ane";
    case Scope::gpu: return "gpu";
    case Scope::any: return "ane, gpu";
  }
  return "";
}

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::documented: return "documented by Apple";
    case Confidence::measured: return "measured by others";
    case Confidence::derived: return "derived";
  }
  return "";
}

}  // namespace cortland::lint
