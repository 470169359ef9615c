#include "cli/command_line.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <numeric>
#include <set>
#include <span>

#include "base/error.h"
#include "cli/standard_output.h"

namespace cortland {
namespace {

constexpr size_t kLeastPrefix = 2;  // letters that say which word is meant

// How many letters must be changed, added or removed.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);  // distances from the first i letters of a to each beginning of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// The word that was most likely meant; empty when none is near.
std::string nearest_word(const std::string& typed, const std::vector<std::string>& known) {
  std::string nearest;
  size_t best = typed.size() / 3 + 1;  // one letter too many or too few in a short word, two in a longer one
  for (const std::string& word : known) {
    if (typed.size() >= kLeastPrefix && word.starts_with(typed)) return word;
    const size_t distance = edit_distance(typed, word);
    if (distance > best || (distance == best && !nearest.empty())) continue;
    best = distance;
    nearest = word;
  }
  return nearest;
}

std::string help_hint(const CLI::App& command) {
  const std::string name = command.get_parent() == nullptr ? "" : " " + command.get_name();
  return fmt::format("hint: cortland{} --help", name);
}

CLI::App& find_command(CLI::App& app, const std::string& typed) {
  std::vector<std::string> known;
  for (CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == typed) return *command;
    known.push_back(command->get_name());
  }
  const std::string nearest = nearest_word(typed, known);
  require(nearest.empty(), ErrorCode::invalid, "no command \"{}\"; did you mean {}?", printable(typed), nearest);
  fail(ErrorCode::invalid, "no command \"{}\"; want {}; {}", printable(typed), fmt::join(known, ", "), help_hint(app));
}

[[noreturn]] void fail_unknown_option(const CLI::App& command, const std::string& typed) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  const std::string nearest = typed.starts_with("--") ? nearest_word(typed.substr(2), known) : "";
  require(nearest.empty(), ErrorCode::invalid, "unknown option {}; did you mean --{}?", printable(typed), nearest);
  fail(ErrorCode::invalid, "unknown option {}; {}", printable(typed), help_hint(command));
}

// A word that names an option. "-" is a file and "-5" a number.
bool names_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9') && word != "--";
}

// Every option is known, has a value if it needs one, and comes once unless it takes several. Before CLI11 reads them,
// because it would complain first of what is missing, even where a typing error is the reason.
void check_options(const CLI::App& command, std::span<const std::string> words) {
  std::set<const CLI::Option*> seen;
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    if (!names_option(word)) continue;
    const bool is_long = word.starts_with("--");
    const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
    const bool has_value = word.size() > name.size();  // --name=value, -nvalue; of a flag, -nm is two
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr) fail_unknown_option(command, name);
    if (option->get_items_expected_min() == 0) {
      require(!is_long || !has_value, ErrorCode::invalid, "{}: got a value, want none", name);
      continue;
    }
    require(has_value || i + 1 < words.size(), ErrorCode::invalid, "{}: got no value, want one",
            option->get_name());
    const bool takes_several = option->get_items_expected_max() > 1;
    require(seen.insert(option).second || takes_several, ErrorCode::invalid, "{}: got it twice, want it once",
            option->get_name());
    if (!has_value) ++i;
  }
}

// "help" and "help convert" in the form of options.
void rewrite_help(std::vector<std::string>& words) {
  if (words.empty() || words.front() != "help") return;
  words.erase(words.begin());
  words.push_back("--help");
}

// What CLI11 has found: check_options() leaves it nothing but values and arguments that are missing or too many.
[[noreturn]] void fail_parse(CLI::App& command, const CLI::ParseError& error) {
  const std::string hint = help_hint(command);
  for (const CLI::Option* option : command.get_options()) {
    for (const CLI::Option* other : option->get_excludes()) {
      require(option->count() == 0 || other->count() == 0, ErrorCode::invalid, "{} and {}: got both, want one of them",
              option->get_name(), other->get_name());
    }
    require(!option->get_required() || option->count() != 0, ErrorCode::invalid, "{}: got no {}, want one; {}",
            command.get_name(), option->get_name(), hint);
  }
  const std::vector<std::string> rest = command.remaining();
  if (!rest.empty() && names_option(rest.front())) {
    fail_unknown_option(command, rest.front());  // of several in one word
  }
  require(rest.empty(), ErrorCode::invalid, "{}: got \"{}\", which is one argument too many; {}", command.get_name(),
          printable(rest.front()), hint);
  fail(ErrorCode::invalid, "{}: {}; {}", command.get_name(), error.what(), hint);
}

}  // namespace

bool read_command_line(CLI::App& app, std::vector<std::string> words) {
  rewrite_help(words);
  const auto name = std::find_if_not(words.begin(), words.end(), names_option);
  check_options(app, std::span(words.begin(), name));
  CLI::App* command = nullptr;
  if (name != words.end()) {
    command = &find_command(app, *name);
    check_options(*command, std::span(name + 1, words.end()));
  }
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
    return true;
  } catch (const CLI::CallForHelp&) {
    write_result(app.help());
  } catch (const CLI::CallForVersion& version) {
    print_result("{}\n", version.what());
  } catch (const CLI::ParseError& error) {
    require(command != nullptr, ErrorCode::invalid, "got no command, want one; hint: cortland --help");
    fail_parse(*command, error);
  }
  return false;
}

}  // namespace cortland
