// cortland run: one prompt, one answer.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "base/json.h"
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

struct RunArguments {
  std::string package, prompt, system;
  bool raw = false;
  GenerationArguments generation;
  OutputOptions output;
};

Conversation::Prompt make_prompt(const RunArguments& arguments, const TextModel& text, int64_t context) {
  if (arguments.raw || !text.has_template()) {
    return {.text = arguments.prompt, .ids = text.encode(arguments.prompt, {.add_special_tokens = true})};
  }
  Conversation conversation(text, context);
  conversation.set_system(arguments.system);
  conversation.add({"user", arguments.prompt});
  return conversation.prompt(arguments.generation.thinking(), 1);
}

ExitCode run_prompt(RunArguments& arguments) {
  if (arguments.prompt == "-") {
    arguments.prompt.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  require(!arguments.prompt.empty(), ErrorCode::invalid, "--prompt: is empty; want a text, or - to read it from stdin");
  const ThreadLimit limit(static_cast<int>(arguments.generation.threads));
  Generator generator(disk(), arguments.generation.paths(arguments.package), arguments.generation.math,
                      arguments.generation.context);
  const TextModel& text = generator.text();
  const Conversation::Prompt prompt = make_prompt(arguments, text, generator.contract().context);
  GenerationRequest request = arguments.generation.request(text);
  request.prompt = prompt.ids;
  // An answer of any length may fill the largest one.
  const int64_t largest = generator.contract().contexts.back(),
                needed = std::ssize(prompt.ids) + request.max_new_tokens;
  if (!arguments.generation.context && request.max_new_tokens > 0) generator.use_context(std::min(needed, largest));
  catch_interrupts();
  AnswerStream stream(prompt.text, [&](const text::ReasoningSplitter::Pieces& pieces) {
    if (!arguments.output.json) {
      write_result(pieces.reasoning + pieces.answer);
      return flush_result();
    }
    for (const auto& [kind, piece] : {std::pair("reasoning", &pieces.reasoning), std::pair("text", &pieces.answer)}) {
      if (!piece->empty()) print_json_line({{"event", kind}, {"piece", *piece}});
    }
  });
  const GenerationResult result = stream.generate(generator, request);
  if (arguments.output.json) {
    print_json_line(json_of(result, stream.answer(), stream.reasoning()));
  } else {
    print_result("\n");
    if (!arguments.output.quiet) print_message(speed_text(result));
  }
  return interrupt_signal() == 0 ? ExitCode::ok : static_cast<ExitCode>(128 + interrupt_signal());
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "answer one prompt with a package");
  add_text(*command, "package", "NAME.mlpackage|NAME/", arguments->package,
           "the package, with NAME.text beside it, or a bundle")
      ->required();
  add_text(*command, "-p,--prompt", "TEXT", arguments->prompt, "what to answer; - reads it from stdin")->required();
  add_text(*command, "--system", "TEXT", arguments->system, "a system message before it");
  command->add_flag("--raw", arguments->raw, "continue the text as it is, without the chat template");
  add_generation_options(*command, arguments->generation, "room for prompt and answer");
  add_output_options(*command, arguments->output);
  command->footer("  cortland run Demo.mlpackage -p \"What is the opposite of big?\"");
  command->callback([arguments, &action] { action = [arguments] { return run_prompt(*arguments); }; });
}

}  // namespace cortland
