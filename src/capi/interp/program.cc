#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "capi/app/array.h"
#include "capi/interp/handles.h"
#include "tensor/convert.h"

using namespace cortland;
using namespace cortland::capi;

namespace {

// An input of the function that the name is one of. The interpreter refuses the others.
Tensor tensor_of(const mil::Function& function, const std::string& name, const cortland_array& array) {
  const mil::ValueId id = function.find_value(name);
  require(id >= 0, ErrorCode::invalid, "function {}: has no input {}", function.name, printable(name));
  const DType dtype = function.value(id).type.dtype;
  require(array.rank >= 1 && array.rank <= CORTLAND_MAX_RANK, ErrorCode::invalid, "input {}: got rank {}, want 1 to {}",
          printable(name), array.rank, CORTLAND_MAX_RANK);
  const Shape shape(array.shape, array.shape + array.rank);
  const auto number = number_of(dtype);
  require(number && *number == array.number, ErrorCode::invalid, "input {}: another kind of number; want {}",
          printable(name), name_of(dtype));
  if (const auto bad = check_array(name, &array, shape, *number)) fail(ErrorCode::invalid, "{}", bad->message);
  if (*number == CORTLAND_NUMBER_INT32) return Tensor::of_ints(dtype, shape, read_ints(array));
  return Tensor::of_floats(dtype, shape, read_floats(array));
}

template <typename T>
std::vector<std::byte> bytes_of(std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

cortland_interp_result::Output output_of(const std::string& name, const Tensor& tensor) {
  const auto number = number_of(tensor.dtype());
  require(number && tensor.shape().size() <= CORTLAND_MAX_RANK, ErrorCode::unsupported, "output {}: got {}{}",
          printable(name), name_of(tensor.dtype()), to_string(tensor.shape()));
  cortland_interp_result::Output output{*number, tensor.shape(), {}};
  switch (*number) {
    case CORTLAND_NUMBER_INT32: output.bytes = bytes_of(tensor.ints()); break;
    case CORTLAND_NUMBER_FP32: output.bytes = bytes_of(tensor.floats().span()); break;
    default: {
      std::vector<uint16_t> halves(static_cast<size_t>(tensor.size()));
      floats_to_halves(tensor.floats().span(), halves);
      output.bytes = bytes_of(std::span<const uint16_t>(halves));
    }
  }
  return output;
}

std::vector<std::string> state_names(const mil::Program& program) {
  std::vector<std::string> names;
  for (const mil::Function& function : program.functions) {
    for (const mil::ValueId id : function.inputs) {
      if (function.value(id).type.is_state) names.push_back(function.value(id).name);
    }
  }
  return names;
}

}  // namespace

cortland_status cortland_interp_program_create(const cortland_interp_package* package, size_t function,
                                               cortland_interp_math math, cortland_interp_program** program,
                                               cortland_error* error) noexcept {
  return create_or_error(program, error, [&]() -> Outcome {
    if (package == nullptr) return missing("package");
    if (auto bad = check_index("function", function, cortland_interp_function_count(package))) return *bad;
    if (auto bad = check_choice("math", math)) return *bad;
    const mil::Function& meant = package->package->program.functions[function];
    const bool has_states = std::any_of(meant.inputs.begin(), meant.inputs.end(),
                                        [&](mil::ValueId id) { return meant.value(id).type.is_state; });
    const Math kind = math == CORTLAND_INTERP_MATH_FP16 ? Math::fp16 : Math::fp32;
    *program = new cortland_interp_program{package->package, Interpreter(meant, kind), has_states};
    return {};
  });
}

void cortland_interp_program_free(cortland_interp_program* program) noexcept { delete program; }

cortland_status cortland_interp_states_create(const cortland_interp_package* package, cortland_interp_states** states,
                                              cortland_error* error) noexcept {
  return create_or_error(states, error, [&]() -> Outcome {
    if (package == nullptr) return missing("package");
    const mil::Program& program = package->package->program;
    *states = new cortland_interp_states{States(program), state_names(program)};
    return {};
  });
}

void cortland_interp_states_free(cortland_interp_states* states) noexcept { delete states; }

cortland_status cortland_interp_states_array(cortland_interp_states* states, const char* name, size_t size,
                                             cortland_array* array, cortland_error* error) noexcept {
  return guarded_errors(error, [&]() -> Outcome {
    if (states == nullptr) return missing("states");
    if (array == nullptr) return missing("array");
    const auto text = text_of(name, size);
    if (!text) return missing("name");
    const auto it = std::find(states->names.begin(), states->names.end(), *text);
    require(it != states->names.end(), ErrorCode::not_found, "states: there is none called {}", printable(*text));
    Tensor& tensor = states->states.at(*it);
    const auto number = number_of(tensor.dtype());
    require(number && tensor.shape().size() <= CORTLAND_MAX_RANK && tensor.is_stored() && tensor.is_unique(),
            ErrorCode::unsupported, "state {}: cannot be looked at", printable(*it));
    *array = dense_array(tensor.mutable_stored().data(), *number, tensor.shape());
    return {};
  });
}

cortland_status cortland_interp_predict(const cortland_interp_program* program, cortland_interp_states* states,
                                        const cortland_interp_input* inputs, size_t count,
                                        cortland_interp_result** result, cortland_error* error) noexcept {
  return create_or_error(result, error, [&]() -> Outcome {
    if (program == nullptr) return missing("program");
    const auto list = list_of(inputs, count);
    if (!list) return missing("inputs");
    const mil::Function& function = program->interpreter.function();
    require(states != nullptr || !program->has_states, ErrorCode::invalid, "function {}: has states; got none",
            function.name);
    Interpreter::Values values;
    for (const cortland_interp_input& input : *list) {
      const auto name = text_of(input.name.bytes, input.name.size);
      if (!name) return missing("name");
      std::string key(*name);
      Tensor tensor = tensor_of(function, key, input.array);
      values.insert_or_assign(std::move(key), std::move(tensor));
    }
    States none{mil::Program()};
    const auto outputs = program->interpreter.run(values, states == nullptr ? none : states->states);
    auto made = std::make_unique<cortland_interp_result>();
    for (const mil::ValueId id : function.outputs) {
      const std::string& name = function.value(id).name;
      made->outputs.push_back(output_of(name, outputs.at(name)));
    }
    *result = made.release();
    return {};
  });
}

void cortland_interp_result_free(cortland_interp_result* result) noexcept { delete result; }

cortland_status cortland_interp_result_array(const cortland_interp_result* result, size_t output, cortland_array* array,
                                             cortland_error* error) noexcept {
  return guarded_errors(error, [&]() -> Outcome {
    if (result == nullptr) return missing("result");
    if (array == nullptr) return missing("array");
    if (auto bad = check_index("output", output, result->outputs.size())) return *bad;
    const auto& [number, shape, bytes] = result->outputs[output];
    // Handed out as the caller's arrays are; nobody writes into it.
    *array = dense_array(const_cast<std::byte*>(bytes.data()), number, shape);
    return {};
  });
}
