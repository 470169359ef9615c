#include "host/call_inputs.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace cortland::host {

namespace {

size_t pasts_before(const Contract& contract, size_t part) {
  size_t count = 0;
  for (size_t i = 0; i < part; ++i) count += contract.kept_by(i).size();
  return count;
}

bool is_in(const Contract::Part& part, std::string_view name) {
  return std::find(part.inputs.begin(), part.inputs.end(), name) != part.inputs.end();
}

// Of the first row, or of each, one after the other.
std::vector<int32_t> make_places(const CallInput& input, int64_t first) {
  std::vector<int32_t> places(static_cast<size_t>(input.shape.back()));
  std::iota(places.begin(), places.end(), static_cast<int32_t>(first));
  return places;
}

}  // namespace

std::vector<CallInput> inputs_of(const Contract& contract, const Rows& rows, size_t part) {
  using Kind = CallInput::Kind;
  const int64_t tokens = rows.tokens;
  const Contract::Part* const cut = contract.parts.empty() ? nullptr : &contract.parts[part];
  std::vector<CallInput> inputs;
  const auto add = [&](Kind kind, size_t index, const std::string& name, std::vector<int64_t> shape) {
    if (cut == nullptr || is_in(*cut, name)) inputs.push_back({kind, index, name, std::move(shape)});
  };
  if (!contract.takes_hidden(part)) {
    add(Kind::ids, 0, contract.ids, {1, tokens});
  } else {
    add(Kind::hidden, 0, *contract.hidden_states,
        {1, tokens, part == 0 ? contract.embedding_size : contract.hidden_size});
  }
  const std::vector<int64_t> place =
      contract.has_flexible_calls() ? std::vector<int64_t>{1, tokens} : std::vector<int64_t>{1};
  if (contract.position) add(Kind::position, 0, *contract.position, place);
  if (contract.cache.ring && !contract.cache.ring->input.empty()) add(Kind::slot, 0, contract.cache.ring->input, place);
  if (contract.row) add(Kind::row, 0, *contract.row, {1, 1, 1, tokens});
  for (size_t i = 0; i < contract.masks.size(); ++i) {
    add(Kind::mask, i, contract.masks[i].name, {1, 1, tokens, mask_slots(contract, contract.masks[i], rows)});
  }
  if (contract.distance) add(Kind::distance, 0, *contract.distance, {1, 1, tokens, mask_slots(contract, rows)});
  for (size_t i = 0; i < contract.ropes.size(); ++i) {
    const Contract::Rope& rope = contract.ropes[i];
    const std::vector<int64_t> shape{1, 1, tokens, 2 * static_cast<int64_t>(rope.inv_freq.size())};
    add(Kind::cosines, i, rope.cos, shape);
    add(Kind::sines, i, rope.sin, shape);
  }
  size_t at = pasts_before(contract, part);
  for (const Contract::PartKept& kept : contract.kept_by(part)) {
    inputs.push_back({Kind::past, at++, kept.names->past, {kept.shape.begin(), kept.shape.end()}});
  }
  return inputs;
}

InputValues make_values(const Contract& contract, const Session& session, const Call& call, const CallInput& input) {
  using Kind = CallInput::Kind;
  switch (input.kind) {
    case Kind::ids:
    case Kind::hidden: break;
    case Kind::position: return make_places(input, call.rows.start);
    case Kind::slot: return make_places(input, call.rows.start % contract.cache.ring->slots);
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
