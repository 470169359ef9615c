// A dense array as the interpreter holds it: its declared element type and its values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/zero_bytes.h"
#include "tensor/dtype.h"
#include "tensor/elements.h"
#include "tensor/shape.h"

namespace cortland {

// fp32 values of a tensor: a view where they exist already, a converted copy otherwise.
class Floats {
 public:
  explicit Floats(std::span<const float> view) : view_(view) {}
  explicit Floats(std::vector<float> owned) : owned_(std::move(owned)), view_(owned_) {}
  Floats(Floats&&) = default;
  Floats& operator=(Floats&&) = default;
  const float* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  float operator[](size_t i) const { return view_[i]; }
  std::span<const float> span() const { return view_; }

 private:
  std::vector<float> owned_;
  std::span<const float> view_;
};

// Copies share their values, which nobody changes while they are shared.
//
// Four representations: *computed* floats (fp32 in memory whatever the declared float type), integers (int32 in
// memory; bool as 0 and 1), *stored* elements (raw bytes of the declared type: weights and states) and *encoded* ones
// (codes that become numbers whenever they are read: compressed weights).
class Tensor {
 public:
  Tensor() = default;

  // REQUIRES: one value per element.
  static Tensor of_floats(DType dtype, Shape shape, std::vector<float> values);
  static Tensor of_ints(DType dtype, Shape shape, std::vector<int32_t> values);
  static Tensor of_text(std::string text);
  // Views bytes that `owner` keeps alive.
  static Tensor of_stored(DType dtype, Shape shape, std::span<const std::byte> bytes,
                          std::shared_ptr<const void> owner);
  static Tensor of_encoded(DType dtype, Shape shape, ElementsPtr elements);
  // All zeros, stored; owns its bytes and can be changed by mutable_stored().
  static Tensor zeros_stored(DType dtype, Shape shape);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t size() const { return element_count(shape_); }

  bool is_stored() const { return storage_ != nullptr && storage_->kind == Kind::stored; }
  std::span<const std::byte> stored() const;  // REQUIRES: is_stored()
  // nullptr unless the elements are encoded.
  const Elements* encoded() const { return storage_ == nullptr ? nullptr : storage_->encoded.get(); }
  // The elements, whatever the representation. REQUIRES: not text.
  ElementsPtr elements() const;
  Floats floats() const;                      // REQUIRES: a float type
  std::span<const int32_t> ints() const;      // REQUIRES: an integer or bool tensor that is not stored
  const std::string& text() const;

  // True when no other tensor shares the values, so that they may be changed.
  bool is_unique() const { return storage_.use_count() == 1; }
  std::span<float> mutable_floats();      // REQUIRES: computed floats, is_unique()
  std::span<std::byte> mutable_stored();  // REQUIRES: made by zeros_stored(), is_unique()

  // The elements as they lie in memory, whatever the representation, and the bytes of one. REQUIRES: not text, not
  // encoded, and no sub-byte type.
  std::span<const std::byte> raw() const;
  size_t raw_element_size() const;
  // A tensor of this type and representation with other elements: fill(out) writes them, raw.
  Tensor rearranged(Shape shape, const std::function<void(std::byte* out)>& fill) const;

  // The same as computed floats where it is encoded, so that its elements can be moved.
  Tensor decoded() const;
  // The same values under another shape. REQUIRES: as many elements.
  Tensor reshaped(Shape shape) const;
  // The same values declared as another type of the same kind (no rounding).
  Tensor declared_as(DType dtype) const;

 private:
  enum class Kind { floats, ints, text, stored, encoded };
  struct Values {
    Kind kind;
    std::vector<float> floats;
    std::vector<int32_t> ints;
    std::string text;
    ZeroBytes bytes;
    std::span<const std::byte> view;
    std::shared_ptr<const void> owner;
    ElementsPtr encoded;
  };

  DType dtype_ = DType::f32;
  Shape shape_;
  std::shared_ptr<Values> storage_;
};

}  // namespace cortland
