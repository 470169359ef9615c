#include "cli/console.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/interrupt.h"

namespace cortland {
namespace {

constexpr int kBarWidth = 28;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kNextLine = std::chrono::seconds(20);  // where there is no bar

std::shared_ptr<spdlog::logger> make_log(Verbosity verbosity) {
  auto log = std::make_shared<spdlog::logger>("cortland", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%v");
  switch (verbosity) {
    case Verbosity::quiet: log->set_level(spdlog::level::off); break;
    case Verbosity::normal: log->set_level(spdlog::level::info); break;
    case Verbosity::verbose: log->set_level(spdlog::level::debug); break;
  }
  return log;
}

}  // namespace

ConsoleProgress::ConsoleProgress(Verbosity verbosity)
    : log_(make_log(verbosity)), shows_bar_(verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) == 1) {}

ConsoleProgress::~ConsoleProgress() { finish(); }

void ConsoleProgress::stage(const std::string& name) {
  if (interrupt_signal() != 0) throw Interrupted();
  finish();
  stage_ = name;
  started_ = drawn_ = std::chrono::steady_clock::now();
  received_before_.reset();
  if (shows_bar_) {
    draw(0);
  } else {
    log_->info("{} ...", name);
  }
}

void ConsoleProgress::advance(uint64_t done, uint64_t total) {
  if (interrupt_signal() != 0) throw Interrupted();
  const auto now = std::chrono::steady_clock::now();
  if (!shows_bar_ || total == 0 || (done < total && now - drawn_ < kRedraw)) return;
  draw(static_cast<double>(done) / static_cast<double>(total));
}

void ConsoleProgress::receive(uint64_t done, uint64_t total) {
  if (interrupt_signal() != 0) throw Interrupted{"what was downloaded stays, and the same command goes on from there"};
  if (total == 0) return;  // nothing has come yet
  if (!received_before_) received_before_ = done;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < (shows_bar_ ? kRedraw : kNextLine)) return;
  const double rate = static_cast<double>(done - std::min(done, *received_before_)) /
                      std::chrono::duration<double>(now - started_).count();  // bytes a second
  std::string text =
      fmt::format("{} of {}, {}/s", size_text(done), size_text(total), size_text(static_cast<uint64_t>(rate)));
  if (rate > 0) text += ", " + seconds_text(static_cast<double>(total - done) / rate) + " left";
  if (shows_bar_) return draw(static_cast<double>(done) / static_cast<double>(total), text);
  drawn_ = now;
  log_->info("{}: {} ...", stage_, text);
}

void ConsoleProgress::detail(const std::string& line) {
  finish();
  log_->debug("  {}", line);
}

void ConsoleProgress::note(const std::string& line) {
  finish();
  log_->info("note: {}", line);
}

void ConsoleProgress::finish() {
  if (!bar_is_drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  bar_is_drawn_ = false;
}

void ConsoleProgress::draw(double fraction, const std::string& text) {
  drawn_ = std::chrono::steady_clock::now();
  const int filled = static_cast<int>(fraction * kBarWidth);
  const double spent = std::chrono::duration<double>(drawn_ - started_).count();
  std::string left = text;
  if (left.empty() && fraction > 0.05 && fraction < 1) left = seconds_text(spent / fraction - spent) + " left";
  if (!left.empty()) left.insert(0, ", ");
  const std::string bar =
      std::string(static_cast<size_t>(filled), '#') + std::string(static_cast<size_t>(kBarWidth - filled), '.');
  std::fputs(fmt::format("\r\033[K{} [{}] {:.0f} %{}", stage_, bar, 100 * fraction, left).c_str(), stderr);
  std::fflush(stderr);
  bar_is_drawn_ = true;
}

std::string size_text(uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", value / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  if (bytes >= 1'000) return fmt::format("{:.1f} kB", value / 1e3);
  return plural_text(bytes, "byte");
}

std::string count_text(int64_t count) {
  const auto value = static_cast<double>(count);
  if (count >= 1'000'000'000) return fmt::format("{:.2f} B", value / 1e9);
  if (count >= 10'000'000) return fmt::format("{:.0f} M", value / 1e6);
  if (count >= 1'000'000) return fmt::format("{:.1f} M", value / 1e6);
  if (count >= 1'000) return fmt::format("{:.0f} k", value / 1e3);
  return std::to_string(count);
}

std::string seconds_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string plural_text(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string shell_text(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:+=@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace cortland
