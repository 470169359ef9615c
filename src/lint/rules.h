// Every rule, by theme. A rule is added by a row in the file of its theme.
#pragma once

#include "lint/rule.h"

namespace cortland::lint {

std::span<const RuleGroup> rule_groups();
// nullptr: no such rule.
const Rule* find_rule(std::string_view id);

// The themes, each in the file of its name.
std::span<const Rule> attention_rules();
std::span<const Rule> compression_rules();
std::span<const Rule> function_rules();
std::span<const Rule> head_rules();
std::span<const Rule> index_rules();
std::span<const Rule> interface_rules();
std::span<const Rule> number_rules();
std::span<const Rule> operation_rules();
std::span<const Rule> shape_rules();
std::span<const Rule> size_rules();
std::span<const Rule> state_rules();

}  // namespace cortland::lint
