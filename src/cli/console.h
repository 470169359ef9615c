// Where the program talks: progress and notes on stderr, results on stdout.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/progress.h"

namespace spdlog {
class logger;
}

namespace cortland {

enum class Verbosity { quiet, normal, verbose };

// A bar on a terminal, plain lines otherwise.
class ConsoleProgress : public Progress {
 public:
  explicit ConsoleProgress(Verbosity verbosity);
  ~ConsoleProgress() override;

  void stage(const std::string& name) override;
  void advance(uint64_t done, uint64_t total) override;
  void receive(uint64_t done, uint64_t total) override;
  void detail(const std::string& line) override;
  void note(const std::string& line) override;
  // Clears the bar. To be called before anything else is printed.
  void finish();

 private:
  void draw(double fraction, const std::string& text = "");  // the text instead of the time that is left

  std::shared_ptr<spdlog::logger> log_;
  bool shows_bar_;
  std::string stage_;
  bool bar_is_drawn_ = false;
  std::chrono::steady_clock::time_point started_, drawn_;
  std::optional<uint64_t> received_before_;  // what earlier runs had received of what this stage receives
};

// "2.56 GB", "812 kB": decimal units, as file managers and stores count.
std::string size_text(uint64_t bytes);
// "1.28 B", "135 M": how many parameters.
std::string count_text(int64_t count);
// "3.1 s", "2 min 05 s"
std::string seconds_text(double seconds);
// "1 rule", "2 rules"
std::string plural_text(size_t count, std::string_view noun);
// A word of a command line that a shell reads as it is: 'a b' for a b.
std::string shell_text(const std::string& word);

}  // namespace cortland
