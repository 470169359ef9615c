// What is known about the limits of devices, as warnings: a package beyond them is written all the same.
#pragma once

#include <string>
#include <vector>

#include "lower/plan.h"
#include "package/writer.h"

namespace cortland {

// One line per limit that the package passes. Source: ane-practice.md, L24, L36 to L38 and L40.
std::vector<std::string> size_warnings(const AnePlan& plan, const WriteSummary& written);

}  // namespace cortland
