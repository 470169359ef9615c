#include "pipeline/verify.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <random>

#include "base/error.h"
#include "mil/ops/constant.h"
#include "mil/ops/constexpr.h"
#include "pipeline/fp16_scale.h"
#include "pipeline/observer.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/quality.h"
#include "pipeline/quantization.h"
#include "pipeline/runner.h"
#include "pipeline/source.h"
#include "pipeline/step_totals.h"
#include "pipeline/text_source.h"
#include "pipeline/unwrap.h"
#include "pipeline/verdict.h"
#include "reference/reference.h"

namespace cortland {
namespace {

constexpr uint64_t kIdsSeed = 20240715;
constexpr size_t kMaxPrompt = 8;
constexpr int64_t kFewTokens = 8;  // fewer say little

// A token drawn from softmax(logits). The same on every machine: no distribution of the standard library is used.
int32_t draw(std::span<const float> logits, std::mt19937_64& random) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const float logit : logits) total += std::exp(logit - top);
  const double wanted = static_cast<double>(random() >> 11) * 0x1p-53 * total;
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    sum += std::exp(logits[i] - top);
    if (sum > wanted) return static_cast<int32_t>(i);
  }
  return static_cast<int32_t>(logits.size() - 1);
}

// Both sides of a comparison.
struct Sides {
  Reference& reference;
  Runner& runner;
};

// What the steps leave behind for the comparison with longer calls.
struct Walk {
  std::vector<int32_t> ids;
  std::map<size_t, std::vector<float>> package_logits;  // by how many ids were seen
};

// How many ids prefill is tried with.
std::vector<size_t> prefill_lengths(size_t tokens) { return {tokens / 2 + 1, tokens}; }

