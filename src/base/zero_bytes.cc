#include "base/zero_bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace cortland {
namespace {

constexpr size_t kFreshPages = size_t{1} << 20;  // to ask the system for less costs more than the zeros

}  // namespace

ZeroBytes::ZeroBytes(size_t size) : ZeroBytes() {
  void* bytes = nullptr;
  if (size < kFreshPages) {
    bytes = std::calloc(std::max<size_t>(size, 1), 1);
  } else if (bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
             bytes == MAP_FAILED) {
    bytes = nullptr;
  }
  if (bytes == nullptr) throw std::bad_alloc();
  bytes_ = {static_cast<std::byte*>(bytes), Release{size}};
}

void ZeroBytes::Release::operator()(std::byte* bytes) const {
  if (size < kFreshPages) {
    std::free(bytes);
  } else {
    munmap(bytes, size);
  }
}

}  // namespace cortland
