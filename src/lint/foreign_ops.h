// Operations that mil/ does not have and rules speak of, in MIL's spelling.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "mil/program.h"

namespace cortland::lint {

inline constexpr std::string_view kPow = "pow", kSquare = "square", kLog = "log", kInverse = "inverse", kSin = "sin",
                                  kCos = "cos", kGatherAlongAxis = "gather_along_axis", kGatherNd = "gather_nd",
                                  kReduceMax = "reduce_max";

// Known to run on the CPU.
inline constexpr std::array kCpuOps = std::to_array<std::string_view>(
    {"scatter", "scatter_along_axis", "scatter_nd", "non_zero", "topk", "reduce_argmax", "reduce_argmin", "argsort",
     "cumsum", "one_hot", "cond", "while_loop", "gru", "lstm", "rnn", "random_bernoulli", "random_categorical",
     "random_normal", "random_uniform"});

// Known to be refused by a compiler for the Neural Engine that is not Core ML's own.
inline constexpr std::array kRefusedOps =
    std::to_array<std::string_view>({"mod", kSin, kCos, "tan", "sinh", "cosh", "logical_and", "logical_or",
                                     "logical_xor", "reduce_prod", "batch_norm", "max_pool", "avg_pool"});

// Between fp16 and int8 at run time.
inline constexpr std::array kQuantizingOps = std::to_array<std::string_view>({"quantize", "dequantize"});

inline bool is_one_of(std::span<const std::string_view> names, const mil::Operation& operation) {
  return std::find(names.begin(), names.end(), operation.type) != names.end();
}

}  // namespace cortland::lint
