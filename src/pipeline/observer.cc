#include "pipeline/observer.h"

#include <algorithm>

#include "lower/graph.h"
#include "tensor/magnitude.h"

namespace cortland {
namespace {

std::string place_name(Point point, int64_t layer) {
  switch (point) {
    case Point::embedding: return "embedding_x";
    case Point::after_attention: return layer_name(static_cast<size_t>(layer), "after_attention");
    case Point::after_mlp: return layer_name(static_cast<size_t>(layer), "out");
  }
  return "";
}

// One of the rows of the residual stream [1, D, 1, T], or [1, T, D] with T = 1.
std::vector<float> column(const Floats& values, size_t tokens, size_t row) {
  std::vector<float> out;
  for (size_t i = row; i < values.size(); i += tokens) out.push_back(values[i]);
  return out;
}

}  // namespace

bool is_activation(const mil::ValueInfo& value, const Tensor& tensor) {
  const auto has = [&](const char* word) { return value.name.find(word) != std::string::npos; };
  return tensor.dtype() == DType::f16 && !tensor.is_stored() && tensor.encoded() == nullptr && !has("mask") &&
         !has("Mask");
}

Observer::Observer(size_t layers, const std::vector<int>& exponents) {
  order_.push_back(place_name(Point::embedding, -1));
  for (size_t i = 0; i < layers; ++i) {
    order_.push_back(place_name(Point::after_attention, static_cast<int64_t>(i)));
    order_.push_back(place_name(Point::after_mlp, static_cast<int64_t>(i)));
  }
  for (const std::string& name : order_) places_.try_emplace(name);
  // What a lookup gives is not scaled yet.
  for (size_t place = 1; place < std::min(exponents.size(), order_.size()); ++place) {
    places_.at(order_[place]).factor = std::ldexp(1.0f, exponents[place]);
  }
}

Reference::Probe Observer::reference_probe() {
  return [this](Point point, int64_t layer, std::span<const float> x) {
    places_.at(place_name(point, layer)).reference.assign(x.begin(), x.end());
  };
}

Runner::Probe Observer::package_probe() {
  return [this](const mil::ValueInfo& value, const Tensor& tensor, const host::Rows& rows) {
    // Rows that pad a call count too: the device computes them as well.
    if (is_activation(value, tensor)) {
      const int64_t layer = layer_of(value.name);
      const float peak = largest_magnitude(tensor.floats().span());
      ActivationPeak& known = peaks_.try_emplace(layer, ActivationPeak{layer, "", -1}).first->second;
      if (peak > known.magnitude) known = {layer, value.name, peak};
    }
    const auto place = places_.find(value.name);
    const auto tokens = static_cast<size_t>(rows.tokens);
    if (place == places_.end() || place->second.reference.size() * tokens != static_cast<size_t>(tensor.size())) return;
    std::vector<float> seen = column(tensor.floats(), tokens, static_cast<size_t>(rows.used - 1));
    for (float& number : seen) number *= place->second.factor;
    place->second.sum.add(place->second.reference, seen);
    place->second.seen = true;
  };
}

std::vector<ActivationPeak> Observer::peaks() const {
  std::vector<ActivationPeak> list;
  for (const auto& [layer, peak] : peaks_) {
    if (layer >= 0) list.push_back(peak);
  }
  if (const auto outside = peaks_.find(-1); outside != peaks_.end()) list.push_back(outside->second);
  return list;
}

std::vector<ProbeResult> Observer::probes() const {
  std::vector<ProbeResult> list;
  for (const std::string& name : order_) {
    const Place& place = places_.at(name);
    if (place.seen) list.push_back({name, place.sum.result()});
  }
  return list;
}

}  // namespace cortland
