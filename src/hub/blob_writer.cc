#include "hub/blob_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace cortland {
namespace {

[[noreturn]] void fail_errno(const std::string& path, std::string_view what) {
  const int number = errno;
  const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  fail(ErrorCode::io, "{}: {}; {}{}", path, what, std::strerror(number),
       is_full ? "; hint: make room, or set HF_HUB_CACHE to a folder elsewhere; the same command goes on from here"
               : "");
}

}  // namespace

BlobWriter::BlobWriter(const std::string& folder, const RepositoryFile& file, const std::function<void()>& tick)
    : file_(file), final_path_(join_path(folder, file.digest)), path_(final_path_ + ".incomplete") {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail_errno(path_, "cannot create");
  try {
    hash_existing(tick);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

BlobWriter::~BlobWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void BlobWriter::begin_digest() {
  const bool is_sha256 = file_.digest.size() == 64;
  digest_.emplace(is_sha256 ? DigestKind::sha256 : DigestKind::sha1);
  if (is_sha256) return;
  const std::string header = fmt::format("blob {}", file_.size);  // git hashes it with its NUL before the content
  digest_->update(std::as_bytes(std::span(header.c_str(), header.size() + 1)));
}

void BlobWriter::hash_existing(const std::function<void()>& tick) {
  begin_digest();
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail_errno(path_, "cannot look at");
  if (static_cast<uint64_t>(status.st_size) > file_.size) return restart();
  std::vector<std::byte> piece(1 << 20);
  for (;;) {
    const ssize_t n = ::pread(descriptor_, piece.data(), piece.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno(path_, "cannot read");
    if (n == 0) return;
    digest_->update(std::span(piece).first(static_cast<size_t>(n)));
    size_ += static_cast<uint64_t>(n);
    tick();
  }
}

void BlobWriter::append(std::span<const std::byte> bytes) {
  require(bytes.size() <= file_.size - size_, ErrorCode::corrupt,
          "{}: the Hub sends more than it announced; want {} bytes", printable(file_.name), file_.size);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(size_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_errno(path_, fmt::format("cannot write at byte {}", size_ + done));
    done += static_cast<size_t>(n);
  }
  digest_->update(bytes);
  size_ += bytes.size();
}

void BlobWriter::restart() {
  if (::ftruncate(descriptor_, 0) != 0) fail_errno(path_, "cannot empty");
  size_ = 0;
  begin_digest();
}

bool BlobWriter::finish() {
  const std::string got = digest_->finish();
  if (got != file_.digest) {
    wrong_digest_ = got;
    restart();
    return false;
  }
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) fail_errno(path_, "cannot flush");
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_errno(path_, "cannot close");
  if (::rename(path_.c_str(), final_path_.c_str()) != 0) fail_errno(final_path_, "cannot rename into place");
  disk().sync_directory(parent_path(final_path_));
  return true;
}

}  // namespace cortland
