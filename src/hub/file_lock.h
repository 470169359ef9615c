// A lock that other tools for the Hub respect too: flock() on a file of its own, freed by the end of the process.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace cortland {

class FileLock {
 public:
  // nullopt while somebody else has it. Makes the file and its folders. Errors: io.
  static std::optional<FileLock> try_take(const std::string& path);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace cortland
