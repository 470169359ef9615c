#include "tensor/tensor.h"

#include "base/error.h"
#include "tensor/convert.h"

namespace cortland {

Tensor Tensor::of_floats(DType dtype, Shape shape, std::vector<float> values) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.storage_ = std::make_shared<Values>();
  t.storage_->kind = Kind::floats;
  t.storage_->floats = std::move(values);
  return t;
}

Tensor Tensor::of_ints(DType dtype, Shape shape, std::vector<int32_t> values) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.storage_ = std::make_shared<Values>();
  t.storage_->kind = Kind::ints;
  t.storage_->ints = std::move(values);
  return t;
}

Tensor Tensor::of_text(std::string text) {
  Tensor t;
  t.dtype_ = DType::string;
  t.storage_ = std::make_shared<Values>();
  t.storage_->kind = Kind::text;
  t.storage_->text = std::move(text);
  return t;
}

Tensor Tensor::of_stored(DType dtype, Shape shape, std::span<const std::byte> bytes,
                         std::shared_ptr<const void> owner) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.storage_ = std::make_shared<Values>();
  t.storage_->kind = Kind::stored;
  t.storage_->view = bytes;
  t.storage_->owner = std::move(owner);
  return t;
}

Tensor Tensor::of_encoded(DType dtype, Shape shape, ElementsPtr elements) {
  Tensor t;
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.storage_ = std::make_shared<Values>();
  t.storage_->kind = Kind::encoded;
  t.storage_->encoded = std::move(elements);
  return t;
}

Tensor Tensor::zeros_stored(DType dtype, Shape shape) {
  Tensor t = of_stored(dtype, std::move(shape), {}, nullptr);
  t.storage_->bytes = ZeroBytes(stored_size(static_cast<uint64_t>(t.size()), dtype));
  t.storage_->view = t.storage_->bytes.span();
  return t;
}

std::span<const std::byte> Tensor::stored() const { return storage_->view; }

Floats Tensor::floats() const {
  require(cortland::is_float(dtype_) && storage_ != nullptr, ErrorCode::invalid, "tensor of {}: want a float type",
          name_of(dtype_));
  if (storage_->kind == Kind::floats) return Floats(std::span<const float>(storage_->floats));
  std::vector<float> values(static_cast<size_t>(size()));
  if (storage_->kind == Kind::encoded) {
    storage_->encoded->read(0, values);
  } else {
    to_floats(dtype_, storage_->view.data(), values);
  }
  return Floats(std::move(values));
}

ElementsPtr Tensor::elements() const {
  switch (storage_->kind) {
    case Kind::encoded: return storage_->encoded;
    case Kind::stored: return make_stored_elements(dtype_, storage_->view, storage_);
    case Kind::floats: return make_float_elements(storage_->floats);
    case Kind::ints: return make_float_elements({storage_->ints.begin(), storage_->ints.end()});
    case Kind::text: break;
  }
  fail(ErrorCode::invalid, "a string has no elements");
}

Tensor Tensor::decoded() const {
  if (encoded() == nullptr) return *this;
  std::vector<float> values(static_cast<size_t>(size()));
  storage_->encoded->read(0, values);
  if (cortland::is_float(dtype_)) return of_floats(dtype_, shape_, std::move(values));
  return of_ints(dtype_, shape_, {values.begin(), values.end()});
}

std::span<const int32_t> Tensor::ints() const {
  require(storage_ != nullptr && storage_->kind == Kind::ints, ErrorCode::invalid,
          "tensor of {}: want an integer type", name_of(dtype_));
  return storage_->ints;
}

const std::string& Tensor::text() const {
  require(storage_ != nullptr && storage_->kind == Kind::text, ErrorCode::invalid, "tensor of {}: want a string",
          name_of(dtype_));
  return storage_->text;
}

std::span<float> Tensor::mutable_floats() { return storage_->floats; }

std::span<std::byte> Tensor::mutable_stored() { return storage_->bytes.span(); }

std::span<const std::byte> Tensor::raw() const {
  switch (storage_->kind) {
    case Kind::floats: return std::as_bytes(std::span<const float>(storage_->floats));
    case Kind::ints: return std::as_bytes(std::span<const int32_t>(storage_->ints));
    case Kind::stored: return storage_->view;
    case Kind::encoded: fail(ErrorCode::invalid, "encoded elements do not lie in memory one by one");
    case Kind::text: break;
  }
  fail(ErrorCode::invalid, "a string has no elements");
}

size_t Tensor::raw_element_size() const {
  if (storage_->kind != Kind::stored) return sizeof(float);
  require(bits_of(dtype_) >= 8, ErrorCode::unsupported, "packed elements of {} cannot be moved one by one",
          name_of(dtype_));
  return static_cast<size_t>(bits_of(dtype_) / 8);
}

Tensor Tensor::rearranged(Shape shape, const std::function<void(std::byte* out)>& fill) const {
  const auto count = static_cast<size_t>(element_count(shape));
  switch (storage_->kind) {
    case Kind::floats: {
      std::vector<float> values(count);
      fill(reinterpret_cast<std::byte*>(values.data()));
      return of_floats(dtype_, std::move(shape), std::move(values));
    }
    case Kind::ints: {
      std::vector<int32_t> values(count);
      fill(reinterpret_cast<std::byte*>(values.data()));
      return of_ints(dtype_, std::move(shape), std::move(values));
    }
    case Kind::stored: {
      Tensor t = zeros_stored(dtype_, std::move(shape));
      fill(t.mutable_stored().data());
      return t;
    }
    case Kind::encoded: fail(ErrorCode::invalid, "encoded elements cannot be moved one by one");
    case Kind::text: break;
  }
  fail(ErrorCode::invalid, "a string has no elements");
}

Tensor Tensor::reshaped(Shape shape) const {
  if (element_count(shape) != size()) {
    fail(ErrorCode::invalid, "reshape: got {}, want {} elements", to_string(shape), size());
  }
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

Tensor Tensor::declared_as(DType dtype) const {
  Tensor t = *this;
  t.dtype_ = dtype;
  return t;
}

}  // namespace cortland
