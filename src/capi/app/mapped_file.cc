#include "capi/app/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace cortland::capi {

using portable::Failure;
using portable::Result;
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Failure failure_of(const char* path, const char* what, int code) {
  return Failure{std::string(path) + ": " + what + "; got " + std::generic_category().message(code) +
                 ", want a text file"};
}

}  // namespace

Result<MappedFile> MappedFile::open(const char* path) {
  // Without waiting, should it be a pipe.
  const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return failure_of(path, "cannot be opened", errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return failure_of(path, "cannot be looked at", errno);
  if (!S_ISREG(status.st_mode)) return Failure{std::string(path) + ": is no file; want a text file"};
  if (status.st_size == 0) return Failure{std::string(path) + ": is empty; want a text file"};
  const auto size = static_cast<size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (address == MAP_FAILED) return failure_of(path, "cannot be mapped", errno);
  return MappedFile(std::span(static_cast<const std::byte*>(address), size));
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace cortland::capi
