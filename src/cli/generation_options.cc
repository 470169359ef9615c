#include "cli/generation_options.h"

#include <nlohmann/json.hpp>

#include <random>

#include "cli/options.h"
#include "pipeline/units.h"
#include "text/generation_settings.h"

namespace cortland {
namespace {

template <typename From, typename To>
void set_if_given(const std::optional<From>& from, To& to) {
  if (from) to = static_cast<To>(*from);
}

}  // namespace

PackagePaths ModelArguments::paths(const std::string& package) const {
  PackagePaths paths = find_package(disk(), package);
  if (!text_file.empty()) paths.text = text_file;
  return paths;
}

GenerationRequest GenerationArguments::request(const TextModel& text) const {
  GenerationRequest request;
  const auto defaults =
      text::read_generation_settings(text.contents(), think ? text::AnswerMode::reasoning : text::AnswerMode::direct);
  if (!defaults) fail(ErrorCode::corrupt, "{}: {}", text.path(), defaults.message());
  request.max_new_tokens = max_new_tokens.value_or(defaults->max_new_tokens.value_or(0));
  request.stop = stop;
  text::SamplingOptions& sampling = request.sampling;
  sampling = defaults->sampling;
  set_if_given(temperature, sampling.temperature);
  set_if_given(top_k, sampling.top_k);
  set_if_given(top_p, sampling.top_p);
  set_if_given(min_p, sampling.min_p);
  set_if_given(repeat_penalty, sampling.repetition_penalty);
  set_if_given(presence_penalty, sampling.presence_penalty);
  set_if_given(frequency_penalty, sampling.frequency_penalty);
  sampling.seed = seed ? static_cast<uint64_t>(*seed) : std::random_device()();
  return request;
}

void add_generation_options(CLI::App& command, GenerationArguments& arguments, const std::string& context) {
  add_number(command, "-n,--max-tokens", arguments.max_new_tokens, {0, kMaxTokens},
             "tokens of an answer; 0: until it ends or the context is full; default: as the model says, or 0");
  add_real(command, "--temp,--temperature", arguments.temperature, {0, 100}, "0: always the likeliest token");
  add_number(command, "--top-k", arguments.top_k, {0, kMaxTokens}, "only the likeliest k tokens; 0: all");
  add_real(command, "--top-p", arguments.top_p, {0, 1}, "only the likeliest tokens that make up this much");
  add_real(command, "--min-p", arguments.min_p, {0, 1}, "only tokens at least this likely, by the likeliest one");
  add_real(command, "--repeat-penalty,--repetition-penalty", arguments.repeat_penalty, {0.01, 100},
           "above 1: fewer repeats");
  add_real(command, "--presence-penalty", arguments.presence_penalty, {-100, 100},
           "taken off tokens that the answer has");
  add_real(command, "--frequency-penalty", arguments.frequency_penalty, {-100, 100}, "the same for each time");
  add_number(command, "--seed", arguments.seed, {0, INT64_MAX},
             "the same seed gives the same text; default: another each time");
  command.add_option("--stop", arguments.stop, "end the answer before this text; may be given several times")
      ->type_name("TEXT")->allow_extra_args(false);
  command.add_flag("--think", arguments.think, "let the model reason first, where its template can");
  add_model_options(command, arguments, context);
}

void add_interpreter_options(CLI::App& command, Math& math, int64_t& threads) {
  add_choice<Math>(command, "--math", math, {{"fp32", Math::fp32}, {"fp16", Math::fp16}},
                   "fp32: what the package means; fp16: every result rounded, the nearest stand-in for a device");
  add_number(command, "--threads", threads, kThreads, "0: one per core");
}

void add_context_option(CLI::App& command, std::optional<int64_t>& context, const std::string& otherwise) {
  add_number(command, "--context", context, {1, kMaxTokens},
             "of a package for several contexts: the smallest with room for so many tokens; default: " + otherwise);
}

void add_model_options(CLI::App& command, ModelArguments& arguments, const std::string& context) {
  add_context_option(command, arguments.context, context);
  add_text(command, "--text", "NAME.text", arguments.text_file, "the text file; default: beside the package");
  add_interpreter_options(command, arguments.math, arguments.threads);
}

OrderedJson json_of(const GenerationResult& result, const std::string& answer, const std::string& reasoning) {
  return {{"event", "done"}, {"text", answer}, {"reasoning", reasoning}, {"ids", result.ids},
          {"finish_reason", finish_reason_name(result.reason)}, {"prompt_tokens", result.prompt_tokens},
          {"reused_tokens", result.reused_tokens}, {"seconds_to_first_token", result.first_token_seconds},
          {"tokens_per_second", result.tokens_per_second()}};
}

std::string speed_text(const GenerationResult& result) {
  std::string text = plural_text(result.ids.size(), "token");
  if (result.ids.size() > 1) text += fmt::format(", {:.1f} tokens/s", result.tokens_per_second());
  text += fmt::format("; first token after {} ({}", seconds_text(result.first_token_seconds),
                      plural_text(result.prompt_tokens, "prompt token"));
  if (result.reused_tokens > 0) text += fmt::format(", {} of them from the cache", result.reused_tokens);
  text += ")";
  if (result.reason == FinishReason::context) text += "; the context is full";
  if (result.reason == FinishReason::length) text += "; cut by --max-tokens";
  return text;
}

}  // namespace cortland
