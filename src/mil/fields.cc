#include "mil/fields.h"

#include "base/error.h"
#include "mil/ops/constant.h"

namespace cortland::mil {
namespace {

// Constants beyond this are weights, which no parameter other than an operand takes.
constexpr uint64_t kMaxParameterBytes = 1 << 20;

const Binding& single(const std::vector<Binding>& bindings) {
  require(bindings.size() == 1, ErrorCode::corrupt, "got {} bindings, want one", bindings.size());
  return bindings.front();
}

Literal constant(const Function& function, const std::vector<Binding>& bindings) {
  auto literal = constant_of(function, single(bindings));
  require(literal.has_value(), ErrorCode::corrupt, "got a run-time value, want a constant");
  return std::move(*literal);
}

}  // namespace

std::optional<Literal> constant_of(const Function& function, const Binding& binding) {
  if (const auto* literal = std::get_if<Literal>(&binding)) return *literal;
  if (const auto* payload = std::get_if<PayloadPtr>(&binding)) {
    if ((*payload)->size_bytes() > kMaxParameterBytes) return std::nullopt;
    return Literal{(*payload)->dtype(), (*payload)->shape(), produce_all(**payload), {}};
  }
  const int32_t producer = function.value(std::get<ValueId>(binding)).producer;
  if (producer < 0) return std::nullopt;
  const Operation& op = function.operations[static_cast<size_t>(producer)];
  if (op.type != Const::kName) return std::nullopt;
  for (const Argument& attribute : op.attributes) {
    if (attribute.name != Const::kValue || attribute.bindings.size() != 1) continue;
    const Binding& stored = attribute.bindings.front();
    // A constant that names a value is broken; following it could go in a circle.
    return std::holds_alternative<ValueId>(stored) ? std::nullopt : constant_of(function, stored);
  }
  return std::nullopt;
}

std::vector<Binding> encode(Value value) {
  return value ? std::vector<Binding>{Binding(value.id)} : std::vector<Binding>{};
}

std::vector<Binding> encode(const std::vector<Value>& values) {
  std::vector<Binding> bindings;
  for (const Value value : values) bindings.emplace_back(value.id);
  return bindings;
}

std::vector<Binding> encode(const Ints& value) {
  return {value.value ? Binding(value.value.id) : Binding(Literal::of(value.literal))};
}

std::vector<Binding> encode(const Binding& value) { return {value}; }

void decode(const Function&, const std::vector<Binding>& bindings, Value* out) {
  const auto* id = std::get_if<ValueId>(&single(bindings));
  require(id != nullptr, ErrorCode::unsupported, "got a constant in place, want the name of a value");
  out->id = *id;
}

void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<Value>* out) {
  out->clear();
  for (const Binding& binding : bindings) {
    Value value;
    decode(function, {binding}, &value);
    out->push_back(value);
  }
}

void decode(const Function& function, const std::vector<Binding>& bindings, Ints* out) {
  if (const auto literal = constant_of(function, single(bindings))) {
    *out = Ints(literal->as_ints());
  } else {
    Value value;
    decode(function, bindings, &value);
    *out = Ints(value);
  }
}

void decode(const Function&, const std::vector<Binding>& bindings, Binding* out) { *out = single(bindings); }

void decode(const Function& function, const std::vector<Binding>& bindings, int32_t* out) {
  *out = constant(function, bindings).as_int();
}
void decode(const Function& function, const std::vector<Binding>& bindings, bool* out) {
  *out = constant(function, bindings).as_bool();
}
void decode(const Function& function, const std::vector<Binding>& bindings, std::string* out) {
  *out = constant(function, bindings).as_string();
}
void decode(const Function& function, const std::vector<Binding>& bindings, Scalar* out) {
  *out = constant(function, bindings).as_scalar();
}
void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<int32_t>* out) {
  *out = constant(function, bindings).as_ints();
}
void decode(const Function& function, const std::vector<Binding>& bindings, std::vector<bool>* out) {
  *out = constant(function, bindings).as_bools();
}

}  // namespace cortland::mil
