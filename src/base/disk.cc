// The machine's own file system: POSIX calls, checked, with the path in every message.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "base/error.h"
#include "base/file.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <linux/fs.h>
#endif

namespace cortland {
namespace {

[[noreturn]] void fail_errno(const std::string& path, std::string_view what) {
  const int number = errno;
  const auto code = number == ENOENT || number == ENOTDIR ? ErrorCode::not_found : ErrorCode::io;
  fail(code, "{}: {}; {}", path, what, std::strerror(number));
}

class DiskInput : public InputFile {
 public:
  explicit DiskInput(const std::string& path) : path_(path) {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) fail_errno(path, "cannot open");
    struct stat status {};
    if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd_);
      fail(ErrorCode::corrupt, "{}: not a regular file", path);
    }
    size_ = static_cast<uint64_t>(status.st_size);
  }
  DiskInput(const DiskInput&) = delete;
  DiskInput& operator=(const DiskInput&) = delete;
  ~DiskInput() override {
    if (mapped_ != nullptr) ::munmap(mapped_, size_);
    ::close(fd_);
  }

  const std::string& path() const override { return path_; }
  uint64_t size() const override { return size_; }

  void read(uint64_t offset, std::span<std::byte> out) const override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail_errno(path_, "cannot read");
      if (n == 0) fail(ErrorCode::io, "{}: ends early, want {} bytes at {}", path_, out.size(), offset);
      done += static_cast<size_t>(n);
    }
  }

  std::span<const std::byte> map() const override {
    if (size_ == 0) return {};
    std::call_once(once_, [this] {
      void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
      if (address == MAP_FAILED) fail_errno(path_, "cannot map");
      mapped_ = address;
    });
    return {static_cast<const std::byte*>(mapped_), size_};
  }

 private:
  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  mutable std::once_flag once_;
  mutable void* mapped_ = nullptr;
};

class DiskOutput : public OutputFile {
 public:
  explicit DiskOutput(const std::string& path) : path_(path) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) fail_errno(path, "cannot create");
  }
  DiskOutput(const DiskOutput&) = delete;
  DiskOutput& operator=(const DiskOutput&) = delete;
  ~DiskOutput() override {
    if (fd_ >= 0) ::close(fd_);
  }

  uint64_t size() const override { return size_; }

  void append(std::span<const std::byte> bytes) override {
    write_at(size_, bytes);
    size_ += bytes.size();
    start_writeback();
  }

  void overwrite(uint64_t offset, std::span<const std::byte> bytes) override { write_at(offset, bytes); }

  void close() override {
    const int fd = fd_;
    fd_ = -1;
    const bool synced = ::fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    if (!synced) {
      ::close(fd);
      fail_errno(path_, "cannot flush");
    }
    if (::close(fd) != 0) fail_errno(path_, "cannot close");
  }

 private:
  void write_at(uint64_t offset, std::span<const std::byte> bytes) {
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n =
          ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail_errno(path_, fmt::format("cannot write at byte {}", offset + done));
      done += static_cast<size_t>(n);
    }
  }

  // Lets the kernel write while the next bytes are computed, so that close() has little left to wait for.
  void start_writeback() {
#if defined(__linux__)
    constexpr uint64_t kStep = 32u << 20;
    if (size_ - started_ < kStep) return;
    ::sync_file_range(fd_, static_cast<off_t>(started_), static_cast<off_t>(size_ - started_), SYNC_FILE_RANGE_WRITE);
    started_ = size_;
#endif
  }

  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  [[maybe_unused]] uint64_t started_ = 0;
};

class Disk : public FileSystem {
 public:
  std::shared_ptr<const InputFile> open(const std::string& path) const override {
    return std::make_shared<DiskInput>(path);
  }

  std::unique_ptr<OutputFile> create(const std::string& path) override { return std::make_unique<DiskOutput>(path); }

  std::optional<FileKind> kind(const std::string& path) const override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      fail_errno(path, "cannot look at");
    }
    return S_ISDIR(status.st_mode) ? FileKind::directory : FileKind::file;
  }

  std::vector<std::string> list(const std::string& directory) const override {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    if (error) fail(ErrorCode::not_found, "{}: cannot list; {}", directory, error.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  void make_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) fail(ErrorCode::io, "{}: cannot make the folder; {}", path, error.message());
  }

  void remove_all(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) fail(ErrorCode::io, "{}: cannot remove; {}", path, error.message());
  }

  void rename(const std::string& from, const std::string& to) override {
#if defined(__linux__)
    const long result = ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
    if (result == 0) return;
    if (errno != EINVAL && errno != ENOSYS) fail_errno(to, "cannot rename into place");
#elif defined(__APPLE__)
    if (::renamex_np(from.c_str(), to.c_str(), RENAME_EXCL) == 0) return;
    if (errno != ENOTSUP) fail_errno(to, "cannot rename into place");
#endif
    if (kind(to)) fail(ErrorCode::io, "{}: cannot rename into place; it exists", to);
    if (::rename(from.c_str(), to.c_str()) != 0) fail_errno(to, "cannot rename into place");
  }

  bool exchange(const std::string& a, const std::string& b) override {
#if defined(__linux__)
    if (::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return true;
    if (errno == EINVAL || errno == ENOSYS) return false;
#elif defined(__APPLE__)
    if (::renamex_np(a.c_str(), b.c_str(), RENAME_SWAP) == 0) return true;
    if (errno == ENOTSUP) return false;
#else
    return false;
#endif
    fail_errno(b, "cannot exchange");
  }

  void sync_directory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) fail_errno(path, "cannot open the folder");
    const bool synced = ::fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    const int number = errno;
    ::close(fd);
    errno = number;
    if (!synced) fail_errno(path, "cannot flush the folder");
  }
};

}  // namespace

FileSystem& disk() {
  static Disk instance;
  return instance;
}

}  // namespace cortland
