// What a call takes from its host: which inputs there are, their shapes, and their numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "host/contract.h"
#include "host/inputs.h"
#include "host/session.h"

namespace cortland::host {

struct CallInput {
  enum class Kind { ids, position, row, mask, distance, cosines, sines, past };
  Kind kind = Kind::ids;
  size_t index = 0;             // of the mask, of the rope or of what is kept, in its list of the contract
  std::string_view name;        // in the contract
  std::vector<int64_t> shape;
};

// ids [1, T]; position [1]; row [1, 1, 1, T]; masks and distance [1, 1, T, S or k]; cosines and sines [1, 1, T, R];
// past as Contract::Cache::shape. Refers to the contract, which must outlive it.
std::vector<CallInput> inputs_of(const Contract& contract, const Rows& rows);

// int32 for ids and position; the bits of fp16 for what is kept, where it lies in the session; otherwise numbers to be
// rounded to fp16.
using InputValues = std::variant<std::vector<int32_t>, std::vector<float>, std::span<const uint16_t>>;

// The numbers of an input, in the order of its shape. REQUIRES: one of inputs_of(contract, call.rows); the contract is
// that of the session.
InputValues make_values(const Contract& contract, const Session& session, const Call& call, const CallInput& input);

}  // namespace cortland::host
