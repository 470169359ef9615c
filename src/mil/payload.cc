#include "mil/payload.h"

#include <cstring>
#include <string_view>

#include "base/sha256.h"

namespace cortland::mil {
namespace {

class BytesPayload : public Payload {
 public:
  BytesPayload(DType dtype, Shape shape, std::vector<std::byte> bytes)
      : dtype_(dtype), shape_(std::move(shape)), bytes_(std::move(bytes)) {
    key_ = "bytes:" + sha256_of(std::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()));
  }
  const std::string& key() const override { return key_; }
  DType dtype() const override { return dtype_; }
  const Shape& shape() const override { return shape_; }
  void produce(uint64_t offset, std::span<std::byte> out) const override {
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }
  std::span<const std::byte> view() const override { return bytes_; }

 private:
  DType dtype_;
  Shape shape_;
  std::vector<std::byte> bytes_;
  std::string key_;
};

}  // namespace

std::vector<std::byte> produce_all(const Payload& payload) {
  std::vector<std::byte> bytes(payload.size_bytes());
  payload.produce(0, bytes);
  return bytes;
}

PayloadPtr make_bytes_payload(DType dtype, Shape shape, std::vector<std::byte> bytes) {
  return std::make_shared<BytesPayload>(dtype, std::move(shape), std::move(bytes));
}

}  // namespace cortland::mil
