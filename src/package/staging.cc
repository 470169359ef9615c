#include "package/staging.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "package/layout.h"

namespace cortland {
namespace {

constexpr std::string_view kOldSuffix = ".old";

std::string prefix_of(const std::string& path) { return "." + base_name(path) + ".cortland-"; }

// A name of ours taken apart: PREFIX PID "-" N [".old"].
struct Leftover {
  pid_t process = 0;
  bool is_old = false;
};

std::optional<Leftover> parse_leftover(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  Leftover out;
  if (name.size() > kOldSuffix.size() && name.substr(name.size() - kOldSuffix.size()) == kOldSuffix) {
    out.is_old = true;
    name.remove_suffix(kOldSuffix.size());
  }
  const char* const end = name.data() + name.size();
  const auto [dash, error] = std::from_chars(name.data(), end, out.process);
  if (error != std::errc() || out.process <= 0 || dash == end || *dash != '-') return std::nullopt;
  unsigned number = 0;
  const auto [rest, number_error] = std::from_chars(dash + 1, end, number);
  if (number_error != std::errc() || rest != end) return std::nullopt;
  return out;
}

bool is_alive(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

// What may stand where a form is to be placed.
struct FormRule {
  FileKind kind;
  std::string_view noun;
  std::string_view marker;  // a file that such a folder has
};

FormRule rule_of(Staging::Form form) {
  switch (form) {
    case Staging::Form::file: return {FileKind::file, "a file", ""};
    case Staging::Form::bundle: return {FileKind::directory, "a bundle", kBundleManifestName};
    case Staging::Form::package: break;
  }
  return {FileKind::directory, "a package", kManifestName};
}

void remove_leftovers(FileSystem& files, const std::string& path, Staging::Form form) {
  const std::string parent = parent_path(path);
  for (const std::string& name : files.list(parent)) {
    const auto leftover = parse_leftover(name, prefix_of(path));
    const std::string folder = join_path(parent, name);
    if (!leftover || is_alive(leftover->process) || files.kind(folder) != rule_of(form).kind) continue;
    if (leftover->is_old && !files.kind(path)) {
      files.rename(folder, path);
    } else {
      files.remove_all(folder);
    }
  }
}

// FileSystem follows links, so the disk itself is asked. Replacing a link would leave what it points to untouched,
// hardly what is wanted.
void refuse_link(const std::string& path) {
  std::error_code ignored;
  require(
      !std::filesystem::is_symlink(path, ignored), ErrorCode::invalid,
      "{}: the output exists and is not replaced; got a symbolic link, want a package; hint: name what it points to",
      path);
}

void require_replaceable(const FileSystem& files, const std::string& path, Staging::Existing existing,
                         Staging::Form form) {
  refuse_link(path);
  const auto kind = files.kind(path);
  if (!kind) return;
  const FormRule rule = rule_of(form);
  require(*kind == rule.kind, ErrorCode::invalid,
          "{}: the output exists and is not replaced; got {}, want {}; hint: choose another name", path,
          *kind == FileKind::file ? "a file" : "a folder", rule.noun);
  require(rule.marker.empty() || files.kind(join_path(path, rule.marker)) == FileKind::file, ErrorCode::invalid,
          "{}: the output exists and is not replaced; got a folder without {}, want {}; hint: choose another name",
          path, rule.marker, rule.noun);
  require(existing == Staging::Existing::replace, ErrorCode::invalid,
          "{}: the output exists already; hint: --overwrite replaces it", path);
}

void require_suitable(const FileSystem& files, const std::string& path, Staging::Existing existing,
                      Staging::Form form) {
  const std::string name = base_name(path), parent = parent_path(path);
  require(!name.empty() && name != "." && name != ".." && name != "/", ErrorCode::invalid,
          "{}: the output has no name; want FOLDER/NAME.mlpackage", path);
  const auto kind = files.kind(parent);
  require(kind.has_value(), ErrorCode::invalid,
          "{}: there is no folder to write into; got nothing at {}; hint: mkdir -p {}", path, parent, parent);
  require(kind == FileKind::directory, ErrorCode::invalid, "{}: there is no folder to write into; got a file at {}",
          path, parent);
  require_replaceable(files, path, existing, form);
}

// A name that nothing has yet.
std::string choose_name(const FileSystem& files, const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  std::string name;
  do {
    name = join_path(parent_path(path), fmt::format("{}{}-{}", prefix_of(path), ::getpid(), counter++));
  } while (files.kind(name));
  return name;
}

}  // namespace

void Staging::check(FileSystem& files, const std::string& path, Existing existing, Form form) {
  require_suitable(files, path, existing, form);
  try {
    const std::string trial = choose_name(files, path);
    files.make_directories(trial);
    files.remove_all(trial);
  } catch (const Error& error) {
    // The folder has a name that nobody has asked for; what matters is the reason, which a message ends with.
    const std::string message = error.what();
    const size_t reason = message.rfind("; ");
    fail(ErrorCode::io, "{}: cannot write into the folder {}; {}", path, parent_path(path),
         reason == std::string::npos ? message : message.substr(reason + 2));
  }
}

Staging::Staging(FileSystem& files, const std::string& path, Existing existing, Form form)
    : files_(files), path_(join_path(parent_path(path), base_name(path))), existing_(existing), form_(form) {
  const std::string parent = parent_path(path_);
  if (files_.kind(parent) == FileKind::directory) remove_leftovers(files_, path_, form);
  require_suitable(files_, path_, existing, form);
  staged_ = choose_name(files_, path_);
  if (rule_of(form).kind == FileKind::directory) files_.make_directories(staged_);
}

Staging::~Staging() {
  if (placed_) return;
  try {
    files_.remove_all(staged_);
  } catch (const Error&) {
    // The next run removes it; the error that brought us here matters more.
  }
}

void Staging::place() {
  require_replaceable(files_, path_, existing_, form_);  // it may have come up meanwhile
  const std::string parent = parent_path(path_);
  if (!files_.kind(path_)) {
    files_.rename(staged_, path_);
    placed_ = true;
    return files_.sync_directory(parent);
  }
  std::string old = staged_;
  if (!files_.exchange(staged_, path_)) {
    old = staged_ + std::string(kOldSuffix);
    files_.rename(path_, old);
    try {
      files_.rename(staged_, path_);
    } catch (const Error&) {
      files_.rename(old, path_);
      throw;
    }
  }
  placed_ = true;
  files_.sync_directory(parent);
  try {
    files_.remove_all(old);
  } catch (const Error&) {
    // The new package is in place; the next run removes the old one.
  }
}

}  // namespace cortland
