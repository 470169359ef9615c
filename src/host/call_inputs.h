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
  enum class Kind { ids, hidden, position, slot, row, mask, distance, cosines, sines, past };
  Kind kind = Kind::ids;
  size_t index = 0;  // of the mask or the rope in its list of the contract, or of the past in Session::past()
  std::string_view name;        // in the contract
  std::vector<int64_t> shape;
  // Others are fp16.
  bool is_int() const { return kind == Kind::ids || kind == Kind::position || kind == Kind::slot; }
};

// ids [1, T]; hidden [1, T, C or D]; position and slot [1], or with flexible calls [1, T]; row [1, 1, 1, T]; masks and
// distance [1, 1, T, slots]; cosines and sines [1, 1, T, R]; past as Contract::kept_by(). Of the package, or of a part
// of the model. Refers to the contract, which must outlive it. REQUIRES: `part` is below Contract::part_count().
std::vector<CallInput> inputs_of(const Contract& contract, const Rows& rows, size_t part = 0);

// int32 for ids, position and slot; the bits of fp16 for what is kept, where it lies in the session; otherwise numbers
// to be rounded to fp16.
using InputValues = std::variant<std::vector<int32_t>, std::vector<float>, std::span<const uint16_t>>;

// The numbers of an input, in the order of its shape. REQUIRES: one of inputs_of(contract, call.rows), and not
// `hidden`, which an embedding or the part before gives; the contract is that of the session.
InputValues make_values(const Contract& contract, const Session& session, const Call& call, const CallInput& input);

}  // namespace cortland::host