// Whether the logits behind so many ids are kept: where prefill ends, and as far as memory allows where every row of a
// call has logits.
bool is_kept(size_t ids, size_t tokens, const host::Contract& contract) {
  constexpr size_t kMostLogits = 64 << 20;  // 256 MB
  const std::vector<size_t> lengths = prefill_lengths(tokens);
  return std::count(lengths.begin(), lengths.end(), ids) != 0 ||
         (contract.has_flexible_calls() && ids <= kMostLogits / static_cast<size_t>(contract.vocabulary));
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

// Step by step over the ids of the request, or over ids that the reference draws.
Walk compare_steps(Sides sides, const VerifyRequest& request, int32_t first, Observer& observer, VerifyReport& report,
                   Progress& progress) {
  const auto tokens = static_cast<size_t>(report.tokens);
  host::Session session(sides.runner.contract());
  std::mt19937_64 random(kIdsSeed);
  StepTotals totals;
  Walk walk;
  int32_t id = request.ids.empty() ? first : request.ids.front();
  const Reference::Probe reference_probe = request.probe ? observer.reference_probe() : Reference::Probe();
  const Runner::Probe package_probe = observer.package_probe();
  for (size_t i = 0; i < tokens; ++i) {
    walk.ids.push_back(id);
    const std::vector<float> want = sides.reference.forward(std::span(&id, 1), LogitRows::last, reference_probe);
    const std::vector<float> got = sides.runner.decode(session, id, package_probe);  // also for the probe
    if (!all_finite(want)) {
      report.checkpoint_fault = fmt::format("overflows at token {}", i);
      break;
    }
    if (is_kept(i + 1, tokens, sides.runner.contract())) walk.package_logits[i + 1] = got;
    totals.add(want, got);
    if (i + 1 < tokens) {
      id = request.ids.empty() ? draw(want, random) : request.ids[i + 1];
      totals.add_next(want, got, id);
    }
    progress.advance(i + 1, tokens);
  }
  totals.fill(report);
  return walk;
}

// The largest difference between the rows of a call and the steps behind as many ids.
double compare_rows(const Walk& walk, const host::Call& call, std::span<const float> logits, size_t vocabulary) {
  double worst = 0;
  const size_t rows = logits.size() / vocabulary, seen = static_cast<size_t>(call.rows.start + call.rows.used);
  for (size_t row = 0; row < rows; ++row) {
    const auto step = walk.package_logits.find(seen - rows + row + 1);
    if (step == walk.package_logits.end()) continue;
    const double difference = compare(step->second, logits.subspan(row * vocabulary, vocabulary)).max_abs;
    worst = std::max(worst, std::isnan(difference) ? INFINITY : difference);
  }
  return worst;
}

// Prefill of a half and of all the ids against the steps.
void compare_prefill(Runner& runner, const Walk& walk, VerifyReport& report, Progress& progress) {
  const std::vector<size_t> lengths = prefill_lengths(walk.ids.size());
  for (size_t i = 0; i < lengths.size(); ++i) {
    runner.clear_states();
    host::Session session(runner.contract());
    const std::vector<int32_t> ids(walk.ids.begin(), walk.ids.begin() + static_cast<std::ptrdiff_t>(lengths[i]));
    for (const host::Call& call : unwrap(session.feed(ids), ErrorCode::invalid)) {
      const std::vector<float> logits = runner.run(session, call);
      const auto vocabulary = static_cast<size_t>(runner.contract().vocabulary);
      report.prefill_difference = std::max(report.prefill_difference, compare_rows(walk, call, logits, vocabulary));
    }
    progress.advance(i + 1, lengths.size());
  }
}

void compare_greedy(Sides sides, const VerifyRequest& request, const Walk& walk, VerifyReport& report,
                    Progress& progress) {
  const size_t prompt_size = std::min(kMaxPrompt, walk.ids.size());
  const std::vector<int32_t> prompt(walk.ids.begin(), walk.ids.begin() + static_cast<std::ptrdiff_t>(prompt_size));
  sides.reference.restart();
  sides.runner.clear_states();
  host::Session session(sides.runner.contract());
  std::vector<float> want = sides.reference.forward(prompt, LogitRows::last), got = sides.runner.feed(session, prompt);
  GreedyComparison& greedy = report.greedy;
  const int64_t count = std::min(request.greedy_tokens, session.room());
  if (count < request.greedy_tokens) {
    progress.note(
        fmt::format("{} tokens of greedy text are compared, not {}: behind a prompt of {}, the context holds no more",
                    count, request.greedy_tokens, prompt_size));
  }
  for (int64_t i = 0; i < count; ++i) {
    if (!all_finite(want)) {
      report.checkpoint_fault = fmt::format("overflows at greedy token {}", i);
      return;
    }
    const auto wanted = static_cast<int32_t>(argmax(want)), chosen = static_cast<int32_t>(argmax(got));
    greedy.reference.push_back(wanted);
    greedy.package.push_back(chosen);
    progress.advance(static_cast<uint64_t>(i + 1), static_cast<uint64_t>(count));
    if (wanted != chosen) {
      greedy.first_difference = i;
      greedy.margin = static_cast<double>(want[static_cast<size_t>(wanted)]) -
                      static_cast<double>(want[static_cast<size_t>(chosen)]);
      return;
    }
    if (i + 1 == count) return;
    want = sides.reference.forward(std::span(&wanted, 1), LogitRows::last);
    got = sides.runner.decode(session, chosen);
  }
}

int64_t token_count(const VerifyRequest& request, int64_t context, Progress& progress) {
  require(request.tokens >= 1, ErrorCode::invalid, "--tokens: got {}, want at least 1", request.tokens);
  const auto given = static_cast<int64_t>(request.ids.size());
  if (given > request.tokens) {
    progress.note(fmt::format("the first {} of {} ids are compared; hint: --tokens {}", request.tokens, given, given));
  }
  const int64_t wanted = given == 0 ? request.tokens : std::min(request.tokens, given);
  if (wanted > context) {
    progress.note(fmt::format("{} tokens are compared: the context holds no more", context));
  }
  const int64_t count = std::min(wanted, context);
  if (count < kFewTokens) {
    progress.note(fmt::format("too few tokens to say much: {}, want at least {}", count, kFewTokens));
  }
  return count;
}

// The two must be of one model, and the ids of its vocabulary.
void check_request(const VerifyRequest& request, const host::Contract& contract, const ModelSpec& spec) {
  require(contract.vocabulary == spec.vocabulary, ErrorCode::corrupt,
          "{}: has a vocabulary of {}, but {} has {}; hint: the package comes from another model", request.package,
          contract.vocabulary, request.checkpoint, spec.vocabulary);
  for (size_t i = 0; i < request.ids.size(); ++i) {
    require(request.ids[i] >= 0 && request.ids[i] < contract.vocabulary, ErrorCode::corrupt,
            "--ids: token {}: got id {}, want 0 to {}", i, request.ids[i], contract.vocabulary - 1);
  }
}

// The fewest of any weight.
int weight_bits(const PackagedModel& model) {
  int bits = kHalfBits;
  for (const Package& package : model.packages) {
    for (const mil::Function& function : package.program.functions) {
      for (const mil::Operation& operation : function.operations) {
        if (operation.type.starts_with(mil::kConstexprPrefix)) {
          bits = std::min(bits, mil::code_bits(function, operation));
        }
      }
    }
  }
  return bits;
}

// A package that was measured when it was made must still be what was measured.
void compare_quality(const FileSystem& files, const PackagedModel& model, const SourceModel& source,
                     VerifyReport& report, Progress& progress) {
  const auto entry = model.metadata().find("cortland.quality");
  if (entry == model.metadata().end()) return;
  const std::optional<Quality> recorded = parse_quality(entry->second);
  const std::vector<int32_t> ids =
      recorded ? quality_ids(read_text_source(files, source).bytes, source.spec.vocabulary, recorded->tokens)
               : std::vector<int32_t>();
  if (!recorded || digest_of_ids(ids) != recorded->ids_digest) {
    progress.note(
        "the quality that the package records is not checked: it was measured on other tokens than this version would take");
    return;
  }
  progress.stage("measuring the quality again");
  report.quality = RecordedQuality{recorded->mean_kl, measure_quality(model, source, ids, progress).mean_kl};
}

void find_parting(VerifyReport& report, double psnr_db) {
  const auto parts = std::find_if(report.probes.begin(), report.probes.end(),
                                  [&](const ProbeResult& probe) { return !(probe.difference.psnr_db >= psnr_db); });
  if (parts != report.probes.end()) report.parting = static_cast<size_t>(parts - report.probes.begin());
}

}  // namespace

