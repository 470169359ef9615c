#include "pipeline/ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/error.h"
#include "lower/graph.h"
#include "pipeline/fp16_scale.h"
#include "pipeline/observer.h"
#include "pipeline/package_paths.h"
#include "pipeline/packaged_model.h"
#include "pipeline/quality.h"
#include "pipeline/runner.h"
#include "pipeline/text_model.h"
#include "pipeline/unwrap.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Adds up what both kinds of math make of each result.
class RangeSums {
 public:
  // Sees a call in fp32 math; compare() then sees the same call in fp16 math.
  Interpreter::Probe keep() {
    return [this](const mil::ValueInfo& value, const Tensor& tensor) {
      if (is_activation(value, tensor)) kept_.emplace_back(&value, tensor);
    };
  }
  Interpreter::Probe compare(int64_t token) {
    return [this, token](const mil::ValueInfo& value, const Tensor& tensor) {
      if (next_ == kept_.size() || kept_[next_].first != &value) return;
      const Tensor wide = std::exchange(kept_[next_++].second, Tensor());
      add(value, token, wide.floats().span(), tensor.floats().span());
    };
  }
  void end_call() {
    kept_.clear();
    next_ = 0;
  }

  // In the order of `function`, whose values were seen.
  std::vector<ValueRange> ranges(const mil::Function& function) const {
    std::vector<ValueRange> list;
    for (const mil::Operation& operation : function.operations) {
      for (const mil::ValueId id : operation.outputs) {
        const auto it = sums_.find(&function.value(id));
        if (it == sums_.end()) continue;
        list.push_back(it->second.range);
        list.back().op = operation.type;
        list.back().snr_db = it->second.difference.snr_db();
        list.back().operand_snr_db = least_snr(function, operation);
      }
    }
    return list;
  }

 private:
  struct Sums {
    ValueRange range;
    DifferenceSum difference;
  };

  void add(const mil::ValueInfo& value, int64_t token, std::span<const float> wide, std::span<const float> narrow) {
    Sums& sums = sums_[&value];
    ValueRange& range = sums.range;
    range.layer = layer_of(value.name);
    range.value = value.name;
    sums.difference.add(wide, narrow);
    range.count += wide.size();
    for (size_t i = 0; i < wide.size(); ++i) {
      const float size = std::isnan(wide[i]) ? INFINITY : std::abs(wide[i]);
      if (size > range.peak) {
        range.peak = size;
        range.token = token;
      }
      range.overflows += std::isfinite(wide[i]) && !std::isfinite(narrow[i]) ? 1 : 0;
      range.vanished += wide[i] != 0 && narrow[i] == 0 ? 1 : 0;
    }
  }

  double least_snr(const mil::Function& function, const mil::Operation& operation) const {
    double least = kInfinity;
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const auto* id = std::get_if<mil::ValueId>(&binding);
        const auto it = id == nullptr ? sums_.end() : sums_.find(&function.value(*id));
        if (it != sums_.end()) least = std::min(least, it->second.difference.snr_db());
      }
    }
    return least;
  }

  std::vector<std::pair<const mil::ValueInfo*, Tensor>> kept_;  // of the call, in order
  size_t next_ = 0;
  std::map<const mil::ValueInfo*, Sums> sums_;
};

std::vector<int32_t> choose_ids(const FileSystem& files, const RangesRequest& request, const PackagePaths& paths,
                                const host::Contract& contract, RangesReport& report) {
  report.source = "the given ids";
  if (!request.ids.empty()) return request.ids;
  const bool has_text = files.kind(paths.text) == FileKind::file;
  if (!request.text_file.empty()) {
    report.source = request.text_file;
    const TextModel text(files, paths.text);
    text.check_contract(contract);
    return text.encode(files.read_text(request.text_file), {.add_special_tokens = true});
  }
  report.source = has_text ? "the built-in text" : "ids drawn at random, since there is no tokenizer";
  return range_ids(has_text ? files.read_text(paths.text) : "", contract.bos, contract.vocabulary, request.tokens);
}

