#include "lower/contract.h"

namespace cortland {
namespace {

// What a masked score gets added: far below every score, and finite, so that no row turns into NaN.
constexpr double kMaskValue = -10000.0;

}  // namespace

OrderedJson begin_contract(const Plan& plan, std::string_view profile) {
  return {{"version", 1}, {"profile", profile}, {"context", plan.context}, {"vocabulary", plan.spec->vocabulary}};
}

OrderedJson mask_contract(const Plan& plan) {
  OrderedJson masks = OrderedJson::array();
  for (const MaskInput& mask : plan.masks) {
    masks.push_back({{"name", mask.name}, {"window", mask.window ? OrderedJson(*mask.window) : OrderedJson(nullptr)}});
  }
  return {{"value", kMaskValue}, {"inputs", masks}};
}

OrderedJson ring_contract(const Plan& plan) {
  OrderedJson layers = OrderedJson::array();
  for (size_t i = 0; i < plan.spec->layers.size(); ++i) {
    if (plan.in_ring(plan.spec->layers[i])) layers.push_back(i);
  }
  return {{"slots", plan.ring}, {"layers", layers}};
}

OrderedJson join_contracts(OrderedJson largest, const std::vector<OrderedJson>& others) {
  if (others.empty()) return largest;
  OrderedJson contexts = OrderedJson::array();
  for (auto it = others.rbegin(); it != others.rend(); ++it) {
    OrderedJson& entry = contexts.emplace_back(OrderedJson::object());
    for (const auto& [key, value] : it->items()) {
      if (!largest.contains(key) || largest[key] != value) entry[key] = value;
    }
    for (const auto& [key, value] : largest.items()) {
      if (!it->contains(key)) entry[key] = nullptr;
    }
  }
  contexts.push_back({{"context", largest["context"]}});
  largest["contexts"] = contexts;
  return largest;
}

void end_contract(const Plan& plan, OrderedJson& contract) {
  const ModelSpec& spec = *plan.spec;
  contract["embedding"] = "graph";
  contract["parts"] = OrderedJson::array();
  contract["bos"] = spec.bos ? OrderedJson(*spec.bos) : OrderedJson(nullptr);
  contract["eos"] = spec.eos;
}

}  // namespace cortland
