// Options that check their value while it is read. What is wrong is an Error `invalid`: "--context: got abc, want a
// whole number". The variable holds the default before and must outlive the command.
#pragma once

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/command.h"

namespace cortland {

// The most tokens, or parts of them, that any option may ask for.
constexpr int64_t kMaxTokens = 1 << 20;

struct NumberRange {
  int64_t least = 0, most = 0;
};

struct RealRange {
  double least = 0, most = 0;
};

constexpr NumberRange kThreads = {0, 1024};

// `names` as CLI11 has them: "-o,--output", or "path" for a positional; `label` is what help writes for the value.
CLI::Option* add_text(CLI::App& command, const std::string& names, const std::string& label, std::string& text,
                      const std::string& help);
CLI::Option* add_number(CLI::App& command, const std::string& names, int64_t& number, NumberRange range,
                        const std::string& help);
CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<int64_t>& number, NumberRange range,
                        const std::string& help);

CLI::Option* add_real(CLI::App& command, const std::string& names, std::optional<double>& number, RealRange range,
                      const std::string& help);

// "1024,2048": whole numbers with commas between them.
CLI::Option* add_numbers(CLI::App& command, const std::string& names, std::vector<int64_t>& numbers, NumberRange range,
                         const std::string& help);

// --json, --quiet and --verbose.
void add_output_options(CLI::App& command, OutputOptions& options);

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

// What add_choice() is made of.
CLI::Option* add_checked(CLI::App& command, const std::string& names, const std::string& label, const std::string& help,
                         const std::function<void(const std::string& name, const std::string& typed)>& read);
bool is_same_word(std::string_view a, std::string_view b);  // in upper or lower case

// One of a few names.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& names, Value& value,
                        const std::vector<Choice<Value>>& choices, const std::string& help) {
  std::vector<std::string_view> known;
  std::string default_name;
  for (const Choice<Value>& choice : choices) {
    known.push_back(choice.name);
    if (choice.value == value) default_name = choice.name;
  }
  const auto read = [&value, choices, known](const std::string& name, const std::string& typed) {
    for (const Choice<Value>& choice : choices) {
      if (!is_same_word(choice.name, typed)) continue;
      value = choice.value;
      return;
    }
    fail(ErrorCode::invalid, "{}: got {}, want {}", name, printable(typed), fmt::join(known, " or "));
  };
  return add_checked(command, names, fmt::format("{}", fmt::join(known, "|")),
                     fmt::format("{} (default: {})", help, default_name), read);
}

}  // namespace cortland
