// A Core ML package as this program sees it: an ML Program, its weights as payloads, and its metadata.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mil/program.h"

namespace cortland {

// The sizes that an input of flexible shape may take, dimension by dimension; both ends belong to the range.
struct InputRange {
  std::string function, input;
  Shape lower, upper;  // equal where the dimension is fixed
  Shape initial;       // what a caller gets that does not ask
  bool operator==(const InputRange&) const = default;
};

// The shapes that an input of flexible shape may take, where they are listed. Read, never written.
struct InputChoices {
  std::string function, input;
  std::vector<Shape> shapes;
};

struct Package {
  int specification_version = 9;
  mil::Program program;
  std::string default_function;
  std::vector<InputRange> ranges;      // one for every input with an unknown dimension
  std::vector<InputChoices> choices;  // or one of these
  std::string short_description, author, license, version_string;
  std::map<std::string, std::string> metadata;  // userDefined
};

}  // namespace cortland
