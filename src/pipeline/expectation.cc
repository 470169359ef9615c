#include "pipeline/expectation.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>

#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "host/session.h"
#include "package/layout.h"
#include "pipeline/digits.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/ranges.h"
#include "pipeline/runner.h"
#include "pipeline/verdict.h"
#include "pipeline/version.h"
#include "pipeline/warm_up.h"

namespace cortland {
namespace {

constexpr int64_t kLikeliest = 5;
constexpr int64_t kSpread = 16;  // each of the shards of a head has some

// The ids whose logits are told.
std::vector<int32_t> told_ids(const std::vector<float>& logits) {
  const auto vocabulary = static_cast<int64_t>(logits.size());
  std::vector<int32_t> ids = likeliest_ids(logits, kLikeliest);
  for (int64_t i = 0; i < kSpread; ++i) {
    const auto id = static_cast<int32_t>((2 * i + 1) * vocabulary / (2 * kSpread));
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

ExpectedLogits expected(const std::vector<float>& logits, const std::vector<int32_t>& ids) {
  ExpectedLogits told;
  told.argmax = static_cast<int32_t>(argmax(logits));
  const double largest = logits[static_cast<size_t>(told.argmax)];
  told.log_sum_exp = largest + negative_log_likelihood(logits, told.argmax);
  for (const int32_t id : ids) told.logits.push_back(logits[static_cast<size_t>(id)]);
  return told;
}

std::string digest_of(const FileSystem& files, const std::vector<std::string>& packages) {
  std::string digests;
  for (const std::string& package : packages) {
    for (const std::string& path : {model_path(package), weight_path(package)}) {
      if (files.kind(path) == FileKind::file) digests += sha256_of(*files.open(path)) + "\n";
    }
  }
  return sha256_of(digests);
}

void choose_ids(const FileSystem& files, const ExpectationRequest& request, const PackagePaths& paths,
                const host::Contract& contract, Expectation& expectation) {
  const bool has_text = files.kind(paths.text) == FileKind::file;
  expectation.ids = !request.ids.empty()
                        ? request.ids
                        : range_ids(has_text ? files.read_text(paths.text) : "", contract.bos, contract.vocabulary,
                                    std::min(request.prompt_tokens + request.new_tokens, contract.context));
  const auto count = static_cast<int64_t>(expectation.ids.size());
  require(count <= contract.context, ErrorCode::invalid, "ids: got {}, and the context holds {}", count,
          contract.context);
  for (const int32_t id : expectation.ids) {
    require(id >= 0 && id < contract.vocabulary, ErrorCode::invalid, "ids: got {}, want 0 to {}", id,
            contract.vocabulary - 1);
  }
  expectation.prompt_tokens = std::clamp<int64_t>(count - request.new_tokens, 1, request.prompt_tokens);
  const int64_t all = expectation.prompt_tokens + request.new_tokens;
  expectation.ids.resize(static_cast<size_t>(std::min(count, all)));
}

// More digits say nothing, and the file stays small.
double rounded(double value) { return std::isfinite(value) ? with_digits(value, 7) : value; }

OrderedJson json_of(const ExpectedLogits& told) {
  OrderedJson logits = OrderedJson::array();
  for (const float logit : told.logits) logits.push_back(rounded(static_cast<double>(logit)));
  return {{"argmax", told.argmax}, {"log_sum_exp", rounded(told.log_sum_exp)}, {"logits", logits}};
}

// Findings about the same operations of a function are one row.
OrderedJson json_of(const LintView& view) {
  using Key = std::tuple<std::string_view, lint::Severity, std::string, std::string>;
  std::vector<std::pair<Key, int64_t>> rows;
  for (const lint::Finding& f : view.findings) {
    const Key key{f.rule->id, f.severity, f.function, f.operation};
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.first == key; });
    if (row == rows.end()) {
      rows.emplace_back(key, 1);
    } else {
      ++row->second;
    }
  }
  OrderedJson findings = OrderedJson::array();
  for (const auto& [key, count] : rows) {
    const auto& [rule, severity, function, operation] = key;
    findings.push_back({{"rule", rule}, {"severity", to_string(severity)}, {"function", function},
                        {"operation", operation}, {"count", count}});
  }
  return {{"unit", to_string(view.unit)}, {"verdict", lint::verdict(view.findings)}, {"findings", findings}};
}

}  // namespace

Expectation expect_of(const FileSystem& files, const ExpectationRequest& request, Progress& progress) {
  progress.stage("reading the package");
  const PackagePaths paths = find_package(files, request.package);
  const PackagedModel model = read_model(files, paths.package, request.context);
  Runner wide(model, Math::fp32), narrow(model, Math::fp16);
  const host::Contract& contract = wide.contract();
  Expectation expectation;
  expectation.package = base_name(paths.shown());
  expectation.digest = digest_of(files, model.paths);
  expectation.profile = contract.profile;
  expectation.context = contract.context;
  expectation.vocabulary = contract.vocabulary;
  choose_ids(files, request, paths, contract, expectation);
  expectation.lint = lint_package(files, {.package = request.package});

  progress.stage("running in fp32 and in fp16");
  host::Session wide_session(contract), narrow_session(narrow.contract());
  DifferenceSum difference;
  const auto feed = [&](const std::vector<int32_t>& ids) {
    const std::vector<float> want = wide.feed(wide_session, ids), got = narrow.feed(narrow_session, ids);
    require(std::all_of(want.begin(), want.end(), [](float logit) { return std::isfinite(logit); }), ErrorCode::corrupt,
            "{}: gives logits behind token {} that are no numbers; hint: cortland verify --ranges", request.package,
            wide_session.position());
    difference.add(want, got);
    for (const float logit : want) {
      expectation.logit_scale = std::max(expectation.logit_scale, std::abs(static_cast<double>(logit)));
    }
    ExpectedPosition position;
    position.position = wide_session.position() - 1;
    position.ids = told_ids(want);
    position.fp32 = expected(want, position.ids);
    position.fp16 = expected(got, position.ids);
    expectation.positions.push_back(std::move(position));
    progress.advance(static_cast<uint64_t>(wide_session.position()), expectation.ids.size());
  };
  const auto rest = expectation.ids.begin() + expectation.prompt_tokens;
  feed({expectation.ids.begin(), rest});
  for (auto id = rest; id != expectation.ids.end(); ++id) feed({*id});

  expectation.fp16_math = difference.result();
  const Thresholds wanted = thresholds_for(Math::fp16, kHalfBits);
  expectation.psnr_limit = wanted.psnr_db;
  expectation.tie = wanted.tie(expectation.logit_scale);
  return expectation;
}

std::string expectation_text(const Expectation& expectation) {
  const auto finite = [](double value) { return std::isfinite(value) ? OrderedJson(rounded(value)) : OrderedJson(); };
  OrderedJson positions = OrderedJson::array();
  for (const ExpectedPosition& p : expectation.positions) {
    positions.push_back(
        {{"position", p.position}, {"ids", p.ids}, {"fp32", json_of(p.fp32)}, {"fp16", json_of(p.fp16)}});
  }
  const OrderedJson json = {{"format", "cortland.expectation"},
                            {"version", 1},
                            {"tool", fmt::format("cortland {}", kVersion)},
                            {"package", expectation.package},
                            {"digest", expectation.digest},
                            {"profile", expectation.profile},
                            {"context", expectation.context},
                            {"vocabulary", expectation.vocabulary},
                            {"ids", expectation.ids},
                            {"prompt_tokens", expectation.prompt_tokens},
                            {"psnr_limit", expectation.psnr_limit},
                            {"tie", rounded(expectation.tie)},
                            {"logit_scale", rounded(expectation.logit_scale)},
                            {"fp16_psnr", finite(expectation.fp16_math.psnr_db)},
                            {"lint", json_of(expectation.lint)},
                            {"positions", positions}};
  return json_text(json) + "\n";
}

}  // namespace cortland
