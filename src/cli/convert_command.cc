#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/precision_options.h"
#include "cli/standard_output.h"
#include "pipeline/convert.h"
#include "pipeline/lint.h"
#include "pipeline/profile.h"

namespace cortland {
namespace {

struct ConvertArguments {
  ConvertRequest request;
  std::string model_id, profile, target = "iOS18";
  bool has_profile = false;  // named, not chosen for the precision
  std::vector<int64_t> contexts;
  std::string parts, embedding;
  std::optional<int64_t> max_part_megabytes;
  const CLI::Option* attention = nullptr;
  std::vector<const CLI::Option*> ane_only;
  int64_t threads = 0;
  bool dry_run = false;
  bool needs_overwrite = false;  // found by a dry run: the next run would be refused without --overwrite
  OutputOptions output;
};

// One of the values that this version can do.
void require_choice(std::string_view option, const std::string& got, std::initializer_list<std::string_view> known) {
  for (const std::string_view value : known) {
    if (is_same_word(got, value)) return;
  }
  fail(ErrorCode::unsupported, "{}: got {}, want {}; hint: other values are not supported by this version", option,
       printable(got), fmt::join(known, " or "));
}

const Target& find_target(const std::string& typed) {
  std::vector<std::string_view> known;
  for (const Target& target : targets()) {
    for (const std::string_view name : target.names) {
      if (is_same_word(typed, name)) return target;
      if (!name.empty()) known.push_back(name);
    }
  }
  fail(ErrorCode::unsupported, "--target: got {}, want {}; hint: other values are not supported by this version",
       printable(typed), fmt::join(known, " or "));
}

OrderedJson json_of(const ConvertSummary& summary, const ConvertArguments& arguments, double seconds) {
  const AneOptions& ane = arguments.request.ane;
  const auto number = [](const std::optional<int64_t>& value) {
    return value ? OrderedJson(*value) : OrderedJson(nullptr);
  };
  OrderedJson functions = OrderedJson::array();
  for (const FunctionSummary& f : summary.functions) {
    functions.push_back({{"package", f.package.empty() ? OrderedJson(nullptr) : OrderedJson(f.package)},
                         {"name", f.name}, {"inputs", f.inputs}, {"outputs", f.outputs}, {"states", f.states},
                         {"operations", f.operations}});
  }
  const PackagePaths& paths = summary.paths;
  const lint::Tally tally = lint::count(summary.lint);
  return {
      {"output", paths.shown()},
      {"package", paths.package},
      {"text", summary.has_text ? OrderedJson(paths.text) : OrderedJson(nullptr)},
      {"written", !arguments.dry_run},
      {"needs_overwrite", arguments.needs_overwrite},
      {"source", {{"id", summary.source.id}, {"folder", summary.source.folder}, {"revision", summary.source.revision}}},
      {"model_type", summary.model_type},
      {"parameters", summary.parameters},
      {"profile", summary.profile},
      {"target", arguments.target},
      {"context", summary.context},
      {"contexts", summary.contexts},
      {"sliding_cache", sliding_cache_name(summary.sliding_cache)},
      {"prefill", number(summary.prefill)},
      {"attention", attention_name(summary.attention)},
      {"head_splits", number(ane.head_splits)},
      {"precision", summary.precision},
      {"calibration_tokens", summary.calibration_tokens},
      {"bits_per_weight", summary.bits_per_weight},
      {"bytes",
       {{"total", summary.written.total_bytes},
        {"weights", summary.written.weight_bytes},
        {"cache", summary.cache_bytes},
        {"head_copy", summary.head_copy_bytes},
        {"largest_part", summary.largest_part_bytes},
        {"embedding", summary.embedding_bytes ? OrderedJson(*summary.embedding_bytes) : OrderedJson(nullptr)}}},
      {"fp16_scale", summary.fp16_scale.empty() ? OrderedJson(nullptr) : read_if_json(summary.fp16_scale)},
      {"quality", summary.quality ? read_if_json(quality_text(*summary.quality)) : OrderedJson(nullptr)},
      {"lint",
       {{"verdict", lint::verdict(summary.lint)},
        {"errors", tally.errors},
        {"warnings", tally.warnings},
        {"notes", tally.notes}}},
      {"blobs", summary.written.blobs},
      {"functions", functions},
      {"notes", summary.notes},
      {"fallbacks", summary.fallbacks},
      {"seconds", seconds},
      {"peak_memory_bytes", peak_memory_bytes()}};
}

// One line. What it says in detail can be asked for when the package is there.
std::string lint_text(const ConvertSummary& summary, bool dry_run) {
  const lint::Tally tally = lint::count(summary.lint);
  const bool is_silent = tally.errors + tally.warnings == 0;
  return lint::verdict(summary.lint) +
         (is_silent || dry_run ? "" : fmt::format(": cortland lint {}", shell_text(summary.paths.shown())));
}

void print_summary(const ConvertSummary& summary, const ConvertArguments& arguments, double seconds) {
  const auto row = [](std::string_view name, const std::string& text) { print_result("  {:<9} {}\n", name, text); };
  print_result("{} {}\n", arguments.dry_run ? "Would write" : "Wrote", summary.paths.shown());
  row("model",
      fmt::format("{}, {} parameters ({})", summary.model_type, count_text(summary.parameters), summary.source.id));
  row("size",
      fmt::format(
          "{}, {}{}, {:.2f} bits per weight, {} weight blobs", size_text(summary.written.total_bytes),
          summary.precision,
          summary.calibration_tokens == 0 ? "" : fmt::format(" calibrated on {} tokens", summary.calibration_tokens),
          summary.bits_per_weight, summary.written.blobs));
  row("context", context_text(summary, size_text(summary.cache_bytes)));
  if (summary.ring > 0) row("", fmt::format("a ring of {} slots for layers with a window", summary.ring));
  if (summary.embedding_bytes) {
    row("embedding", fmt::format("{} beside the packages, for the host", size_text(*summary.embedding_bytes)));
  }
  std::string package;
  for (const FunctionSummary& f : summary.functions) {
    if (f.package != package) row("part", f.package);
    package = f.package;
    row(f.name, fmt::format("{}", fmt::join(f.inputs, ", ")));
    const std::string state = f.states.empty() ? "" : fmt::format("   state {}", fmt::join(f.states, ", "));
    row("", fmt::format("-> {}{}   {} operations", fmt::join(f.outputs, ", "), state, f.operations));
  }
  if (summary.quality) {
    const Quality& q = *summary.quality;
    row("quality", fmt::format("KL {:.2g} nats, top-1 {:.0f} %, perplexity {:+.1f} % against the checkpoint, {} tokens",
                               q.mean_kl, 100 * q.top1_agreement, 100 * q.perplexity_change, q.tokens));
  }
  row("lint", lint_text(summary, arguments.dry_run));
  if (summary.has_text) row("text", fmt::format("{}: tokenizer, chat template, defaults", summary.paths.text));
  row("memory",
      fmt::format("{} {}", size_text(peak_memory_bytes()),
                  arguments.dry_run ? "so far; writing adds a few tiles of 4 MB for each thread" : "at the peak"));
  row("time", seconds_text(seconds));
  if (arguments.dry_run) {
    print_result("Nothing was written. Next: the same command without --dry-run{}\n",
                 arguments.needs_overwrite ? ", with --overwrite: the output exists already" : "");
  } else {
    print_result("Next: cortland verify {} --against {}\n", shell_text(summary.paths.shown()),
                 shell_text(arguments.request.source));
    if (summary.has_text) print_result("      cortland chat {}\n", shell_text(summary.paths.shown()));
  }
}

void check_arguments(ConvertArguments& arguments) {
  std::string& source = arguments.request.source;
  require(source.empty() != arguments.model_id.empty(), ErrorCode::invalid,
          "convert: got {}, want one checkpoint, by name or as --model-id; hint: cortland convert --help",
          source.empty() ? "no checkpoint" : "two checkpoints");
  arguments.request.downloads = source.empty();
  if (source.empty()) source = arguments.model_id;
  const Target& target = find_target(arguments.target);
  arguments.request.ane.target = target;
  arguments.has_profile = !arguments.profile.empty();
  if (!arguments.has_profile) arguments.profile = default_profile(arguments.request.precision, target);
  require_choice("--profile", arguments.profile, {"ane", "gpu"});
}

void read_contexts(ConvertArguments& arguments) {
  std::vector<int64_t>& contexts = arguments.contexts;
  if (contexts.empty()) return;
  std::sort(contexts.begin(), contexts.end());
  AneOptions& ane = arguments.request.ane;
  ane.context = contexts.back();
  ane.smaller_contexts.assign(contexts.begin(), contexts.end() - 1);
}

void read_parts(ConvertArguments& arguments) {
  ConvertRequest& request = arguments.request;
  if (!arguments.embedding.empty()) {
    require_choice("--embedding", arguments.embedding, {"host", "graph"});
    request.host_embedding = is_same_word(arguments.embedding, "host");
  }
  constexpr uint64_t kMegabyte = 1'000'000;
  if (arguments.max_part_megabytes) {
    request.max_part_bytes = static_cast<uint64_t>(*arguments.max_part_megabytes) * kMegabyte;
  }
  request.auto_parts =
      is_same_word(arguments.parts, "auto") || (arguments.parts.empty() && arguments.max_part_megabytes);
  if (arguments.parts.empty() || request.auto_parts) return;
  int64_t count = 0;
  const char* const end = arguments.parts.data() + arguments.parts.size();
  const auto [rest, error] = std::from_chars(arguments.parts.data(), end, count);
  require(error == std::errc() && rest == end, ErrorCode::invalid, "--parts: got {}, want auto or a number",
          printable(arguments.parts));
  request.ane.parts = count;
}

void choose_profile(ConvertArguments& arguments) {
  if (!is_same_word(arguments.profile, "gpu")) return;
  for (const CLI::Option* option : arguments.ane_only) {
    require(option->count() == 0, ErrorCode::invalid, "{}: belongs to the profile ane, got {}", option->get_name(),
            arguments.has_profile ? "--profile gpu; hint: leave it out"
                                  : "a precision for the profile gpu; hint: leave it out, or choose --profile ane");
  }
  const AneOptions& given = arguments.request.ane;
  arguments.request.gpu = GpuOptions{.context = given.context, .smaller_contexts = given.smaller_contexts,
                                     .sliding_cache = given.sliding_cache, .target = given.target};
  if (arguments.attention->count() > 0) arguments.request.gpu->attention = given.attention;
}

ExitCode run_convert(ConvertArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  check_arguments(arguments);
  read_contexts(arguments);
  read_parts(arguments);
  choose_profile(arguments);
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  ConsoleProgress progress(arguments.output.verbosity());
  if (!arguments.dry_run) catch_interrupts();  // a command that writes nothing has nothing to clear up
  ConvertRequest request = arguments.request;
  request.overwrite = request.overwrite || arguments.dry_run;  // a plan hurts no package
  Conversion conversion(disk(), request, progress);
  const bool exists = disk().kind(conversion.summary().paths.shown()).has_value();
  arguments.needs_overwrite = exists && !arguments.request.overwrite;
  if (!arguments.dry_run) conversion.write(progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (arguments.output.json) {
    print_json(json_of(conversion.summary(), arguments, seconds));
  } else if (!arguments.output.quiet) {
    print_summary(conversion.summary(), arguments, seconds);
  }
  return ExitCode::ok;
}

}  // namespace

void add_convert_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ConvertArguments>();
  ConvertRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("convert", "write a Core ML package from a checkpoint");
  add_text(*command, "checkpoint", "FOLDER|ID", request.source,
           "checkpoint folder (config.json and safetensors), a GGUF file, or a Hub id in the local Hugging Face cache");
  add_text(*command, "--model-id", "ID[@REVISION]", arguments->model_id,
           "the same, by option; of a model on the Hub, what the cache does not have is downloaded first");
  add_text(
      *command, "-o,--output", "NAME.mlpackage|NAME/", request.output,
      "the package to write, or a bundle: a folder with the package, a model card, the licence and checksums; default: "
      "the name of the checkpoint + .mlpackage");
  add_numbers(
      *command, "--context,--max-seq-len", arguments->contexts, {1, kMaxTokens},
      "tokens that the cache holds; ane: rounded up to a power of two of at least 32; default: 2048, or what the "
      "model can. Several, such as 1024,4096: functions for each in one package, with the same weights");
  add_choice<SlidingCache>(
      *command, "--sliding-cache", request.ane.sliding_cache,
      {{sliding_cache_name(SlidingCache::full), SlidingCache::full},
       {sliding_cache_name(SlidingCache::ring), SlidingCache::ring}},
      "where layers with a window keep keys and values. full: as other layers, all of the context; ring: no more than "
      "the window and the tokens of a call, so that long contexts need less memory; to go back further, the app begins "
      "again");
  arguments->ane_only.push_back(add_number(
      *command, "--prefill", request.ane.prefill, {1, kMaxTokens},
      "ane: tokens that one call of the prefill function takes, at most the context; default: 64. For iOS17 it is what every "
      "call takes, at most half the context; default: 8"));
  add_precision_options(*command, request.precision);
  add_tuning_options(*command, request.precision);
  add_text(
      *command, "--profile", "ane|gpu", arguments->profile,
      "ane: made for the Neural Engine; gpu: one function for any number of tokens, made for the GPU (default: ane; gpu for "
      "the precisions int4 and int4-asym, which suit it)");
  add_text(
      *command, "--target", "SYSTEM", arguments->target,
      "the oldest system that must run it: iOS17 (macOS14), iOS18 (macOS15), iOS26 (macOS26) (default: iOS18). iOS17 has "
      "no state: the app keeps keys and values");
  arguments->attention = add_choice<AttentionForm>(
      *command, "--attention", request.ane.attention,
      {{attention_name(AttentionForm::matmul), AttentionForm::matmul},
       {attention_name(AttentionForm::sdpa), AttentionForm::sdpa}},
      "matmul: separate operations, the safe choice for the Neural Engine; sdpa: the fused operation, with gpu the default "
      "where the model allows it");
  command->add_flag(
      "--strict", request.strict,
      "refuse (exit code 3) what the target or the model cannot have, instead of writing the nearest form");
  arguments->ane_only.push_back(
      add_number(*command, "--head-splits", request.ane.head_splits, {1, kMaxTokens},
                 "ane: parts of the output head; default: as many as keep each within 16384 rows"));
  arguments->ane_only.push_back(add_text(
      *command, "--parts", "auto|N", arguments->parts,
      "ane: cut the layers into N packages, with one more for the output head: a bundle. auto: as few as --max-part-size "
      "allows, and one package when that is small enough"));
  arguments->ane_only.push_back(
      add_number(*command, "--max-part-size", arguments->max_part_megabytes, {1, 1'000'000},
                 "ane: megabytes of weights that a package may have (default: 950); implies --parts auto"));
  arguments->ane_only.push_back(add_text(
      *command, "--embedding", "host|graph", arguments->embedding,
      "ane: who looks up the rows of ids: the app, in a file of the bundle, or the package (default: graph; host with parts)"));
  add_checked(
      *command, "--fp16-scale", "auto|off|FACTOR",
      "powers of two that keep the residual stream, and weights beside it, within fp16 and change no result. auto: as the first "
      "8 tokens of a short text need it, which takes about as long as reading the weights once more; FACTOR: of the whole "
      "stream, such as 0.0625 (default: auto)",
      [&request](const std::string& name, const std::string& typed) {
        request.fp16_scaling = parse_fp16_scaling(name, typed);
      });
  add_number(
      *command, "--evaluate", request.evaluated_tokens, {0, kMaxTokens},
      "tokens on which weights below float16, and the package of a bundle, are compared with the checkpoint; 0: none");
  command->add_flag("--dry-run", arguments->dry_run,
                    "print the plan and write nothing, but for what --model-id downloads");
  command->add_flag("--overwrite", request.overwrite, "replace an existing package, in one step");
  add_number(*command, "--threads", arguments->threads, kThreads, "0: one per core; the bytes do not depend on it");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland convert models/demo -o Demo.mlpackage --context 512\n"
      "  cortland convert --model-id LGAI-EXAONE/EXAONE-4.0-1.2B --max-seq-len 2048 --output X.mlpackage\n\n"
      "No code of a checkpoint is ever run: there is no --trust-remote-code. Downloads obey HF_TOKEN, HF_HOME,\n"
      "HF_ENDPOINT and HF_HUB_OFFLINE, as `cortland download --help` tells.");
  command->callback([arguments, &action] { action = [arguments] { return run_convert(*arguments); }; });
}

}  // namespace cortland
