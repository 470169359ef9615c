// Where a function attends: the only trace that layers leave in a graph.
#pragma once

#include <vector>

#include "lint/graph.h"

namespace cortland::lint {

// Softmaxes whose result a matmul takes, and fused attention, in program order: one for each layer.
std::vector<const mil::Operation*> attentions(const Graph& graph);

}  // namespace cortland::lint
