// What is known about the limits of devices, as warnings: a package beyond them is written all the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lower/plan.h"
#include "package/writer.h"

namespace cortland {

// Rows of one part of the output head that older Neural Engines take. The default plan stays within it.
inline constexpr int64_t kHeadRows = 16384;

// One line per limit that the package passes. Source: ane-practice.md, L24, L36 to L38 and L40.
std::vector<std::string> size_warnings(const AnePlan& plan, const WriteSummary& written);

}  // namespace cortland