// For each layer, then outside, the index of the value that `is_better` prefers.
template <typename IsBetter>
std::vector<size_t> best_of_layers(const std::vector<ValueRange>& values, IsBetter is_better) {
  std::map<int64_t, size_t> best;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t layer = values[i].layer < 0 ? std::numeric_limits<int64_t>::max() : values[i].layer;
    const auto [it, is_new] = best.emplace(layer, i);
    if (!is_new && is_better(values[i], values[it->second])) it->second = i;
  }
  std::vector<size_t> list;
  for (const auto& [layer, index] : best) list.push_back(index);
  return list;
}

void summarize_ranges(RangesReport& report) {
  const std::vector<ValueRange>& values = report.values;
  report.peaks = best_of_layers(values, [](const ValueRange& a, const ValueRange& b) { return a.peak > b.peak; });
  report.weakest = best_of_layers(values, [](const ValueRange& a, const ValueRange& b) { return a.snr_db < b.snr_db; });
  const auto first = [&](const auto& is_it) -> std::optional<size_t> {
    const auto it = std::find_if(values.begin(), values.end(), is_it);
    return it == values.end() ? std::nullopt : std::optional(static_cast<size_t>(it - values.begin()));
  };
  report.overflow = first([](const ValueRange& v) { return v.overflows > 0; });
  report.parting = first([](const ValueRange& v) { return !(v.snr_db >= kHalfPsnr); });
}

}  // namespace

float RangesReport::peak() const {
  float peak = 0;
  for (const ValueRange& value : values) peak = std::max(peak, value.peak);
  return peak;
}

bool RangesReport::passed() const { return peak() < limit && !overflow && logits.psnr_db >= kHalfPsnr; }

std::vector<int32_t> range_ids(const std::string& text, std::optional<int64_t> bos, int64_t vocabulary, int64_t count) {
  std::vector<int32_t> ids = quality_ids(text, vocabulary, count);
  if (bos && *bos >= 0 && *bos < vocabulary && (ids.empty() || ids.front() != *bos)) {
    ids.insert(ids.begin(), static_cast<int32_t>(*bos));
  }
  ids.resize(std::min(ids.size(), static_cast<size_t>(count)));
  return ids;
}

RangesReport measure_ranges(const FileSystem& files, const RangesRequest& request, Progress& progress) {
  progress.stage("reading the package");
  const PackagePaths paths = find_package(files, request.package);
  const PackagedModel model = read_model(files, paths.package, request.context);
  Runner wide(model, Math::fp32), narrow(model, Math::fp16);
  const host::Contract& contract = wide.contract();
  RangesReport report;
  report.limit = kHalfMax;
  report.is_scaled = model.metadata().count(kFp16ScaleKey) != 0;
  std::vector<int32_t> ids = choose_ids(files, request, paths, contract, report);
  ids.resize(std::min({ids.size(), static_cast<size_t>(request.tokens), static_cast<size_t>(contract.context)}));
  report.tokens = static_cast<int64_t>(ids.size());

  progress.stage("running in fp32 and in fp16");
  host::Session wide_session(contract), narrow_session(narrow.contract());
  RangeSums sums;
  DifferenceSum logits;
  std::string function;
  const auto run = [](Runner& runner, host::Session& session, int32_t id, const Interpreter::Probe& probe,
                      std::string& name) {
    std::vector<float> last;
    for (const host::Call& call : unwrap(session.feed({id}), ErrorCode::invalid)) {
      name = call.function->name;
      last = runner.run(session, call, [&](const mil::ValueInfo& value, const Tensor& tensor, const host::Rows&) {
        probe(value, tensor);
      });
    }
    return last;
  };
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::vector<float> want = run(wide, wide_session, ids[i], sums.keep(), function);
    const std::vector<float> got = run(narrow, narrow_session, ids[i], sums.compare(static_cast<int64_t>(i)), function);
    sums.end_call();
    logits.add(want, got);
    progress.advance(i + 1, ids.size());
  }
  report.logits = logits.result();
  for (const Package& package : model.packages) {
    const mil::Function* executed = package.program.find(function);
    if (executed == nullptr) continue;
    for (ValueRange& range : sums.ranges(*executed)) report.values.push_back(std::move(range));
  }
  summarize_ranges(report);
  return report;
}

}  // namespace cortland
