// Every op that this program knows, as rows of type-erased functions.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mil/op.h"

namespace cortland::mil {

// One operation with its fields decoded.
class OpInstance {
 public:
  virtual ~OpInstance() = default;
  virtual std::vector<Type> infer(const Inference& inference) const = 0;
  virtual void eval(Evaluation& evaluation) const = 0;
};

struct FieldRow {
  std::string_view name;
  Presence presence;
  Place place;
  Opset since;
};

struct OpRow {
  std::string_view name;
  Opset since;
  std::vector<FieldRow> fields;
  // The generic operation of a struct of this op, without name and outputs.
  Operation (*encode)(const void* op);
  // Errors: corrupt for a missing, unknown or ill-typed parameter.
  std::unique_ptr<OpInstance> (*instantiate)(const OpRow& row, const Function& function, const Operation& operation);
};

std::span<const OpRow> op_rows();  // by name, and by opset where an op changed its form
// The form of an op that is in force at `opset`: the newest that is not newer, or else the oldest. nullptr: no such op.
const OpRow* find_op(std::string_view name, Opset opset);

// The generic operation of `op`, a struct whose kName and kSince are these. Type-erased, so that only the registry
// compiles every op.
Operation encode_op(std::string_view name, Opset since, const void* op);

// Decodes the fields of an operation. Errors: corrupt, naming the operation; unsupported for an unknown op.
std::unique_ptr<OpInstance> instantiate(const Function& function, const Operation& operation);

}  // namespace cortland::mil
