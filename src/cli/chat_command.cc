// cortland chat: a conversation in the terminal. The cache is kept between turns.
#include <editline/readline.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <iostream>

#include "base/error.h"
#include "base/parallel.h"
#include "cli/answer_stream.h"
#include "cli/command.h"
#include "cli/generation_options.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/conversation.h"

namespace cortland {
namespace {

constexpr int64_t kReserve = 32;  // tokens that an answer has room for at least

constexpr std::string_view kHelp =
    "/reset          forget the conversation\n"
    "/system TEXT    begin anew with this system message\n"
    "/think on|off   let the model reason before it answers\n"
    "/help           this list\n"
    "/quit           leave; so does Ctrl-D\n"
    "Ctrl-C stops an answer.\n";

struct ChatArguments {
  std::string package, system;
  GenerationArguments generation;
  OutputOptions output;
};

// A line from the terminal, with editing and history, or from a pipe. Nothing at the end.
std::optional<std::string> read_line() {
  if (::isatty(STDIN_FILENO) == 0) {
    std::string line;
    return std::getline(std::cin, line) ? std::optional(line) : std::nullopt;
  }
  char* const typed = ::readline("> ");
  if (typed == nullptr) return std::nullopt;
  std::string line = typed;
  std::free(typed);
  if (!line.empty()) ::add_history(line.c_str());
  return line;
}

class Chat {
 public:
  explicit Chat(const ChatArguments& arguments)
      : arguments_(arguments),
        generator_(disk(), arguments.generation.paths(arguments.package), arguments.generation.math,
                   arguments.generation.context),
        conversation_(generator_.text(), generator_.contract().context),
        thinking_(arguments.generation.thinking()) {
    require(generator_.text().has_template(), ErrorCode::unsupported,
            "{}: the model has no chat template; hint: `cortland run` continues a text", generator_.text().path());
    conversation_.set_system(arguments.system);
  }

  // False: the user leaves.
  bool handle(const std::string& line) {
    if (line.empty()) return true;
    if (!line.starts_with('/')) {
      answer(line);
      return true;
    }
    const size_t space = line.find(' ');
    const std::string command = line.substr(0, space), rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (command == "/quit" || command == "/exit") return false;
    if (command == "/reset") {
      conversation_.reset();
    } else if (command == "/system") {
      conversation_.reset();
      conversation_.set_system(rest);
    } else if (command == "/think" && (rest == "on" || rest == "off")) {
      thinking_ = rest == "on" ? Thinking::on : Thinking::off;
    } else if (command == "/help") {
      print_result("{}", kHelp);
    } else {
      print_message(fmt::format("{}: is no command; /help lists them", line));
    }
    flush_result();
    return true;
  }

 private:
  bool shows_speed() const {
    return arguments_.output.verbose || (!arguments_.output.quiet && ::isatty(STDERR_FILENO) != 0);
  }

  void answer(const std::string& question) {
    conversation_.add({"user", question});
    try {
      const Conversation::Prompt prompt = conversation_.prompt(thinking_, kReserve);
      if (prompt.dropped > 0) {
        print_message(fmt::format("note: the context is full; the {} oldest messages are forgotten", prompt.dropped));
      }
      conversation_.add({"assistant", generate(prompt)});
    } catch (const Error& error) {
      conversation_.drop_last();
      print_message(std::string("cortland: ") + error.what());
    }
  }

  std::string generate(const Conversation::Prompt& prompt) {
    GenerationRequest request = arguments_.generation.request(generator_.text());
    request.prompt = prompt.ids;
    bool reasons = false;
    AnswerStream stream(prompt.text, [&](const text::ReasoningSplitter::Pieces& pieces) {
      if (arguments_.output.json) return;
      if (!pieces.reasoning.empty() && !reasons) print_result("[thinking] ");
      reasons = reasons || !pieces.reasoning.empty();
      write_result(pieces.reasoning);
      if (!pieces.answer.empty() && reasons) {
        print_result("\n[answer] ");
        reasons = false;
      }
      write_result(pieces.answer);
      flush_result();
    });
    catch_interrupts();
    const GenerationResult result = stream.generate(generator_, request);
    const int signal = interrupt_signal();
    release_interrupts();
    if (signal != 0 && signal != SIGINT) ::raise(signal);  // only Ctrl-C is about the answer alone
    if (arguments_.output.json) {
      print_json_line(json_of(result, stream.answer(), stream.reasoning()));
    } else {
      print_result("\n");
      flush_result();
      if (shows_speed()) print_message(speed_text(result));
    }
    return stream.answer();
  }

  const ChatArguments& arguments_;
  Generator generator_;
  Conversation conversation_;
  Thinking thinking_;
};

ExitCode run_chat(const ChatArguments& arguments) {
  const ThreadLimit limit(static_cast<int>(arguments.generation.threads));
  Chat chat(arguments);
  if (::isatty(STDIN_FILENO) != 0 && !arguments.output.quiet) print_message("Say something; /help lists the commands.");
  while (const std::optional<std::string> line = read_line()) {
    if (!chat.handle(*line)) break;
  }
  return ExitCode::ok;
}

}  // namespace

void add_chat_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ChatArguments>();
  CLI::App* command = app.add_subcommand("chat", "talk with a package");
  add_text(*command, "package", "NAME.mlpackage|NAME/", arguments->package,
           "the package, with NAME.text beside it, or a bundle")
      ->required();
  add_text(*command, "--system", "TEXT", arguments->system, "the system message");
  add_generation_options(*command, arguments->generation, "the largest");
  add_output_options(*command, arguments->output);
  command->footer("  cortland chat Demo.mlpackage");
  command->callback([arguments, &action] { action = [arguments] { return run_chat(*arguments); }; });
}

}  // namespace cortland
