// Results go to stdout, messages to stderr. A stdout that cannot be written is an error, told once at the end.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "cli/command.h"

namespace cortland {

// Opens what the caller has closed of stdin, stdout and stderr, so that no file of ours gets such a number. Writing to
// what was closed still fails.
void keep_standard_numbers();

void write_result(std::string_view text);
// Shows what was written so far.
void flush_result();

template <typename... Args>
void print_result(fmt::format_string<Args...> format, Args&&... args) {
  write_result(fmt::format(format, std::forward<Args>(args)...));
}

// Bytes that are not UTF-8, as paths may have, are replaced.
void print_json(const OrderedJson& json);
// The same on one line, shown at once: an event of a stream.
void print_json_line(const OrderedJson& json);

// A line on stderr. One that cannot be written is lost.
void print_message(const std::string& line);

// Flushes both. Returns `code`, or what a failed write makes of it: `no_resources` with a message, or, quietly,
// `broken_pipe` when the reader of stdout has had enough.
ExitCode finish_output(ExitCode code);

}  // namespace cortland
