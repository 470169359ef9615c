// cortland tokenize, detokenize and template: a text file looked at from close by.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/standard_output.h"
#include "pipeline/package_paths.h"
#include "pipeline/text_model.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

struct TextArguments {
  std::string source, input;
  bool special = false, plain = false, lines = false, think = false, no_prompt = false;
  OutputOptions output;
};

std::string read_input(const std::string& input) {
  if (input != "-") return input;
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

// `source`: a package, a bundle or a text file.
TextModel open_text(const std::string& source) {
  return TextModel(disk(), disk().kind(source) == FileKind::directory ? find_package(disk(), source).text : source);
}

// A JSON string a line in, the list of its ids a line out.
void tokenize_lines(const TextModel& text, const std::string& input, const text::EncodeOptions& options) {
  std::istringstream lines(input);
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    const std::string where = fmt::format("line {}", number);
    const Json json = parse_json(line, where);
    require(json.is_string(), ErrorCode::invalid, "{}: want a JSON string", where);
    print_result("{}\n", json_text(OrderedJson(text.encode(json.get<std::string>(), options))));
  }
}

ExitCode run_tokenize(const TextArguments& arguments) {
  const TextModel text = open_text(arguments.source);
  const text::EncodeOptions options{
      .add_special_tokens = arguments.special,
      .special_text = arguments.plain ? text::SpecialText::kPlain : text::SpecialText::kRecognized};
  const std::string input = read_input(arguments.input);
  if (arguments.lines) {
    tokenize_lines(text, input, options);
    return ExitCode::ok;
  }
  const std::vector<int32_t> ids = text.encode(input, options);
  OrderedJson tokens = OrderedJson::array();
  for (const int32_t id : ids) tokens.push_back(std::string(text.tokenizer().token(id).value_or("")));
  if (arguments.output.json) {
    print_json({{"ids", ids}, {"tokens", tokens}});
  } else {
    for (size_t i = 0; i < ids.size(); ++i) print_result("{:>7}  {}\n", ids[i], json_text(tokens[i]));
  }
  return ExitCode::ok;
}

ExitCode run_detokenize(const TextArguments& arguments) {
  const TextModel text = open_text(arguments.source);
  const std::vector<int32_t> ids = parse_ids(read_input(arguments.input), "ids");
  const std::string decoded = text.tokenizer().decode(ids, {.skip_special_tokens = !arguments.special});
  if (arguments.output.json) {
    print_json({{"text", decoded}});
  } else {
    print_result("{}\n", decoded);
  }
  return ExitCode::ok;
}

std::vector<Message> parse_messages(const std::string& input) {
  const Json json = parse_json(input, "messages");
  require(json.is_array(), ErrorCode::invalid, "messages: want a list of {{\"role\": ..., \"content\": ...}}");
  std::vector<Message> messages;
  for (const Json& item : json) {
    const bool good = item.is_object() && item.contains("role") && item["role"].is_string() &&
                      item.contains("content") && item["content"].is_string();
    require(good, ErrorCode::invalid, "messages[{}]: want an object with \"role\" and \"content\"", messages.size());
    messages.push_back({item["role"], item["content"]});
  }
  return messages;
}

ExitCode run_template(const TextArguments& arguments) {
  const TextModel text = open_text(arguments.source);
  const std::string prompt = text.render(
      parse_messages(read_input(arguments.input)),
      {.add_generation_prompt = !arguments.no_prompt, .thinking = arguments.think ? Thinking::on : Thinking::off});
  if (arguments.output.json) {
    print_json({{"prompt", prompt}, {"ids", text.encode(prompt, {})}});
  } else {
    write_result(prompt);
  }
  return ExitCode::ok;
}

CLI::App* add_text_command(CLI::App& app, const std::string& name, const std::string& help,
                           const std::string& input_help, const std::shared_ptr<TextArguments>& arguments) {
  CLI::App* command = app.add_subcommand(name, help);
  add_text(*command, "source", "NAME.mlpackage|NAME.text", arguments->source, "a package, a bundle or a text file")
      ->required();
  add_text(*command, "input", "TEXT", arguments->input, input_help + "; - reads it from stdin")->required();
  command->add_flag("--json", arguments->output.json, "print one JSON object");
  return command;
}

}  // namespace

void add_text_commands(CLI::App& app, Action& action) {
  const auto on_call = [&action](CLI::App* command, auto run, std::shared_ptr<TextArguments> arguments) {
    command->callback([run, arguments, &action] { action = [run, arguments] { return run(*arguments); }; });
  };
  auto tokenize = std::make_shared<TextArguments>();
  CLI::App* command = add_text_command(app, "tokenize", "show the ids of a text", "the text", tokenize);
  command->add_flag("--special", tokenize->special, "add the special tokens that begin and end a text");
  command->add_flag("--plain", tokenize->plain, "control tokens in the text are text like any");
  command->add_flag("--lines", tokenize->lines,
                    "TEXT has a JSON string in each line; print a JSON list of ids for each");
  on_call(command, run_tokenize, tokenize);

  auto detokenize = std::make_shared<TextArguments>();
  command =
      add_text_command(app, "detokenize", "show the text of ids", "the ids, separated by spaces or commas", detokenize);
  command->add_flag("--special", detokenize->special, "show special tokens too");
  on_call(command, run_detokenize, detokenize);

  auto render = std::make_shared<TextArguments>();
  command = add_text_command(app, "template", "show the prompt that the chat template makes of messages",
                             "a JSON list of messages", render);
  command->add_flag("--think", render->think, "with reasoning, where the template can");
  command->add_flag("--no-prompt", render->no_prompt, "without the beginning of the answer");
  on_call(command, run_template, render);
}

}  // namespace cortland
