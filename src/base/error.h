// The one exception type of the project and the two ways to throw it.
//
// A message reads `where: what; got X, want Y; hint: ...`, where `where` is a file and offset, a JSON path, a
// tensor name or a MIL value name.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace cortland {

enum class ErrorCode {
  not_found,    // something named is not there
  corrupt,      // input that breaks the rules of its format
  unsupported,  // legal input that this program cannot handle
  invalid,      // a request that makes no sense
  io,           // the machine failed: disk, memory, permissions
};

// "not_found", "corrupt", ...: for --json output.
std::string_view error_code_name(ErrorCode code);

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

[[noreturn]] void fail_with(ErrorCode code, const std::string& message);

// Throws Error{code} with the formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  fail_with(code, fmt::format(format, std::forward<Args>(args)...));
}

// Throws as fail() does unless `condition` holds. Arguments are evaluated in any case: where an interpreter passes many
// times a token, `if (!condition) fail(...)` does not make strings for nothing.
template <typename... Args>
void require(bool condition, ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) fail_with(code, fmt::format(format, std::forward<Args>(args)...));
}

// Text from untrusted input made safe to print: control characters and bytes that are not UTF-8 become \xNN, long text
// is cut with "..." between characters.
std::string printable(std::string_view text, size_t max_size = 120);

}  // namespace cortland
