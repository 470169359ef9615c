// A file system in memory: the ordinary fixture of tests and fuzzers. Not thread-safe while being changed.
#pragma once

#include <map>
#include <set>

#include "base/file.h"

namespace cortland {

class MemoryFileSystem : public FileSystem {
 public:
  std::shared_ptr<const InputFile> open(const std::string& path) const override;
  std::unique_ptr<OutputFile> create(const std::string& path) override;
  std::optional<FileKind> kind(const std::string& path) const override;
  std::vector<std::string> list(const std::string& directory) const override;
  void make_directories(const std::string& path) override;
  void remove_all(const std::string& path) override;
  void rename(const std::string& from, const std::string& to) override;
  bool exchange(const std::string& a, const std::string& b) override;
  void sync_directory(const std::string& path) override;

  // Fault injection: once this many bytes were written in all, append fails with `io` ("no space left").
  void fail_after(uint64_t bytes) { bytes_left_ = bytes; }
  // Fault injection: every changing call beyond the first `n` throws `io`, as a killed process would stop.
  void stop_after_changes(uint64_t n) { changes_left_ = n; }
  // exchange() answers false, as on a file system that has no such call.
  void without_exchange() { can_exchange_ = false; }

  // The bytes of a file, to be changed in place.
  std::string& contents(const std::string& path);
  // Every file, by path.
  std::map<std::string, std::string> snapshot() const;

 private:
  friend class MemoryOutput;
  void count_change();
  void spend(uint64_t bytes);
  void move_tree(const std::string& from, const std::string& to);

  std::map<std::string, std::shared_ptr<std::string>> files_;
  std::set<std::string> directories_;
  std::optional<uint64_t> bytes_left_;
  std::optional<uint64_t> changes_left_;
  bool can_exchange_ = true;
};

}  // namespace cortland
