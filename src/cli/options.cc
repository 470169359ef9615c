#include "cli/options.h"

#include <algorithm>
#include <charconv>

namespace cortland {
namespace {

// "-o,--output" -> "--output": the first long name.
std::string shown_name(const std::string& names) {
  const size_t begin = names.find("--");
  return begin == std::string::npos ? names : names.substr(begin, names.find(',', begin) - begin);
}

int64_t parse_number(const std::string& name, const std::string& typed, NumberRange range) {
  int64_t number = 0;
  const char* const end = typed.data() + typed.size();
  const auto [rest, error] = std::from_chars(typed.data(), end, number);
  require(rest == end && !typed.empty() && error != std::errc::invalid_argument, ErrorCode::invalid,
          "{}: got {}, want a whole number", name, typed.empty() ? "nothing" : printable(typed));
  require(error == std::errc() && number >= range.least && number <= range.most, ErrorCode::invalid,
          "{}: got {}, want {} to {}", name, printable(typed), range.least, range.most);
  return number;
}

double parse_real(const std::string& name, const std::string& typed, RealRange range) {
  double number = 0;
  const char* const end = typed.data() + typed.size();
  const auto [rest, error] = std::from_chars(typed.data(), end, number);
  require(rest == end && !typed.empty() && error != std::errc::invalid_argument, ErrorCode::invalid,
          "{}: got {}, want a number", name, typed.empty() ? "nothing" : printable(typed));
  require(error == std::errc() && number >= range.least && number <= range.most, ErrorCode::invalid,
          "{}: got {}, want {:g} to {:g}", name, printable(typed), range.least, range.most);
  return number;
}

template <typename Number>
CLI::Option* add_number_of(CLI::App& command, const std::string& names, Number& number, NumberRange range,
                           const std::string& help) {
  return add_checked(command, names, "N", help, [&number, range](const std::string& name, const std::string& typed) {
    number = parse_number(name, typed, range);
  });
}

}  // namespace

bool is_same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

CLI::Option* add_checked(CLI::App& command, const std::string& names, const std::string& label, const std::string& help,
                         const std::function<void(const std::string& name, const std::string& typed)>& read) {
  const auto callback = [name = shown_name(names), read](const std::string& typed) { read(name, typed); };
  return command.add_option_function<std::string>(names, callback, help)->option_text(label);
}

CLI::Option* add_text(CLI::App& command, const std::string& names, const std::string& label, std::string& text,
                      const std::string& help) {
  return add_checked(command, names, label, help, [&text, label](const std::string& name, const std::string& typed) {
    require(!typed.empty(), ErrorCode::invalid, "{}: got nothing, want {}", name, label);
    text = typed;
  });
}

CLI::Option* add_number(CLI::App& command, const std::string& names, int64_t& number, NumberRange range,
                        const std::string& help) {
  return add_number_of(command, names, number, range, fmt::format("{} (default: {})", help, number));
}

CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<int64_t>& number, NumberRange range,
                        const std::string& help) {
  return add_number_of(command, names, number, range, help);
}

CLI::Option* add_numbers(CLI::App& command, const std::string& names, std::vector<int64_t>& numbers, NumberRange range,
                         const std::string& help) {
  return add_checked(command, names, "N[,N...]", help,
                     [&numbers, range](const std::string& name, const std::string& typed) {
                       numbers.clear();
                       size_t begin = 0;
                       while (begin <= typed.size()) {
                         const size_t end = std::min(typed.find(',', begin), typed.size());
                         numbers.push_back(parse_number(name, typed.substr(begin, end - begin), range));
                         begin = end + 1;
                       }
                     });
}

CLI::Option* add_real(CLI::App& command, const std::string& names, std::optional<double>& number, RealRange range,
                      const std::string& help) {
  return add_checked(command, names, "X", help, [&number, range](const std::string& name, const std::string& typed) {
    number = parse_real(name, typed, range);
  });
}

void add_output_options(CLI::App& command, OutputOptions& options) {
  CLI::Option* json = command.add_flag("--json", options.json, "print one JSON object to stdout and nothing else");
  CLI::Option* quiet = command.add_flag("-q,--quiet", options.quiet, "print nothing but errors");
  CLI::Option* verbose = command.add_flag("-v,--verbose", options.verbose, "tell every decision");
  quiet->excludes(verbose)->excludes(json);
}

}  // namespace cortland
