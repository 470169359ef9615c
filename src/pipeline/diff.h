// What differs between two packages, as plain data for printing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "pipeline/program_diff.h"
#include "pipeline/weight_diff.h"

namespace cortland {

// Something that has a text on both sides; empty where a side does not have it.
struct TextChange {
  std::string what, first, second;
};

struct FunctionChange {
  std::string name;
  std::vector<TextChange> interface;  // "input mask", its type on both sides
  FunctionDiff program;
  bool is_equal() const { return interface.empty() && program.is_equal(); }
};

struct WeightChange {
  std::string first, second;            // the names of the constants
  std::string first_form, second_form;  // as stored_form()
  std::string shape;
  uint64_t first_bytes = 0, second_bytes = 0;  // as stored
  WeightDifference difference;
};

struct PackageSizes {
  uint64_t total = 0, model = 0, weights = 0;  // bytes of all files, of model.mlmodel and of the weight file
};

struct DiffView {
  std::vector<TextChange> description;  // what the package says of itself: version, author, ...
  std::vector<TextChange>
      metadata;  // entries of userDefined; of a JSON object its members: "cortland.contract /context"
  std::vector<std::string> only_first, only_second;  // functions
  std::vector<FunctionChange> functions;             // of both
  std::vector<WeightChange> weights;                 // that are not equal; functions that share one have it once
  std::map<WeightRelation, size_t> weight_counts;    // of all
  std::array<PackageSizes, 2> sizes;
  // Whether nothing but the order of independent operations, names inside of functions and sizes differ.
  bool is_equal() const;
};

// Weights are read in pieces; of compressed ones, the codes of a few are in memory.
// Errors: as read_package(); unsupported for compressed weights of a form that is not known.
DiffView diff_packages(const FileSystem& files, const std::string& first, const std::string& second);

}  // namespace cortland
