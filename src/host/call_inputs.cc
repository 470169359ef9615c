#include "host/call_inputs.h"

#include <utility>

namespace cortland::host {

std::vector<CallInput> inputs_of(const Contract& contract, const Rows& rows) {
  using Kind = CallInput::Kind;
  const int64_t tokens = rows.tokens, slots = mask_slots(contract, rows);
  std::vector<CallInput> inputs;
  inputs.push_back({Kind::ids, 0, contract.ids, {1, tokens}});
  if (contract.position) inputs.push_back({Kind::position, 0, *contract.position, {1}});
  if (contract.row) inputs.push_back({Kind::row, 0, *contract.row, {1, 1, 1, tokens}});
  for (size_t i = 0; i < contract.masks.size(); ++i) {
    inputs.push_back({Kind::mask, i, contract.masks[i].name, {1, 1, tokens, slots}});
  }
  if (contract.distance) inputs.push_back({Kind::distance, 0, *contract.distance, {1, 1, tokens, slots}});
  for (size_t i = 0; i < contract.ropes.size(); ++i) {
    const Contract::Rope& rope = contract.ropes[i];
    const std::vector<int64_t> shape{1, 1, tokens, 2 * static_cast<int64_t>(rope.inv_freq.size())};
    inputs.push_back({Kind::cosines, i, rope.cos, shape});
    inputs.push_back({Kind::sines, i, rope.sin, shape});
  }
  const auto& past = contract.cache.shape;
  for (size_t i = 0; i < contract.cache.kept.size(); ++i) {
    inputs.push_back({Kind::past, i, contract.cache.kept[i].past, {past.begin(), past.end()}});
  }
  return inputs;
}

InputValues make_values(const Contract& contract, const Session& session, const Call& call, const CallInput& input) {
  using Kind = CallInput::Kind;
  switch (input.kind) {
    case Kind::ids: break;
    case Kind::position: return std::vector<int32_t>{static_cast<int32_t>(call.rows.start)};
    case Kind::row: return make_row(call.rows);
    case Kind::mask: return make_mask(contract, contract.masks[input.index], call.rows);
    case Kind::distance: return make_distance(contract, call.rows);
    case Kind::cosines: return make_rope(contract.ropes[input.index], call.rows).cos;
    case Kind::sines: return make_rope(contract.ropes[input.index], call.rows).sin;
    case Kind::past: return session.past()[input.index].values();
  }
  return call.ids;
}

}  // namespace cortland::host
