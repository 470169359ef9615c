// What is judged: a package, and the unit and the chip that it is to run on.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/contract.h"
#include "lint/chip.h"
#include "lint/graph.h"
#include "lint/rule.h"
#include "package/package.h"

namespace cortland::lint {

struct Options {
  Unit unit = Unit::ane;
  const Chip* chip = nullptr;  // nullptr: any
};

class Subject {
 public:
  // Keeps a reference to the package.
  Subject(const Package& package, const Options& options);

  const Package& package() const { return *package_; }
  const Chip* chip() const { return options_.chip; }
  const std::vector<Graph>& graphs() const { return graphs_; }
  const std::optional<host::Contract>& contract() const { return contract_; }
  // Of all functions, by name.
  const std::map<std::string, mil::Type>& states() const { return states_; }
  const InputRange* range(const Graph& graph, mil::ValueId input) const;    // nullptr: none
  const InputChoices* choices(const Graph& graph, mil::ValueId input) const;  // nullptr: none

 private:
  const Package* package_;
  Options options_;
  std::vector<Graph> graphs_;  // one for each function
  std::optional<host::Contract> contract_;
  std::map<std::string, mil::Type> states_;
};

// Of packages that we wrote; nullopt when there is none that can be read.
std::optional<host::Contract> contract_of(const Package& package);

// The stored bytes of all constants that a value is made of.
uint64_t stored_bytes(const Graph& graph, mil::ValueId id);

// The constant operand that an operation multiplies with: of conv, linear, and matmul.
std::optional<mil::ValueId> weight_of(const Graph& graph, const mil::Operation& operation);

}  // namespace cortland::lint
