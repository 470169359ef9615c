// The options of commands that generate text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "interp/interpreter.h"
#include "pipeline/generator.h"

namespace CLI {
class App;
}

namespace cortland {

// What is not given is as the model's text file says.
struct GenerationArguments {
  int64_t max_new_tokens = 0;
  std::optional<double> temperature, top_p, min_p, repeat_penalty, presence_penalty, frequency_penalty;
  std::optional<int64_t> top_k, seed;
  std::vector<std::string> stop;
  bool think = false;
  std::string text_file;
  Math math = Math::fp32;
  int64_t threads = 0;

  Thinking thinking() const { return think ? Thinking::on : Thinking::off; }
  std::string text_path(const std::string& package) const;
  // All but the prompt.
  GenerationRequest request(const TextModel& text) const;
};

void add_generation_options(CLI::App& command, GenerationArguments& arguments);

// "21 tokens, 35.2 tokens/s; first token after 0.2 s (33 prompt tokens, 12 of them from the cache)"
std::string speed_text(const GenerationResult& result);

}  // namespace cortland
