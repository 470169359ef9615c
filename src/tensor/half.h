// One fp16 number at a time; tensor/convert.h has many at once.
#pragma once

#include "portable/half.h"

namespace cortland {

using portable::float_to_half;
using portable::half_to_float;

}  // namespace cortland
