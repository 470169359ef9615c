// What stands behind the handles of include/cortland/interp.h, and how failures leave it.
#pragma once

#include <cortland/interp.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "capi/app/boundary.h"
#include "interp/interpreter.h"
#include "interp/states.h"
#include "package/package.h"

namespace cortland::capi {

cortland_status status_of(ErrorCode code);

// As guarded() and create(), for bodies that throw Error.
template <typename Body>
Outcome without_errors(Body body) {
  try {
    return body();
  } catch (const Error& failure) {
    return {status_of(failure.code()), failure.what()};
  }
}
template <typename Body>
cortland_status guarded_errors(cortland_error* error, Body body) noexcept {
  return guarded(error, [&] { return without_errors(body); });
}
template <typename Handle, typename Body>
cortland_status create_or_error(Handle** out, cortland_error* error, Body body) noexcept {
  return create(out, error, [&] { return without_errors(body); });
}

// The numbers of the C API that a type is; nothing for the others.
std::optional<cortland_number> number_of(DType dtype);

// Dense, in order.
cortland_array dense_array(void* data, cortland_number number, const Shape& shape);

}  // namespace cortland::capi

struct cortland_interp_package {
  std::shared_ptr<const cortland::Package> package;
};

struct cortland_interp_program {
  std::shared_ptr<const cortland::Package> package;  // owns the function
  cortland::Interpreter interpreter;
  bool has_states = false;
};

struct cortland_interp_states {
  cortland::States states;
  std::vector<std::string> names;
};

struct cortland_interp_result {
  struct Output {
    cortland_number number = CORTLAND_NUMBER_FP16;
    cortland::Shape shape;
    std::vector<std::byte> bytes;
  };
  std::vector<Output> outputs;
};
