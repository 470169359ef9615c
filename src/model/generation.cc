#include "model/generation.h"

#include <fmt/format.h>

namespace cortland {

void read_token_ids(ConfigReader& config, ModelSpec& spec) {
  const std::vector<int64_t> bos = config.integers("bos_token_id");
  const std::vector<int64_t> eos = config.integers("eos_token_id");
  const bool can_check = config.is_sound();  // else the size of the vocabulary may be missing
  const auto check = [&](std::string_view key, int64_t id) {
    if (can_check && (id < 0 || id >= spec.vocabulary)) {
      config.reject(fmt::format("{}: got {}, want 0 to {}", key, id, spec.vocabulary - 1));
    }
  };
  if (!bos.empty()) check("bos_token_id", *(spec.bos = bos.front()));
  for (const int64_t id : eos) check("eos_token_id", id);
  if (!eos.empty()) spec.eos = eos;
}

void read_generation_config(const Json& json, ModelSpec& spec) {
  ConfigReader config(json, "generation_config.json");
  read_token_ids(config, spec);
  config.check();
}

}  // namespace cortland
