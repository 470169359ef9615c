#include "base/memory_file.h"

#include <cstring>

#include "base/error.h"

namespace cortland {
namespace {

bool is_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && path[folder.size()] == '/';
}

class MemoryInput : public InputFile {
 public:
  MemoryInput(std::string path, std::shared_ptr<const std::string> text)
      : path_(std::move(path)), text_(std::move(text)) {}
  const std::string& path() const override { return path_; }
  uint64_t size() const override { return text_->size(); }
  void read(uint64_t offset, std::span<std::byte> out) const override {
    require(offset <= text_->size() && out.size() <= text_->size() - offset, ErrorCode::io,
            "{}: ends at byte {}, want {} bytes at {}", path_, text_->size(), out.size(), offset);
    if (!out.empty()) std::memcpy(out.data(), text_->data() + offset, out.size());
  }
  std::span<const std::byte> map() const override { return std::as_bytes(std::span(*text_)); }

 private:
  std::string path_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace

class MemoryOutput : public OutputFile {
 public:
  MemoryOutput(MemoryFileSystem& files, std::shared_ptr<std::string> text) : files_(files), text_(std::move(text)) {}
  uint64_t size() const override { return text_->size(); }
  void append(std::span<const std::byte> bytes) override {
    files_.count_change();
    files_.spend(bytes.size());
    text_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void overwrite(uint64_t offset, std::span<const std::byte> bytes) override {
    files_.count_change();
    std::memcpy(text_->data() + offset, bytes.data(), bytes.size());
  }
  void close() override { files_.count_change(); }

 private:
  MemoryFileSystem& files_;
  std::shared_ptr<std::string> text_;
};

void MemoryFileSystem::count_change() {
  if (!changes_left_) return;
  require(*changes_left_ > 0, ErrorCode::io, "stopped by the test");
  --*changes_left_;
}

void MemoryFileSystem::spend(uint64_t bytes) {
  if (!bytes_left_) return;
  require(bytes <= *bytes_left_, ErrorCode::io, "cannot write; No space left on device");
  *bytes_left_ -= bytes;
}

std::shared_ptr<const InputFile> MemoryFileSystem::open(const std::string& path) const {
  const auto it = files_.find(path);
  require(it != files_.end(), ErrorCode::not_found, "{}: cannot open; No such file or directory", path);
  return std::make_shared<MemoryInput>(path, it->second);
}

std::unique_ptr<OutputFile> MemoryFileSystem::create(const std::string& path) {
  count_change();
  require(directories_.count(path) == 0, ErrorCode::io, "{}: cannot create; Is a directory", path);
  const std::string parent = parent_path(path);
  require(parent == "." || parent == "/" || directories_.count(parent) != 0, ErrorCode::not_found,
          "{}: cannot create; No such file or directory", path);
  auto text = std::make_shared<std::string>();
  files_[path] = text;
  return std::make_unique<MemoryOutput>(*this, text);
}

std::optional<FileKind> MemoryFileSystem::kind(const std::string& path) const {
  if (files_.count(path) != 0) return FileKind::file;
  if (path == "." || path == "/" || directories_.count(path) != 0) return FileKind::directory;
  return std::nullopt;
}

std::vector<std::string> MemoryFileSystem::list(const std::string& directory) const {
  require(kind(directory) == FileKind::directory, ErrorCode::not_found,
          "{}: cannot list; No such file or directory", directory);
  std::set<std::string> names;
  for (const auto& [path, text] : files_) {
    if (parent_path(path) == directory) names.insert(base_name(path));
  }
  for (const auto& path : directories_) {
    if (parent_path(path) == directory) names.insert(base_name(path));
  }
  return {names.begin(), names.end()};
}

void MemoryFileSystem::make_directories(const std::string& path) {
  count_change();
  for (std::string at = path; at != "." && at != "/"; at = parent_path(at)) {
    require(files_.count(at) == 0, ErrorCode::io, "{}: cannot make the folder; Not a directory", path);
    directories_.insert(at);
  }
}

void MemoryFileSystem::remove_all(const std::string& path) {
  count_change();
  std::erase_if(files_, [&](const auto& entry) { return entry.first == path || is_below(entry.first, path); });
  std::erase_if(directories_, [&](const auto& entry) { return entry == path || is_below(entry, path); });
}

void MemoryFileSystem::move_tree(const std::string& from, const std::string& to) {
  std::map<std::string, std::shared_ptr<std::string>> files;
  for (auto& [path, text] : files_) {
    const bool inside = path == from || is_below(path, from);
    files[inside ? to + path.substr(from.size()) : path] = text;
  }
  std::set<std::string> directories;
  for (const auto& path : directories_) {
    const bool inside = path == from || is_below(path, from);
    directories.insert(inside ? to + path.substr(from.size()) : path);
  }
  files_.swap(files);
  directories_.swap(directories);
}

void MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  count_change();
  require(kind(from).has_value(), ErrorCode::not_found, "{}: cannot rename; No such file or directory", from);
  require(!kind(to), ErrorCode::io, "{}: cannot rename into place; it exists", to);
  require(kind(parent_path(to)) == FileKind::directory, ErrorCode::not_found,
          "{}: cannot rename into place; No such file or directory", to);
  move_tree(from, to);
}

bool MemoryFileSystem::exchange(const std::string& a, const std::string& b) {
  if (!can_exchange_) return false;
  count_change();
  require(kind(a) && kind(b), ErrorCode::not_found, "{}: cannot exchange; No such file or directory", b);
  const std::string aside = a + ".exchanging";
  move_tree(a, aside);
  move_tree(b, a);
  move_tree(aside, b);
  return true;
}

void MemoryFileSystem::sync_directory(const std::string& path) {
  require(kind(path) == FileKind::directory, ErrorCode::not_found, "{}: no such folder", path);
}

std::string& MemoryFileSystem::contents(const std::string& path) {
  const auto it = files_.find(path);
  require(it != files_.end(), ErrorCode::not_found, "{}: cannot open; No such file or directory", path);
  return *it->second;
}

std::map<std::string, std::string> MemoryFileSystem::snapshot() const {
  std::map<std::string, std::string> out;
  for (const auto& [path, text] : files_) out[path] = *text;
  return out;
}

}  // namespace cortland
