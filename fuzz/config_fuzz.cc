// The input is config.json.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "input.h"
#include "model/families.h"

using namespace cortland;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const ModelSpec spec = read_spec(parse_json(text_of(data, size), "config.json"));
    expect(!describe(spec).empty() && spec.weight_count() > 0, "a model has weights");
    for (const Parameter& parameter : spec.parameters) {
      for (const int64_t dim : parameter.shape) expect(dim > 0, "sizes are positive");
    }
    for (const LayerSpec& layer : spec.layers) {
      const AttentionSpec& attention = layer.attention;
      expect(attention.heads % attention.kv_heads == 0 && attention.head_dim % 2 == 0, "heads fit together");
      expect(!attention.rope || *attention.rope < spec.rope_tables.size(), "a layer's table exists");
    }
    for (const RopeTable& table : spec.rope_tables) {
      for (const double frequency : table.inv_freq) expect(std::isfinite(frequency), "frequencies are finite");
    }
  } catch (const Error&) {
  }
  return 0;
}
