#include "pipeline/convert.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "package/reader.h"
#include "package/staging.h"
#include "pipeline/bit_budget.h"
#include "pipeline/bundle.h"
#include "pipeline/embedding_file.h"
#include "pipeline/fetch.h"
#include "pipeline/interface_text.h"
#include "pipeline/lint.h"
#include "pipeline/model_card.h"
#include "pipeline/packaged_model.h"
#include "pipeline/profile.h"
#include "pipeline/quantization.h"
#include "pipeline/ranges.h"
#include "pipeline/text_source.h"
#include "pipeline/tuning.h"
#include "pipeline/units.h"
#include "pipeline/version.h"
#include "pipeline/warm_up.h"

namespace cortland {
namespace {

// Before there is a plan.
int64_t calibration_context(const ModelSpec& spec, const ConvertRequest& request) {
  constexpr int64_t kUsual = 2048;
  const int64_t most = spec.max_positions > 0 ? spec.max_positions : kUsual;
  return std::min(most, (request.gpu ? request.gpu->context : request.ane.context).value_or(kUsual));
}

Staging::Existing existing_of(const ConvertRequest& request) {
  return request.overwrite ? Staging::Existing::replace : Staging::Existing::refuse;
}

// The options that shape the bytes, in canonical form. What only the target lacks stands there as it was asked for: the
// metadata tells of the fallback.
std::string command_text(const Profile& profile, const ConvertRequest& request, const Tuning& tuning) {
  const Plan& plan = profile.plan();
  const AttentionForm asked = request.gpu ? request.gpu->attention.value_or(plan.attention) : request.ane.attention;
  std::string text = fmt::format("convert --context {}", fmt::join(profile.contexts(), ","));
  if (profile.prefill() && !request.gpu) text += fmt::format(" --prefill {}", *profile.prefill());
  text += fmt::format(" {}{} --profile {} --target {} --attention {}", canonical_text(request.precision),
                      tuning.command_text(), request.gpu ? "gpu" : "ane", plan.target.name(),
                      attention_name(plan.target.has_fused_attention ? plan.attention : asked));
  if (const size_t parts = profile.part_names().size(); parts > 0) text += fmt::format(" --parts {}", parts - 1);
  if (profile.has_host_embedding()) text += " --embedding host";
  const SlidingCache sliding = request.gpu ? request.gpu->sliding_cache : request.ane.sliding_cache;
  if (sliding != SlidingCache::full) text += fmt::format(" --sliding-cache {}", sliding_cache_name(sliding));
  if (request.fp16_scaling != Fp16Scaling{}) {
    text += fmt::format(" --fp16-scale {}", fp16_scaling_text(request.fp16_scaling));
  }
  if (!request.gpu && request.ane.head_splits) text += fmt::format(" --head-splits {}", *request.ane.head_splits);
  return text;
}

std::vector<std::string> joined(std::vector<std::string> lines, const std::vector<std::string>& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

// sha256 of every file that the package depends on, by name.
OrderedJson digest_sources(const FileSystem& files, const SourceModel& source) {
  OrderedJson digests = OrderedJson::object();
  for (const char* name : {"config.json", "generation_config.json", "model.safetensors.index.json"}) {
    const std::string path = join_path(source.location.folder, name);
    if (files.kind(path) == FileKind::file) digests[name] = sha256_of(files.read_text(path));
  }
  for (const auto& file : source.checkpoint.files()) digests[base_name(file->path())] = sha256_of(*file);
  return digests;
}

// What is lost when the head is not cut.
std::string price_of_one_part(const ModelSpec& spec) {
  if (spec.vocabulary <= kHeadRows) return "";
  return fmt::format(", but parts above {} rows are beyond what older Neural Engines take", kHeadRows);
}

// Where the weights come from. A folder has no name here: the bytes must not depend on where a checkpoint lies.
OrderedJson source_text(const SourceLocation& where, OrderedJson digests) {
  const auto text = [&](const std::string& value) {
    return where.is_from_hub() ? OrderedJson(value) : OrderedJson(nullptr);
  };
  return {{"model_id", text(where.id)}, {"revision", text(where.revision)}, {"sha256", std::move(digests)}};
}

// What --overwrite replaces must be ours.
void check_text_output(FileSystem& files, const std::string& path, Staging::Existing existing) {
  Staging::check(files, path, existing, Staging::Form::file);
  require(
      !files.kind(path) || is_text_file(files, path), ErrorCode::invalid,
      "{}: the output exists and is not replaced; got another kind of file, want a text file; hint: choose another name",
      path);
}

FunctionSummary summarize_function(const Package& package, const mil::Function& function) {
  FunctionSummary out;
  out.name = function.name;
  out.operations = function.operations.size();
  const auto text = [&](mil::ValueId id) {
    return function.value(id).name + " " + border_type_text(package, function, id);
  };
  for (const mil::ValueId id : function.inputs) {
    (function.value(id).type.is_state ? out.states : out.inputs).push_back(text(id));
  }
  for (const mil::ValueId id : function.outputs) out.outputs.push_back(text(id));
  return out;
}

}  // namespace

std::string context_text(const ConvertSummary& summary, const std::string& cache) {
  return fmt::format("{} tokens; the cache takes {} on the device{}", fmt::join(summary.contexts, " or "), cache,
                     summary.contexts.size() > 1 ? " with the largest" : "");
}

// What the program refers to lives here, at fixed addresses.
struct Conversion::State {
  std::unique_ptr<SourceModel> source;
  Tuning tuning;
  Fp16Scale scale;
  std::unique_ptr<const Profile> profile;
  std::unique_ptr<WeightReport> report;
  std::vector<Package> packages;          // of the parts; one where there are none
  std::optional<EmbeddingRows> embedding;  // where the host looks up rows
  std::string text;                        // of NAME.text
};

Conversion::~Conversion() = default;

Conversion::Conversion(FileSystem& files, const ConvertRequest& request, Progress& progress)
    : files_(files), request_(request), state_(std::make_unique<State>()) {
  const bool is_bundle = request.ane.parts || request.auto_parts || request.host_embedding.value_or(false);
  request_.ane.host_embedding = request.host_embedding.value_or(request.ane.parts.has_value());
  summary_.paths =
      output_paths(request.output.empty() && is_bundle ? source_name(request.source) + "/" : request.output,
                   source_name(request.source));
  require(!is_bundle || !summary_.paths.bundle.empty(), ErrorCode::invalid,
          "--output: got {}, want a folder for the parts of the model and its embedding; hint: -o {}/",
          summary_.paths.package, summary_.paths.stem());
  if (summary_.paths.bundle.empty()) {
    check_output(files, summary_.paths.package, {.overwrite = request.overwrite});
  } else {
    Staging::check(files, summary_.paths.bundle, existing_of(request), Staging::Form::bundle);
  }
  if (request.downloads) fetch_source(request.source, progress);
  progress.stage("reading the checkpoint");
  state_->source = open_source(files, request.source);
  const SourceModel& source = *state_->source;
  for (const std::string& line : describe(source.spec)) progress.detail(line);
  TextSource text = read_text_source(files, source);
  state_->text = std::move(text.bytes);
  state_->tuning =
      make_tuning(files, source, request.precision, calibration_context(source.spec, request), state_->text);
  scale_for_fp16(progress);
  progress.stage("building the program");
  lower_in_parts();
  if (request.precision.target_bpw) spend_bits(progress);
  const Profile& profile = *state_->profile;
  const std::vector<std::string> weight_fallbacks = target_fallbacks(*state_->report);
  summary_.fallbacks = joined(profile.plan().fallbacks, weight_fallbacks);
  if (request.strict) refuse_fallbacks(summary_.fallbacks);
  if (state_->scale.rescale.is_needed()) summary_.fp16_scale = fp16_scale_text(state_->scale.rescale);
  describe_packages();
  for (const WeightUse& use : state_->report->uses()) {
    progress.detail(fmt::format("{} -> {}: {}", use.tensor, use.constant, use.recipe));
  }
  for (const std::string& name : source.weights.ignored()) progress.detail(fmt::format("{}: not needed", name));
  summarize();
  if (summary_.has_text && summary_.paths.bundle.empty()) {
    check_text_output(files, summary_.paths.text, existing_of(request));
  }
  if (!text.reason.empty()) {
    summary_.notes.insert(
        summary_.notes.begin(),
        fmt::format("no text file is written, so the package takes and gives ids only: {}", text.reason));
  }
  for (const std::string& note : summary_.notes) progress.note(note);
}

void Conversion::scale_for_fp16(Progress& progress) {
  // Massive activations show on the first tokens of a text. Few are enough, and each costs a pass through the layers.
  constexpr int64_t kTokens = 8;
  const SourceModel& source = *state_->source;
  const Fp16Scaling& wanted = request_.fp16_scaling;
  const NormPrecision norms =
      request_.gpu && request_.gpu->target.has_states ? NormPrecision::single : NormPrecision::half;
  if (wanted.mode == Fp16Scaling::Mode::off) return;
  if (make_policy(request_.precision, {}).keeps()) {
    require(wanted.mode == Fp16Scaling::Mode::automatic, ErrorCode::invalid,
            "--fp16-scale: got a factor beside weights that keep their codes, want auto or off: codes take no factor");
    progress.detail("codes of a checkpoint take no factor: it is not looked how large values become");
    return;
  }
  if (wanted.mode == Fp16Scaling::Mode::fixed) {
    state_->scale = fixed_fp16_scale(source.spec, wanted.exponent, norms);
    return;
  }
  progress.stage("looking how large values become");
  const int64_t context = calibration_context(source.spec, request_);
  const std::vector<int32_t> ids =
      range_ids(state_->text, source.spec.bos, source.spec.vocabulary, std::min(kTokens, context));
  state_->scale = choose_fp16_scale(source.spec, measure_magnitudes(source.spec, source.weights, ids, context), norms);
  for (const std::string& line : state_->scale.details) progress.detail(line);
}

void Conversion::lower() {
  const SourceModel& source = *state_->source;
  state_->profile = make_profile(source.spec, request_, state_->tuning.weights, state_->scale.rescale);
  const Profile& profile = *state_->profile;
  state_->packages.clear();  // they refer to the report
  state_->embedding.reset();
  state_->report = std::make_unique<WeightReport>();
  if (profile.has_host_embedding()) {
    state_->embedding = make_embedding_rows(profile.plan(), source.weights, *state_->report);
  }
  for (mil::Program& program : profile.lower(source.weights, *state_->report)) {
    Package& package = state_->packages.emplace_back();
    package.program = std::move(program);
    package.ranges = profile.ranges();
    package.specification_version = profile.plan().target.specification_version();
    package.default_function = package.program.functions.front().name;
  }
}

void Conversion::lower_in_parts() {
  lower();
  if (!request_.auto_parts) return;
  const auto layers = static_cast<int64_t>(state_->source->spec.layers.size());
  const uint64_t whole = planned_weight_bytes(state_->packages.front());
  if (whole <= request_.max_part_bytes) return;
  // The head stands for itself: no number of parts makes it smaller.
  const auto largest = [&] {
    uint64_t most = 0;
    for (size_t i = 0; i + 1 < state_->packages.size(); ++i) {
      most = std::max(most, planned_weight_bytes(state_->packages[i]));
    }
    return most;
  };
  request_.ane.host_embedding = request_.host_embedding.value_or(true);
  request_.ane.parts = 1;
  lower();
  while (largest() > request_.max_part_bytes && *request_.ane.parts < layers) {
    const auto wanted = static_cast<int64_t>((largest() + request_.max_part_bytes - 1) / request_.max_part_bytes);
    request_.ane.parts = std::min(layers, std::max(*request_.ane.parts + 1, wanted));
    lower();
  }
}

void Conversion::describe_packages() {
  const SourceModel& source = *state_->source;
  const Profile& profile = *state_->profile;
  const std::string quantization =
      quantization_text(profile.plan().weights, find_preset(request_.precision.precision)->name, *state_->report);
  const std::string command = command_text(profile, request_, state_->tuning);
  for (size_t i = 0; i < state_->packages.size(); ++i) {
    Package& package = state_->packages[i];
    const std::string part =
        state_->packages.size() == 1 ? "" : fmt::format("Part {} of {}: ", i + 1, state_->packages.size());
    package.short_description =
        fmt::format("{}{} decoder with a cache of {} tokens. The cortland.contract entry says how to call it.", part,
                    source.spec.model_type, profile.plan().context);
    package.version_string = std::string(kVersion);
    package.metadata["cortland.contract"] = profile.contract();
    if (state_->packages.size() > 1) package.metadata["cortland.part"] = fmt::format("{}", i);
    package.metadata["cortland.quantization"] = quantization;
    if (!summary_.fp16_scale.empty()) package.metadata[kFp16ScaleKey] = summary_.fp16_scale;
    package.metadata["cortland.tool"] = fmt::format("cortland {}", kVersion);
    package.metadata["cortland.command"] = command;
    add_fallbacks(package.metadata, joined(profile.plan().shortcomings, target_fallbacks(*state_->report)));
  }
}

void Conversion::spend_bits(Progress& progress) {
  constexpr double kByte = 8;
  const double wanted = *request_.precision.target_bpw,
               parameters = static_cast<double>(state_->source->spec.weight_count());
  const auto budget = static_cast<uint64_t>(std::clamp(wanted, 0.0, 64.0) * parameters / kByte);
  const uint64_t least = planned_bytes();
  require(
      least <= budget, ErrorCode::invalid,
      "--target-bpw: got {:g}, want at least {:.3f}, which --precision {} takes with {} parameters; hint: more bits, or a smaller "
      "--precision, --embedding-precision or --head-precision",
      wanted, std::ceil(static_cast<double>(least) * kByte / parameters * 1e3) / 1e3, request_.precision.precision,
      state_->source->spec.weight_count());
  progress.stage("trying what bits are worth");
  // Its matrices belong to the program of the preset alone, which lower() replaces.
  const std::unique_ptr<WeightReport> report = std::move(state_->report);
  const BitBudget forms(*report, state_->profile->plan().weights, progress);
  request_.precision.chosen = fit_budget(forms, budget, [&](const std::vector<KeepRule>& rules) {
    request_.precision.chosen = rules;
    lower();
    return planned_bytes();
  });
  for (const KeepRule& rule : request_.precision.chosen) {
    progress.detail(fmt::format("{}: {}, chosen by --target-bpw", rule.pattern, to_string(rule.scheme)));
  }
}

uint64_t Conversion::planned_bytes() const {
  uint64_t sum = state_->embedding ? embedding_file_bytes(*state_->embedding) : 0;
  for (const Package& package : state_->packages) sum += planned_weight_bytes(package);
  return sum;
}

void Conversion::summarize() {
  const std::vector<std::string> names = state_->profile->part_names();
  // The text file keeps the name of the bundle.
  if (!names.empty()) summary_.paths.package = join_path(summary_.paths.bundle, names.front());
  const SourceModel& source = *state_->source;
  const Profile& profile = *state_->profile;
  const Plan& plan = profile.plan();
  summary_.profile = profile.name();
  summary_.attention = plan.attention;
  summary_.prefill = profile.prefill();
  summary_.source = source.location;
  summary_.has_text = !state_->text.empty();
  summary_.model_type = source.spec.model_type;
  summary_.parameters = source.spec.weight_count();
  summary_.systems = plan.target.systems;
  summary_.context = plan.context;
  summary_.contexts = profile.contexts();
  summary_.ring = plan.ring;
  summary_.sliding_cache = plan.ring > 0 ? SlidingCache::ring : SlidingCache::full;
  summary_.precision = find_preset(request_.precision.precision)->name;
  summary_.cache_bytes = plan.cache_bytes();
  for (const Package& package : state_->packages) summary_.written += plan_package(package);
  if (state_->embedding) {
    summary_.embedding_bytes = embedding_file_bytes(*state_->embedding);
    summary_.written += {.total_bytes = *summary_.embedding_bytes, .weight_bytes = *summary_.embedding_bytes};
  }
  summary_.bits_per_weight =
      8.0 * static_cast<double>(summary_.written.weight_bytes) / static_cast<double>(summary_.parameters);
  for (size_t i = 0; i < state_->packages.size(); ++i) {
    const Package& package = state_->packages[i];
    for (const mil::Function& function : package.program.functions) {
      summary_.functions.push_back(summarize_function(package, function));
      if (!names.empty()) summary_.functions.back().package = names[i];
    }
    summary_.largest_part_bytes = std::max(summary_.largest_part_bytes, planned_weight_bytes(package));
  }
  summary_.notes = joined(plan.notes, target_fallbacks(*state_->report));
  for (std::string& note : kept_notes(plan.weights, source.checkpoint, *state_->report)) {
    summary_.notes.push_back(std::move(note));
  }
  summary_.calibration_tokens = state_->tuning.calibration_tokens;
  summary_.notes = joined(joined(std::move(summary_.notes), state_->tuning.notes), state_->scale.notes);
  if (!names.empty() && summary_.largest_part_bytes > request_.max_part_bytes) {
    summary_.notes.push_back(
        fmt::format("the largest part has {} of weights, more than {}: neither a layer nor the head is cut further",
                    rounded_size(summary_.largest_part_bytes), rounded_size(request_.max_part_bytes)));
  }
  const bool is_apart = !names.empty() || profile.has_host_embedding();
  if (source.spec.tied_head && (is_apart || plan.head_shards.size() > 1)) {
    summary_.head_copy_bytes =
        stored_size(static_cast<uint64_t>(source.spec.vocabulary * source.spec.width), DType::f16);
  }
  if (source.spec.tied_head && is_apart) {
    summary_.notes.push_back(fmt::format(
        "the embedding and the output head lie apart, and each has its own copy of the tied table: {} more as float16",
        rounded_size(summary_.head_copy_bytes)));
  } else if (source.spec.tied_head && plan.head_shards.size() > 1) {
    summary_.notes.push_back(
        fmt::format("the output head is cut into {} parts and cannot share the table of the embedding: "
                    "{} more; --head-splits 1 shares it{}",
                    plan.head_shards.size(), rounded_size(summary_.head_copy_bytes), price_of_one_part(source.spec)));
  }
  summary_.lint = lint_converted(state_->packages, names);
  for (std::string& note : size_notes(summary_.lint)) summary_.notes.push_back(std::move(note));
}

void Conversion::write(Progress& progress) {
  if (summary_.paths.bundle.empty()) return write_package_files(summary_.paths, progress);
  Staging bundle(files_, summary_.paths.bundle, existing_of(request_), Staging::Form::bundle);
  const PackagePaths staged = summary_.paths.moved_to(bundle.staged());
  write_package_files(staged, progress);
  write_bundle_files(staged, progress);
  bundle.place();
}

void Conversion::write_package_files(const PackagePaths& paths, Progress& progress) {
  std::optional<Staging> text;
  if (summary_.has_text) {
    text.emplace(files_, paths.text, existing_of(request_), Staging::Form::file);
    files_.write_text(text->staged(), state_->text);
  }
  write_packages(paths, progress);
  if (text) {
    text->place();
  } else if (is_text_file(files_, paths.text)) {
    files_.remove_all(paths.text);  // of the package that was replaced: it has another tokenizer
  }
  for (const std::string& line : encoding_lines(*state_->report)) progress.detail(line);
  for (const auto& [tensor, stats] : state_->report->saturated()) {
    const std::string line = fmt::format("tensor {}: {} values beyond fp16 were cut to 65504 (largest {:g})", tensor,
                                         stats.saturated, stats.max_abs);
    summary_.notes.push_back(line);
    progress.note(line);
  }
}

void Conversion::write_packages(const PackagePaths& paths, Progress& progress) {
  // The digests are read beside the weights, from the same pages.
  std::shared_future<OrderedJson> digests =
      std::async(std::launch::async, [&] { return digest_sources(files_, *state_->source); });
  progress.stage("writing weights");
  const std::string folder = parent_path(paths.package);
  const std::vector<std::string> names = state_->profile->part_names();
  const uint64_t total = planned_bytes();
  WriteSummary written;
  if (state_->embedding) {
    write_embedding_file(files_, join_path(folder, kEmbeddingFile), *state_->embedding,
                         [&](uint64_t done) { progress.advance(done, total); });
    written.total_bytes = written.weight_bytes = embedding_file_bytes(*state_->embedding);
  }
  std::vector<std::string> places;
  for (size_t i = 0; i < state_->packages.size(); ++i) {
    const std::string path = names.empty() ? paths.package : join_path(folder, names[i]);
    places.push_back(path);
    const bool is_last = i + 1 == state_->packages.size();
    const WriteOptions options{
        .overwrite = request_.overwrite,
        .progress = [&](uint64_t done, uint64_t) { progress.advance(written.weight_bytes + done, total); },
        .late_metadata =
            [&](const std::string& staged) {
              std::map<std::string, std::string> entries;
              places.back() = staged;
              if (is_last) entries = measure(places, folder, progress);
              places.back() = path;
              if (is_last) progress.stage("finishing");
              entries["cortland.source"] = json_text(source_text(state_->source->location, digests.get()));
              return entries;
            }};
    written += write_package(files_, path, state_->packages[i], options);
  }
  summary_.written = written;
  std::vector<Package> packages;
  for (const std::string& place : places) packages.push_back(read_package(files_, place));
  summary_.lint = lint_converted(packages, names);
}

// Fp16 weights are the checkpoint's; what codes cost is measured.
std::map<std::string, std::string> Conversion::measure(const std::vector<std::string>& packages,
                                                       const std::string& folder, Progress& progress) {
  const int64_t tokens = std::min(request_.evaluated_tokens, summary_.context);
  if (tokens < 2 || state_->report->matrices().empty()) return {};
  progress.stage("measuring the quality");
  const SourceModel& source = *state_->source;
  const std::vector<int32_t> ids = quality_ids(state_->text, source.spec.vocabulary, tokens);
  summary_.quality = measure_quality(read_model(files_, packages, folder), source, ids, progress);
  std::map<std::string, std::string> entries{{"cortland.quality", quality_text(*summary_.quality)}};
  if (!summary_.quality->warm_up.empty()) entries[kWarmUpKey] = summary_.quality->warm_up;
  return entries;
}

void Conversion::write_bundle_files(const PackagePaths& paths, Progress& progress) {
  std::vector<MeasuredQuality> quality;
  for (const Math math : {Math::fp32, Math::fp16}) {
    if (request_.evaluated_tokens == 0) break;
    const VerifyRequest request{.package = paths.package, .checkpoint = request_.source, .math = math,
                                .tokens = std::min(request_.evaluated_tokens, summary_.context), .greedy_tokens = 0};
    quality.push_back({math, verify(files_, request, progress)});
    if (!quality.back().report.passed()) {
      summary_.notes.push_back("the package misses a threshold: `cortland verify` tells which");
    }
  }
  const Licence licence = read_licence(files_, *state_->source);
  if (!licence.is_known()) summary_.notes.push_back("the checkpoint names no licence");
  files_.write_text(join_path(paths.bundle, "README.md"),
                    model_card(summary_, licence, state_->packages.front().metadata.at("cortland.command"), quality));
  copy_licence(files_, licence, paths.bundle);
  write_bundle_manifest(files_, paths.bundle, base_name(paths.package), summary_.has_text ? base_name(paths.text) : "");
}

}  // namespace cortland
