// inv_freq[i] = theta^(-2i/R), then by kind:
//
//   default  as it is
//   linear   / factor
//   llama3   wavelength w = 2 pi / inv_freq, original length O: w < O/high: as it is; w > O/low: / factor; between,
//            t = (O/w - low) / (high - low): inv_freq * ((1 - t) / factor + t)
#include "model/rope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/error.h"

namespace cortland {
namespace {

// Numbers of one scaling object; problems go to the config.
class Scaling {
 public:
  Scaling(ConfigReader& config, const Json& object, std::string path)
      : config_(config), object_(object), path_(std::move(path)) {}

  double number(const char* key) {
    const auto it = object_.find(key);
    if (it != object_.end() && it->is_number() && it->get<double>() > 0) return it->get<double>();
    config_.reject(fmt::format("{}.{}: got {}, want a positive number", path_, key,
                               it == object_.end() ? "nothing" : printable(it->dump())));
    return 1;
  }

 private:
  ConfigReader& config_;
  const Json& object_;
  std::string path_;
};

std::string kind_of(ConfigReader& config, const Json& object, const std::string& path) {
  for (const char* key : {"rope_type", "type"}) {
    const auto it = object.find(key);
    if (it == object.end()) continue;
    if (it->is_string()) return it->get<std::string>();
    config.reject(fmt::format("{}.{}: got {}, want a string", path, key, printable(it->dump())));
  }
  return "default";
}

// Refuses keys that could change the frequencies of a known kind.
void check_keys(ConfigReader& config, const Json& object, const std::string& path) {
  constexpr std::array<std::string_view, 8> kKnown = {
      "rope_type", "type", "rope_theta", "factor", "low_freq_factor", "high_freq_factor",
      "original_max_position_embeddings", "partial_rotary_factor"};
  for (const auto& [key, value] : object.items()) {
    const bool whole = key != "partial_rotary_factor" || value == 1;
    if (whole && std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    config.refuse(fmt::format("{}.{}: got {}, which is not supported", path, printable(key), printable(value.dump())));
  }
}

double llama3_frequency(double frequency, double factor, double low, double high, double original) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  if (wavelength < original / high) return frequency;
  if (wavelength > original / low) return frequency / factor;
  const double t = (original / wavelength - low) / (high - low);
  return frequency * ((1 - t) / factor + t);
}

}  // namespace

RopeTable read_rope_table(ConfigReader& config, std::string_view layer_type, int64_t rotary_dims) {
  constexpr double kDefaultTheta = 10000;
  const Json* scaling = config.find_set("rope_scaling");
  const Json* parameters = config.find_set("rope_parameters");
  std::string path = "rope_scaling";
  if (parameters != nullptr) {
    if (scaling != nullptr) config.refuse("rope_scaling and rope_parameters are both given; want one of them");
    path = "rope_parameters";
    scaling = parameters;
    const auto by_type = parameters->is_object() ? parameters->find(layer_type) : parameters->end();
    if (parameters->is_object() && by_type != parameters->end()) {
      path += "." + std::string(layer_type);
      scaling = &*by_type;
    }
  }
  double theta = config.number("rope_theta", kDefaultTheta);
  if (scaling != nullptr && !scaling->is_object()) {
    config.reject(fmt::format("{}: got {}, want an object", path, printable(scaling->dump())));
    scaling = nullptr;
  }
  if (scaling != nullptr && scaling->contains("rope_theta")) theta = Scaling(config, *scaling, path).number("rope_theta");
  if (!(theta > 1)) config.reject(fmt::format("rope_theta: got {}, want more than 1", theta));

  RopeTable table;
  table.kind = scaling == nullptr ? "default" : kind_of(config, *scaling, path);
  for (int64_t i = 0; i < rotary_dims / 2; ++i) {
    table.inv_freq.push_back(std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(rotary_dims)));
  }
  if (scaling == nullptr) return table;
  Scaling numbers(config, *scaling, path);
  if (table.kind == "default") {
    check_keys(config, *scaling, path);
  } else if (table.kind == "linear") {
    check_keys(config, *scaling, path);
    const double factor = numbers.number("factor");
    for (double& f : table.inv_freq) f /= factor;
  } else if (table.kind == "llama3") {
    check_keys(config, *scaling, path);
    const double factor = numbers.number("factor"), low = numbers.number("low_freq_factor");
    const double high = numbers.number("high_freq_factor"), original = numbers.number("original_max_position_embeddings");
    if (high <= low && config.is_sound()) {
      config.reject(fmt::format("{}: high_freq_factor {} is not above low_freq_factor {}", path, high, low));
    }
    for (double& f : table.inv_freq) f = llama3_frequency(f, factor, low, high, original);
  } else {
    config.refuse(fmt::format("{}: kind \"{}\" is not supported; want default, linear or llama3", path,
                              printable(table.kind)));
  }
  return table;
}

}  // namespace cortland
