// The in-memory form of an ML Program: functions of operations on typed values, in SSA form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mil/literal.h"
#include "mil/payload.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace cortland::mil {

struct OpRow;  // mil/registry.h

// The type of a value. A state is a mutable tensor that outlives a call.
struct Type {
  DType dtype = DType::f16;
  Shape shape;  // kUnknown where flexible
  bool is_state = false;
  bool operator==(const Type&) const = default;
};

// "fp16[1, 64]", "int32", "state<fp16[2, 3]>"
std::string to_string(const Type& type);
using cortland::to_string;  // of shapes

using ValueId = int32_t;

// What an argument is bound to: a value of the function, a literal, or (weights of constexpr ops and of const) a blob.
using Binding = std::variant<ValueId, Literal, PayloadPtr>;

struct Argument {
  std::string name;
  std::vector<Binding> bindings;  // one, or several for a tuple parameter such as concat.values
};

struct Operation {
  std::string type;             // MIL's spelling
  const OpRow* row = nullptr;   // nullptr: an op that this program does not know
  std::string name;             // the `name` attribute
  std::vector<Argument> inputs;
  std::vector<Argument> attributes;  // without `name`
  std::vector<ValueId> outputs;
  bool has_blocks = false;  // control flow: what is inside is not held, and such a program cannot be written
};

struct ValueInfo {
  std::string name;
  Type type;
  int32_t producer = -1;  // index of its operation; -1: a function input
};

struct Function {
  std::string name;
  std::string opset;  // "CoreML8"
  std::vector<ValueInfo> values;
  std::vector<ValueId> inputs;
  std::vector<Operation> operations;  // in execution order
  std::vector<ValueId> outputs;

  const ValueInfo& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  // -1 when no value has the name.
  ValueId find_value(std::string_view value_name) const;
};

struct Program {
  std::vector<Function> functions;
  const Function* find(std::string_view function_name) const;
};

// The opsets this program knows, and the oldest specification version that each one needs.
enum class Opset { coreml5 = 5, coreml6 = 6, coreml7 = 7, coreml8 = 8, coreml9 = 9 };
std::string opset_name(Opset opset);                       // "CoreML8"
bool find_opset(std::string_view name, Opset* opset);      // false: not known
constexpr int spec_version_of(Opset opset) { return static_cast<int>(opset) + 1; }

}  // namespace cortland::mil
