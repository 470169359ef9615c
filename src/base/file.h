// Every byte goes through these three interfaces, so that a test can run in memory and plant faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cortland {

// An open file of a fixed size. Thread-safe.
class InputFile {
 public:
  virtual ~InputFile() = default;
  virtual const std::string& path() const = 0;
  virtual uint64_t size() const = 0;
  // Fills `out` from `offset`. Errors: io when the range cannot be read in full (the file may have shrunk).
  virtual void read(uint64_t offset, std::span<std::byte> out) const = 0;
  // The whole file, valid as long as this object. On disk it is mapped: pages come in when touched.
  virtual std::span<const std::byte> map() const = 0;
};

// A file being written. Not thread-safe. Destroying it before close() leaves a partial file behind.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual uint64_t size() const = 0;
  virtual void append(std::span<const std::byte> bytes) = 0;                     // Errors: io
  virtual void overwrite(uint64_t offset, std::span<const std::byte> bytes) = 0;  // REQUIRES: range already written
  virtual void close() = 0;  // flushes to stable storage; Errors: io
};

enum class FileKind { file, directory };

// Paths use '/' and are taken as given. Errors of every call: not_found, io.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::shared_ptr<const InputFile> open(const std::string& path) const = 0;
  virtual std::unique_ptr<OutputFile> create(const std::string& path) = 0;  // replaces an existing file
  virtual std::optional<FileKind> kind(const std::string& path) const = 0;  // follows links; nothing there: nullopt
  virtual std::vector<std::string> list(const std::string& directory) const = 0;  // names, sorted
  virtual void make_directories(const std::string& path) = 0;
  virtual void remove_all(const std::string& path) = 0;  // nothing there: fine
  // `to` must not exist (not even as an empty folder).
  virtual void rename(const std::string& from, const std::string& to) = 0;
  // Swaps two existing entries in one step. False: the file system cannot (the caller falls back to renames).
  virtual bool exchange(const std::string& a, const std::string& b) = 0;
  virtual void sync_directory(const std::string& path) = 0;

  // The whole file as text.
  std::string read_text(const std::string& path) const;
  // Creates, writes and closes `path`.
  void write_text(const std::string& path, std::string_view text);
};

// The machine's own file system.
FileSystem& disk();

// "a/b" + "c" = "a/b/c"; an empty or "." folder adds nothing.
std::string join_path(std::string_view folder, std::string_view name);
// "a/b/c.txt" -> "c.txt", and "a/b" ("." when there is no folder part). Trailing slashes are ignored.
std::string base_name(std::string_view path);
std::string parent_path(std::string_view path);

}  // namespace cortland