bool VerifyReport::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
}

VerifyReport verify(const FileSystem& files, const VerifyRequest& request, Progress& progress) {
  progress.stage("reading package and checkpoint");
  const std::string path = find_package(files, request.package).package;
  const PackagedModel model = read_model(files, path, request.context);
  Runner runner(model, request.math);
  const auto source = open_source(files, request.checkpoint);
  const host::Contract& contract = runner.contract();
  check_request(request, contract, source->spec);
  Reference reference(source->spec, source->weights, contract.context);
  const Sides sides{reference, runner};
  VerifyReport report;
  report.precision = precision_of(model.packages.front());
  report.weight_bytes = model.weight_bytes();
  report.tokens = token_count(request, contract.context, progress);

  progress.stage("checking the rules of packages");
  for (const std::string& part : model.paths) {
    for (Finding& finding : check_package(files, part)) report.findings.push_back(std::move(finding));
  }
  if (!report.findings.empty()) {
    const Finding& first = report.findings.front();
    progress.note(fmt::format("{}: {}; hint: inspect lists every finding", first.where, first.message));
  }
  progress.stage("comparing step by step");
  const auto scale = model.metadata().find(kFp16ScaleKey);
  Observer observer(source->spec.layers.size(),
                    scale == model.metadata().end() ? std::vector<int>() : recorded_stream(scale->second));
  const auto first = static_cast<int32_t>(contract.bos.value_or(0));
  const Walk walk = compare_steps(sides, request, first, observer, report, progress);
  if (!report.checkpoint_fault) {
    progress.stage("comparing prefill");
    compare_prefill(runner, walk, report, progress);
    progress.stage("comparing greedy text");
    compare_greedy(sides, request, walk, report, progress);
    compare_quality(files, model, *source, report, progress);
  }

  const Thresholds thresholds = thresholds_for(request.math, weight_bits(model));
  report.peaks = observer.peaks();
  report.checks = judge(report, thresholds);
  if (request.probe) {
    report.probes = observer.probes();
    find_parting(report, thresholds.psnr_db);
  }
  return report;
}

std::vector<int32_t> parse_ids(std::string_view text, const std::string& where) {
  std::vector<int32_t> ids;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at != end) {
    if (std::isspace(static_cast<unsigned char>(*at)) != 0 || *at == ',' || *at == '[' || *at == ']') {
      ++at;
      continue;
    }
    int32_t id = 0;
    const auto [rest, error] = std::from_chars(at, end, id);
    require(error == std::errc() && id >= 0, ErrorCode::corrupt, "{}: byte {}: got \"{}\", want token ids", where,
            at - text.data(), printable(std::string_view(at, std::min<size_t>(16, static_cast<size_t>(end - at)))));
    ids.push_back(id);
    at = rest;
  }
  require(!ids.empty(), ErrorCode::corrupt, "{}: holds no token ids", where);
  return ids;
}

}  // namespace cortland
