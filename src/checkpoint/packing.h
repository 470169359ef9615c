// How config.json says that the weights of a safetensors checkpoint are quantized.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace cortland {

enum class PackingMethod { gptq, awq, compressed_tensors };

struct Packing {
  PackingMethod method = PackingMethod::gptq;
  int bits = 4;                 // 4 or 8; of compressed_tensors the tensors say it
  bool has_zeros_less_1 = false;  // GPTQ's first format stores zero - 1
  bool has_quantized_activations = false;  // when the model runs: Core ML packages have not, which is closer

  std::string name() const;  // "GPTQ"
};

// The value of `quantization_config`; nullopt when it is refused, with all reasons added to `reasons`.
std::optional<Packing> read_packing(const Json& quantization, std::vector<std::string>& reasons);

// That of a whole config.json, or of its text part; nullptr: the weights are not quantized.
const Json* find_quantization(const Json& config);

}  // namespace cortland
