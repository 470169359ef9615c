// Programs as readable text: one line per operation.
#pragma once

#include <string>

#include "mil/program.h"

namespace cortland::mil {

// "%q: fp16[1, 64, 1, 1] = conv(x=%x, weight=%w, strides=[1, 1])"
std::string print_operation(const Function& function, const Operation& operation);

// The head of a function, its operations and its outputs.
std::string print_function(const Function& function);

}  // namespace cortland::mil
