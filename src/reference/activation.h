// The activations of feed-forward parts.
#pragma once

#include "model/spec.h"

namespace cortland {

// The stored numbers of Activation::xielu; unused by the others.
struct Xielu {
  float p = 0, n = 0, b = 0;
};

float activate(Activation activation, const Xielu& xielu, float x);

}  // namespace cortland
