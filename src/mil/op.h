// What an op is: a struct with a name, fields, a type rule and a meaning. One that lacks a part does not compile.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "mil/fields.h"
#include "tensor/tensor.h"

namespace cortland::mil {

inline std::string shown(const Type& type) { return to_string(type); }
inline std::string shown(const Shape& shape) { return to_string(shape); }
inline std::string shown(const std::vector<int32_t>& list) { return Literal::of(list).text(); }
template <typename T>
const T& shown(const T& value) {
  return value;
}
template <typename T>
using Shown = decltype(shown(std::declval<const T&>()));

// What a type rule may ask, and the checks that rules share. Errors: corrupt, naming the operation.
class Inference {
 public:
  Inference(const Function& function, const Operation& operation) : function_(function), operation_(operation) {}

  // The type of an operand that must be a tensor.
  const Type& tensor(Value value) const;
  // The type of an operand that must be a state.
  const Type& state(Value value) const;
  // As tensor(), and a floating type that graphs compute in (fp16 or fp32).
  const Type& float_tensor(Value value) const;
  // The number of elements of a parameter given by constant or value; -1 when unknown.
  int64_t length(const Ints& ints) const;
  void require_same_dtype(Value a, Value b) const;
  // The type of what a parameter is bound to, and its value where that is known before the run.
  Type binding(const Binding& binding) const;
  std::optional<Literal> constant(const Binding& binding) const { return constant_of(function_, binding); }

  // `axis` counted from the front. Errors: out of range.
  size_t axis(int32_t axis, size_t rank) const;

  // Types, shapes and lists stand in the message as texts, which are made only when it is needed.
  template <typename... Args>
  void check(bool condition, fmt::format_string<Shown<Args>...> format, const Args&... args) const {
    if (!condition) {
      fail(fmt::format(format, shown(args)...));
    }
  }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const Function& function_;
  const Operation& operation_;
};

// An operand of an op on compressed weights.
struct Operand {
  DType dtype = DType::f16;
  Shape shape;
  ElementsPtr elements;
  std::span<const std::byte> bytes;  // as they are stored; empty when another op computes it
  std::shared_ptr<const void> owner;
};

// What the meaning of an op may touch. The interpreter implements it.
class Evaluation {
 public:
  virtual ~Evaluation() = default;
  virtual const Tensor& get(Value value) = 0;
  // The operand, moved out when nothing uses it afterwards, so that it may be unique and changed in place.
  virtual Tensor take(Value value) = 0;
  virtual void set(Tensor result, size_t output = 0) = 0;
  // The type of a result, with every dimension that is known before the run.
  virtual const Type& result_type(size_t output = 0) const = 0;
  virtual size_t result_count() const = 0;
  virtual Tensor read_state(Value state) = 0;
  virtual void write_state(Value state, Tensor value) = 0;

  std::vector<int32_t> ints(const Ints& parameter);
  Operand operand(const Binding& binding);
};

template <typename Op>
concept MilOp = requires(const Op op, const Inference& inference, Evaluation& evaluation) {
  { Op::kName } -> std::convertible_to<std::string_view>;
  { Op::kSince } -> std::convertible_to<Opset>;
  Op::fields();
  { op.infer(inference) } -> std::same_as<std::vector<Type>>;
  { op.eval(evaluation) } -> std::same_as<void>;
};

// The shape of x op y by NumPy's rule; nullopt when they do not fit. An unknown dimension fits everything.
std::optional<Shape> broadcast_shapes(const Shape& a, const Shape& b);
// The same for the shapes of a run, which a type rule that met unknown dimensions could not check. Errors: invalid.
Shape run_time_shape(std::string_view op, const Shape& a, const Shape& b);

}  // namespace cortland::mil
