// An operation as the struct of its op, for those who ask about programs instead of running them.
#pragma once

#include <optional>

#include "mil/instance.h"

namespace cortland::mil {

// Whether an operation is of an op, in any of its forms.
template <MilOp Op>
bool is(const Operation& operation) {
  return operation.type == Op::kName;
}

// nullopt for another op, another form of it, or parameters that break its rules, which verify() tells.
template <MilOp Op>
std::optional<Op> as(const Function& function, const Operation& operation) {
  const OpRow* row = operation.row;
  if (row == nullptr || row->name != Op::kName || row->since != Op::kSince) return std::nullopt;
  try {
    return read_fields<Op>(*row, function, operation);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace cortland::mil
