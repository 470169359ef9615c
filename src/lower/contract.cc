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

void end_contract(const Plan& plan, OrderedJson& contract) {
  const ModelSpec& spec = *plan.spec;
  contract["embedding"] = "graph";
  contract["parts"] = OrderedJson::array();
  contract["bos"] = spec.bos ? OrderedJson(*spec.bos) : OrderedJson(nullptr);
  contract["eos"] = spec.eos;
}

}  // namespace cortland
