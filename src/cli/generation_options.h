// The options of commands that generate text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "pipeline/generator.h"
#include "pipeline/package_paths.h"

namespace CLI {
class App;
}

namespace cortland {

// How a package with its text file is opened and run.
struct ModelArguments {
  std::string text_file;
  std::optional<int64_t> context;
  Math math = Math::fp32;
  int64_t threads = 0;

  // `package`: a package or a bundle.
  PackagePaths paths(const std::string& package) const;
};

// What is not given is as the model's text file says.
struct GenerationArguments : ModelArguments {
  std::optional<double> temperature, top_p, min_p, repeat_penalty, presence_penalty, frequency_penalty;
  std::optional<int64_t> max_new_tokens, top_k, seed;
  std::vector<std::string> stop;
  bool think = false;

  Thinking thinking() const { return think ? Thinking::on : Thinking::off; }
  // All but the prompt.
  GenerationRequest request(const TextModel& text) const;
};

// Which of several contexts a package is run with.
void add_context_option(CLI::App& command, std::optional<int64_t>& context, const std::string& otherwise);
// How the interpreter runs it.
void add_interpreter_options(CLI::App& command, Math& math, int64_t& threads);
// `context`: which one of several is taken unless told.
void add_model_options(CLI::App& command, ModelArguments& arguments, const std::string& context);
void add_generation_options(CLI::App& command, GenerationArguments& arguments, const std::string& context);

// The event that ends an answer.
OrderedJson json_of(const GenerationResult& result, const std::string& answer, const std::string& reasoning);

// "21 tokens, 35.2 tokens/s; first token after 0.2 s (33 prompt tokens, 12 of them from the cache)"
std::string speed_text(const GenerationResult& result);

}  // namespace cortland
