#include "mil/verify.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "mil/ops/constant.h"
#include "mil/ops/index.h"
#include "mil/ops/shape.h"
#include "mil/ops/slice.h"
#include "mil/ops/state.h"
#include "mil/registry.h"

namespace cortland::mil {
namespace {

constexpr size_t kMaxRank = 5;

constexpr std::array kRules = {
    VerifyRule{"opset", "every function names one known opset, and all the same"},
    VerifyRule{"opset-op", "no operation or parameter is newer than the opset of its function"},
    VerifyRule{"op-unknown", "every operation is one that this program knows"},
    VerifyRule{"name-invalid", "names are letters, digits and underscores, and no reserved words"},
    VerifyRule{"name-duplicate", "every value of a function has a name of its own"},
    VerifyRule{"operand", "operations use only what earlier ones define"},
    VerifyRule{"parameter", "operations have every parameter of their op, of the right kind, and no other"},
    VerifyRule{"type-rule", "operands obey the type rule of the op"},
    VerifyRule{"result-type", "declared results are what the type rule gives"},
    VerifyRule{"rank", "no tensor but those of compressed weights has more than 5 axes"},
    VerifyRule{"shape-empty", "no tensor is empty"},
    VerifyRule{"input-scalar", "function inputs have an axis"},
    VerifyRule{"input-unused", "every function input is used"},
    VerifyRule{"output-missing", "every function has an output"},
    VerifyRule{"output-duplicate", "no value is an output twice"},
    VerifyRule{"output-input", "every output is the result of an operation"},
    VerifyRule{"state-type", "states hold fp16 tensors of fixed shape"},
    VerifyRule{"state-use", "only reads and writes touch a state, and only states are read and written"},
    VerifyRule{"state-output", "neither a state nor the value written to one is an output"},
    VerifyRule{"state-mixed", "functions that share a state agree on its type"},
    VerifyRule{"single-part", "nothing is split into, or joined from, one part"},
    VerifyRule{"gather-scalar", "gather takes no scalar index into a tensor of 5 axes"},
};

constexpr std::array<std::string_view, 30> kReservedWords = {
    "any",  "bool", "program", "func", "tensor", "list",  "dict",  "tuple", "true",   "false",
    "bf16", "fp16", "fp32",    "fp64", "int8",   "int16", "int32", "int64", "uint8",  "uint16",
    "int4", "int1", "uint1",   "uint2", "uint3", "uint4", "uint32", "uint64", "string", "state"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class FunctionVerifier {
 public:
  FunctionVerifier(const Function& function, std::vector<Finding>* findings)
      : function_(function), findings_(findings), is_known_opset_(find_opset(function.opset, &opset_)) {}

  void verify() {
    verify_names();
    for (const ValueInfo& value : function_.values) verify_value(value);
    for (const ValueId id : function_.inputs) verify_input(function_.value(id));
    for (size_t i = 0; i < function_.operations.size(); ++i) verify_operation(i);
    verify_uses();
    verify_outputs();
  }

 private:
  template <typename... Args>
  void add(std::string_view rule, const std::string& where, fmt::format_string<Args...> format, Args&&... args) {
    std::string place = "function " + printable(function_.name);
    if (!where.empty()) place += ": " + where;
    findings_->push_back({rule, std::move(place), fmt::format(format, std::forward<Args>(args)...)});
  }

  static std::string title(const Operation& operation) {
    return fmt::format("operation {} ({})", printable(operation.name), printable(operation.type));
  }
  std::string title(const ValueInfo& value) const { return "value " + printable(value.name); }

  void verify_names() {
    if (!is_valid_name(function_.name)) {
      add("name-invalid", "", "its name is reserved or has other characters than [A-Za-z0-9_]");
    }
    std::unordered_set<std::string_view> seen;
    for (const ValueInfo& value : function_.values) {
      if (!is_valid_name(value.name)) {
        add("name-invalid", title(value), "its name is reserved or has other characters than [A-Za-z0-9_]");
      }
      if (!seen.insert(value.name).second) add("name-duplicate", title(value), "another value has this name");
    }
  }

  void verify_value(const ValueInfo& value) {
    const Type& type = value.type;
    if (std::find(type.shape.begin(), type.shape.end(), 0) != type.shape.end()) {
      add("shape-empty", title(value), "got {}, want no empty dimension", to_string(type));
    }
    const bool is_weight = value.producer >= 0 && producer(value).type.starts_with(kConstexprPrefix);
    if (type.shape.size() > kMaxRank && !is_weight) {
      add("rank", title(value), "got {}, want at most {} axes", to_string(type), kMaxRank);
    }
    if (!type.is_state) return;
    const bool fixed = std::find(type.shape.begin(), type.shape.end(), kUnknown) == type.shape.end();
    if (type.dtype != DType::f16 || !fixed || type.shape.empty()) {
      add("state-type", title(value), "got {}, want fp16 of fixed shape", to_string(type));
    }
    if (value.producer >= 0) add("state-use", title(value), "a state is the result of an operation");
  }

  void verify_input(const ValueInfo& input) {
    if (input.type.shape.empty()) add("input-scalar", title(input), "got a scalar, want shape [1]");
  }

  // Whether every operand exists already; reports those that do not.
  bool verify_operands(size_t index, const Operation& operation) {
    bool sound = true;
    for (const auto* list : {&operation.inputs, &operation.attributes}) {
      for (const Argument& argument : *list) {
        for (const Binding& binding : argument.bindings) {
          const auto* id = std::get_if<ValueId>(&binding);
          if (id == nullptr) continue;
          const bool exists = *id >= 0 && static_cast<size_t>(*id) < function_.values.size() &&
                              function_.value(*id).producer < static_cast<int32_t>(index);
          if (!exists) {
            add("operand", title(operation), "parameter {}: its value is not defined yet", argument.name);
            sound = false;
            continue;
          }
          verify_state_use(operation, argument, function_.value(*id));
        }
      }
    }
    return sound;
  }

  void verify_state_use(const Operation& operation, const Argument& argument, const ValueInfo& operand) {
    const bool reads = operation.type == ReadState::kName, writes = operation.type == WriteState::kName;
    const bool wants_state = (reads || writes) && argument.name == "input";
    if (wants_state != operand.type.is_state) {
      add("state-use", title(operation), "parameter {}: got {} {}, want a {}", argument.name,
          operand.type.is_state ? "state" : "tensor", printable(operand.name), wants_state ? "state" : "tensor");
    }
    if (writes && argument.name == "data") written_.insert(&operand);
  }

  void verify_operation(size_t index) {
    const Operation& operation = function_.operations[index];
    if (!verify_operands(index, operation)) return;
    if (operation.row == nullptr) {
      return add("op-unknown", title(operation), "this program does not know the op and cannot judge it");
    }
    verify_opset(operation);
    verify_shape_of_use(operation);
    std::unique_ptr<OpInstance> instance;
    try {
      instance = instantiate(function_, operation);
    } catch (const Error& error) {
      return add("parameter", title(operation), "{}", without_title(operation, error));
    }
    try {
      verify_results(operation, instance->infer(Inference(function_, operation)));
    } catch (const Error& error) {
      add("type-rule", title(operation), "{}", without_title(operation, error));
    }
  }

  // Errors of an op begin with its name, which `where` says already.
  static std::string without_title(const Operation& operation, const Error& error) {
    const std::string_view message = error.what();
    const std::string prefix = fmt::format("{} ({}): ", operation.name, operation.type);
    return std::string(message.substr(message.starts_with(prefix) ? prefix.size() : 0));
  }

  void verify_opset(const Operation& operation) {
    if (!is_known_opset_) return;
    if (operation.row->since > opset_) {
      add("opset-op", title(operation), "needs {}, got {}", opset_name(operation.row->since), function_.opset);
    }
    for (const Argument& argument : operation.inputs) {
      for (const FieldRow& field : operation.row->fields) {
        if (field.name == argument.name && field.since > opset_) {
          add("opset-op", title(operation), "parameter {} needs {}, got {}", field.name, opset_name(field.since),
              function_.opset);
        }
      }
    }
  }

  void verify_shape_of_use(const Operation& operation) {
    const auto bindings = [&](std::string_view name) -> const std::vector<Binding>& {
      static const std::vector<Binding> none;
      for (const Argument& argument : operation.inputs) {
        if (argument.name == name) return argument.bindings;
      }
      return none;
    };
    if ((operation.type == Concat::kName && bindings("values").size() == 1) ||
        (operation.type == Split::kName && operation.outputs.size() == 1)) {
      add("single-part", title(operation), "got one part, want two or more");
    }
    if (operation.type == Gather::kName && rank_of(bindings("x")) == kMaxRank && rank_of(bindings("indices")) == 0) {
      add("gather-scalar", title(operation), "got a scalar index, want shape [1]");
    }
  }

  size_t rank_of(const std::vector<Binding>& bindings) const {
    const auto* id = bindings.size() == 1 ? std::get_if<ValueId>(&bindings.front()) : nullptr;
    return id != nullptr ? function_.value(*id).type.shape.size() : SIZE_MAX;
  }

  void verify_results(const Operation& operation, const std::vector<Type>& types) {
    if (types.size() != operation.outputs.size()) {
      return add("result-type", title(operation), "got {} results, want {}", operation.outputs.size(), types.size());
    }
    for (size_t i = 0; i < types.size(); ++i) {
      const ValueInfo& result = function_.value(operation.outputs[i]);
      if (!agree(result.type, types[i])) {
        add("result-type", title(operation), "result {}: got {}, want {}", printable(result.name),
            to_string(result.type), to_string(types[i]));
      }
    }
  }

  // A declared dimension may be known where the rule cannot tell.
  static bool agree(const Type& declared, const Type& inferred) {
    if (declared.dtype != inferred.dtype || declared.is_state != inferred.is_state) return false;
    return std::equal(declared.shape.begin(), declared.shape.end(), inferred.shape.begin(), inferred.shape.end(),
                      [](int64_t a, int64_t b) { return a == b || b == kUnknown; });
  }

  void verify_uses() {
    std::unordered_set<ValueId> used;
    for (const Operation& operation : function_.operations) {
      for (const Argument& argument : operation.inputs) {
        for (const Binding& binding : argument.bindings) {
          if (const auto* id = std::get_if<ValueId>(&binding)) used.insert(*id);
        }
      }
    }
    for (const ValueId id : function_.inputs) {
      if (used.count(id) == 0) add("input-unused", title(function_.value(id)), "no operation uses it");
    }
  }

  void verify_outputs() {
    if (function_.outputs.empty()) add("output-missing", "", "has no output");
    std::unordered_set<ValueId> seen;
    for (const ValueId id : function_.outputs) {
      const ValueInfo& output = function_.value(id);
      const std::string where = "output " + printable(output.name);
      if (!seen.insert(id).second) add("output-duplicate", where, "is listed twice");
      if (output.type.is_state) {
        add("state-output", where, "is a state, want a tensor");
      } else if (output.producer < 0) {
        add("output-input", where, "is an input; hint: pass it through an identity");
      }
      if (written_.count(&output) != 0) {
        add("state-output", where, "is the value written to a state; hint: return what a read gives");
      }
    }
  }

  const Operation& producer(const ValueInfo& value) const {
    return function_.operations[static_cast<size_t>(value.producer)];
  }

  const Function& function_;
  std::vector<Finding>* findings_;
  Opset opset_ = Opset::coreml5;
  bool is_known_opset_;
  std::unordered_set<const ValueInfo*> written_;  // to states
};

}  // namespace

std::span<const VerifyRule> verify_rules() { return kRules; }

std::vector<Finding> verify(const Program& program) {
  std::vector<Finding> findings;
  std::unordered_map<std::string_view, const Type*> states;
  for (const Function& function : program.functions) {
    const std::string where = "function " + printable(function.name);
    Opset opset{};
    if (!find_opset(function.opset, &opset)) {
      findings.push_back(
          {"opset", where, fmt::format("got \"{}\", want CoreML5 to CoreML9", printable(function.opset))});
    } else if (function.opset != program.functions.front().opset) {
      findings.push_back({"opset", where, fmt::format("got {}, want {} as in the first function", function.opset,
                                                      printable(program.functions.front().opset))});
    }
    FunctionVerifier(function, &findings).verify();
    for (const ValueId id : function.inputs) {
      const ValueInfo& input = function.value(id);
      if (!input.type.is_state) continue;
      const Type& first = *states.emplace(input.name, &input.type).first->second;
      if (first != input.type) {
        findings.push_back({"state-mixed", where + ": value " + printable(input.name),
                            fmt::format("got {}, want {} as in an earlier function", to_string(input.type),
                                        to_string(first))});
      }
    }
  }
  return findings;
}

bool is_valid_name(std::string_view name) {
  if (name.empty() || !is_letter(name.front())) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); })) return false;
  return std::find(kReservedWords.begin(), kReservedWords.end(), name) == kReservedWords.end();
}

}  // namespace cortland::mil
