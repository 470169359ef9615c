#include "package/finite.h"

#include <atomic>

#include "base/bytes.h"
#include "base/parallel.h"

namespace cortland {
namespace {

constexpr size_t kGrain = 1 << 18;  // elements

// A number is not finite when all bits of its exponent are set.
template <typename T>
std::optional<size_t> search(std::span<const std::byte> bytes, T exponent) {
  std::atomic<size_t> first = SIZE_MAX;
  parallel_for(bytes.size() / sizeof(T), kGrain, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if ((load_le<T>(bytes, i * sizeof(T)) & exponent) != exponent) continue;
      size_t known = first;
      while (i < known && !first.compare_exchange_weak(known, i)) {
      }
      return;
    }
  });
  return first == SIZE_MAX ? std::nullopt : std::optional<size_t>(first);
}

}  // namespace

std::optional<size_t> find_non_finite(DType dtype, std::span<const std::byte> bytes) {
  switch (dtype) {
    case DType::f16: return search<uint16_t>(bytes, 0x7c00);
    case DType::bf16: return search<uint16_t>(bytes, 0x7f80);
    case DType::f32: return search<uint32_t>(bytes, 0x7f800000);
    case DType::f64: return search<uint64_t>(bytes, 0x7ff0000000000000);
    default: return std::nullopt;
  }
}

}  // namespace cortland
