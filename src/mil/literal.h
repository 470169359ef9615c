// A small constant written inside the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace cortland::mil {

// A floating scalar together with its element type (fp16 or fp32).
struct Scalar {
  float value = 0;
  DType dtype = DType::f16;
  bool operator==(const Scalar&) const = default;
};

struct Literal {
  // Not inline: they are large, and programs are full of them.
  Literal();
  Literal(DType type, Shape sizes, std::vector<std::byte> elements, std::vector<std::string> texts);
  Literal(const Literal&);
  Literal(Literal&&) noexcept;
  Literal& operator=(const Literal&);
  Literal& operator=(Literal&&) noexcept;
  ~Literal();

  DType dtype = DType::i32;
  Shape shape;                       // [] is a scalar
  std::vector<std::byte> bytes;      // dense, little-endian, sub-byte types packed; bool is one byte an element
  std::vector<std::string> strings;  // of a string literal instead

  bool operator==(const Literal&) const = default;

  static Literal of(int32_t value);
  static Literal of(bool value);
  static Literal of(const std::string& value);
  static Literal of(Scalar value);
  static Literal of(const std::vector<int32_t>& values);
  static Literal of(const std::vector<bool>& values);
  static Literal of_unsigned(const std::vector<int64_t>& values);  // uint32

  // Reading back. Errors: corrupt when the type or the rank is another one.
  int32_t as_int() const;
  bool as_bool() const;
  const std::string& as_string() const;
  Scalar as_scalar() const;
  std::vector<int32_t> as_ints() const;   // rank 0 or 1, any integer type up to 32 bits
  std::vector<bool> as_bools() const;     // rank 0 or 1

  // "[0, 0, 1]", "\"valid\"", "1e-05"; a long one is cut.
  std::string text() const;
  // As the interpreter holds it. Errors: unsupported for an element type that it cannot hold.
  Tensor tensor() const;
};

}  // namespace cortland::mil
