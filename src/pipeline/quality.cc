#include "pipeline/quality.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "pipeline/runner.h"
#include "pipeline/step_totals.h"
#include "pipeline/unwrap.h"
#include "pipeline/warm_up.h"
#include "reference/reference.h"
#include "text/text_file.h"
#include "text/tokenizer.h"

namespace cortland {
namespace {

// Plain sentences, an exchange, Korean and code: what small models are used for.
constexpr std::string_view kText =
    "The library opens at nine and closes at six. On Monday two students came in, asked for a map of the harbour, and sat down by "
    "the window. \"Do you know which pier the ferry leaves from?\" one of them said. \"Pier four,\" answered the librarian, \"but on "
    "Sundays it is pier seven.\" 오늘은 날씨가 맑아서 우리는 공원까지 걸어갔다. 길가에는 꽃이 피어 있었고 아이들이 웃으며 뛰어다녔다. "
    "for i in range(10):\n    total = total + i\nprint(total)\n"
    "Water boils at one hundred degrees when the pressure is that of the sea; on a high mountain it boils sooner.";

constexpr uint64_t kSeed = 20240715;

// Logits [T, V] of the package: row by row, or from calls that give all of theirs.
std::vector<float> package_logits(Runner& runner, const std::vector<int32_t>& ids, Progress& progress) {
  host::Session session(runner.contract());
  std::vector<float> rows;
  const auto append = [&](const std::vector<float>& logits) {
    rows.insert(rows.end(), logits.begin(), logits.end());
    progress.advance(static_cast<uint64_t>(session.position()), ids.size());
  };
  if (runner.contract().has_flexible_calls()) {
    for (const host::Call& call : unwrap(session.feed(ids), ErrorCode::invalid)) append(runner.run(session, call));
  } else {
    for (const int32_t id : ids) append(runner.decode(session, id));
  }
  return rows;
}

}  // namespace

std::string quality_text(const Quality& quality) {
  const auto rounded = [](double value) {
    return std::isfinite(value) ? read_if_json(fmt::format("{:.2g}", value)) : OrderedJson(nullptr);
  };
  return json_text(OrderedJson{{"tokens", quality.tokens},
                               {"ids", quality.ids_digest},
                               {"against", "the checkpoint in fp32"},
                               {"mean_kl", rounded(quality.mean_kl)},
                               {"top1_agreement", rounded(quality.top1_agreement)},
                               {"perplexity_change", rounded(quality.perplexity_change)}});
}

std::optional<Quality> parse_quality(const std::string& text) {
  const OrderedJson json = read_if_json(text);
  const auto number = [&](const char* key) {
    return json.contains(key) && json[key].is_number() ? json[key].get<double>() : NAN;
  };
  if (!json.is_object() || !json.contains("ids") || !json["ids"].is_string()) return std::nullopt;
  const double tokens = number("tokens");
  constexpr double kMost = 1 << 20;
  if (!(tokens >= 2 && tokens <= kMost) || !(number("mean_kl") >= 0)) return std::nullopt;
  return Quality{.tokens = static_cast<int64_t>(tokens),
                 .ids_digest = json["ids"].get<std::string>(),
                 .mean_kl = number("mean_kl"),
                 .top1_agreement = number("top1_agreement"),
                 .perplexity_change = number("perplexity_change")};
}

std::string digest_of_ids(const std::vector<int32_t>& ids) {
  constexpr size_t kDigestLength = 16;
  return sha256_of(fmt::format("{}", fmt::join(ids, " "))).substr(0, kDigestLength);
}

std::vector<int32_t> random_ids(int64_t vocabulary, int64_t count) {
  std::mt19937_64 random(kSeed);
  std::vector<int32_t> ids(static_cast<size_t>(count));
  for (int32_t& id : ids) id = static_cast<int32_t>(random() % static_cast<uint64_t>(vocabulary));
  return ids;
}

std::vector<int32_t> quality_ids(const std::string& text, int64_t vocabulary, int64_t count) {
  if (text.empty()) return random_ids(vocabulary, count);
  const text::TextFile file = unwrap(text::read_text_file(std::as_bytes(std::span(text))), ErrorCode::corrupt);
  const text::Tokenizer tokenizer = unwrap(text::Tokenizer::load(file.tokenizer), ErrorCode::corrupt);
  const auto encoded = tokenizer.encode(kText);
  if (!encoded || encoded->size() < 2) return random_ids(vocabulary, count);
  std::vector<int32_t> ids = *encoded;
  ids.resize(std::min(ids.size(), static_cast<size_t>(count)));
  return ids;
}

Quality measure_quality(const PackagedModel& model, const SourceModel& source, const std::vector<int32_t>& ids,
                        Progress& progress) {
  Runner runner(model, Math::fp32);
  const std::vector<float> got = package_logits(runner, ids, progress);
  Reference reference(source.spec, source.weights, runner.contract().context);
  const std::vector<float> want = reference.forward(ids, LogitRows::all);
  const auto vocabulary = static_cast<size_t>(source.spec.vocabulary);
  StepTotals totals;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto row = [&](const std::vector<float>& rows) {
      return std::span(rows).subspan(i * vocabulary, vocabulary);
    };
    totals.add(row(want), row(got));
    if (i + 1 < ids.size()) totals.add_next(row(want), row(got), ids[i + 1]);
  }
  VerifyReport report;
  totals.fill(report);
  return {.tokens = report.tokens,
          .ids_digest = digest_of_ids(ids),
          .mean_kl = report.mean_kl,
          .top1_agreement = report.top1_agreement,
          .perplexity_change =
              static_cast<double>(report.package_perplexity) / static_cast<double>(report.reference_perplexity) - 1,
          .warm_up = warm_up_text(ids.front(), std::span(got).first(vocabulary))};
}

}  // namespace cortland
