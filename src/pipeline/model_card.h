// The README.md of a bundle, as model hubs show it.
#pragma once

#include <string>
#include <vector>

#include "interp/interpreter.h"
#include "pipeline/convert.h"
#include "pipeline/licence.h"
#include "pipeline/verify.h"

namespace cortland {

// What was measured with one kind of arithmetic.
struct MeasuredQuality {
  Math math = Math::fp32;
  VerifyReport report;
};

// `command`: the options that make the same bytes again. The text depends on neither time nor place.
std::string model_card(const ConvertSummary& summary, const Licence& licence, const std::string& command,
                       const std::vector<MeasuredQuality>& quality);

}  // namespace cortland
