#include "lower/encoded_payload.h"

#include <fmt/format.h>

namespace cortland {
namespace {

std::string_view name_of(EncodedPart part) {
  switch (part) {
    case EncodedPart::codes: return "codes";
    case EncodedPart::scales: return "scales";
    case EncodedPart::offsets: return "offsets";
    case EncodedPart::tables: return "tables";
  }
  return "";
}

class EncodedPayload : public mil::Payload {
 public:
  EncodedPayload(std::shared_ptr<const EncodedMatrix> matrix, EncodedPart part, DType dtype, Shape shape)
      : matrix_(std::move(matrix)), part_(part), dtype_(dtype), shape_(std::move(shape)),
        key_(fmt::format("{} of {}", name_of(part), matrix_->key())) {}
  const std::string& key() const override { return key_; }
  DType dtype() const override { return dtype_; }
  const Shape& shape() const override { return shape_; }
  void produce(uint64_t offset, std::span<std::byte> out) const override { matrix_->produce(part_, offset, out); }
  uint64_t granule_bytes() const override { return matrix_->granule_bytes(part_); }

 private:
  std::shared_ptr<const EncodedMatrix> matrix_;
  EncodedPart part_;
  DType dtype_;
  Shape shape_;
  std::string key_;
};

}  // namespace

mil::PayloadPtr make_encoded_payload(std::shared_ptr<const EncodedMatrix> matrix, EncodedPart part, Shape shape) {
  const DType dtype = matrix->dtype(part);
  return std::make_shared<EncodedPayload>(std::move(matrix), part, dtype, std::move(shape));
}

mil::PayloadPtr make_byte_payload(std::shared_ptr<const EncodedMatrix> matrix, int64_t bytes) {
  return std::make_shared<EncodedPayload>(std::move(matrix), EncodedPart::codes, DType::u8, Shape{bytes});
}

}  // namespace cortland
