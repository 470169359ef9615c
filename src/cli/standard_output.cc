#include "cli/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cortland {
namespace {

int write_error = 0;  // errno of the first write that failed

void note_write_error() {
  if (write_error == 0) write_error = errno;
}

}  // namespace

void keep_standard_numbers() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    // The lowest free number is the one that open() takes.
    if (::fcntl(number, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

void write_result(std::string_view text) {
  if (write_error == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) note_write_error();
}

void flush_result() {
  if (write_error == 0 && std::fflush(stdout) != 0) note_write_error();
}

void print_json(const OrderedJson& json) {
  print_result("{}\n", json_text(json, 2));
}

void print_json_line(const OrderedJson& json) {
  print_result("{}\n", json_text(json));
  flush_result();
}

void print_message(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

ExitCode finish_output(ExitCode code) {
  if (std::fflush(stdout) != 0) note_write_error();
  std::fflush(stderr);
  if (write_error == 0) return code;
  if (write_error == EPIPE) return ExitCode::broken_pipe;
  print_message(fmt::format("cortland: standard output: {}", std::strerror(write_error)));
  return ExitCode::no_resources;
}

}  // namespace cortland
