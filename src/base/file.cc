#include "base/file.h"

#include "base/error.h"

namespace cortland {
namespace {

std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

std::string FileSystem::read_text(const std::string& path) const {
  const auto file = open(path);
  std::string text(file->size(), '\0');
  file->read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

void FileSystem::write_text(const std::string& path, std::string_view text) {
  const auto file = create(path);
  file->append(std::as_bytes(std::span(text)));
  file->close();
}

std::string join_path(std::string_view folder, std::string_view name) {
  folder = without_trailing_slashes(folder);
  if (folder.empty() || folder == ".") return std::string(name);
  if (folder == "/") return "/" + std::string(name);
  return std::string(folder) + "/" + std::string(name);
}

std::string base_name(std::string_view path) {
  path = without_trailing_slashes(path);
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1));
}

std::string parent_path(std::string_view path) {
  path = without_trailing_slashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace cortland
