#include "hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace cortland {

std::optional<FileLock> FileLock::try_take(const std::string& path) {
  disk().make_directories(parent_path(path));
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    require(descriptor >= 0, ErrorCode::io, "{}: cannot create the lock; {}", path, std::strerror(errno));
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      if (errno == EINTR) continue;
      fail(ErrorCode::io, "{}: cannot lock; {}; hint: set HF_HUB_CACHE to a folder on a disk of this machine", path,
           std::strerror(errno));
    }
    // Other tools may remove the file when they are done: then it is no lock any more.
    struct stat held {}, there {};
    if (::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
        held.st_dev == there.st_dev) {
      return lock;
    }
  }
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace cortland
