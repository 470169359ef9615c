#include "cli/ranges_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>

#include "base/json.h"
#include "base/process.h"
#include "cli/console.h"
#include "cli/standard_output.h"

namespace cortland {
namespace {

OrderedJson json_number(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

OrderedJson json_of(const ValueRange& v) {
  return {{"layer", v.layer < 0 ? OrderedJson(nullptr) : OrderedJson(v.layer)},
          {"value", v.value},
          {"op", v.op},
          {"magnitude", json_number(v.peak)},
          {"token", v.token},
          {"snr_db", json_number(v.snr_db)},
          {"operand_snr_db", json_number(v.operand_snr_db)},
          {"overflows", v.overflows},
          {"vanished", v.vanished},
          {"count", v.count}};
}

OrderedJson json_of(const RangesRequest& request, const RangesReport& report, double seconds) {
  OrderedJson values = OrderedJson::array();
  for (const ValueRange& value : report.values) values.push_back(json_of(value));
  const auto name = [&](const std::optional<size_t>& index) {
    return index ? OrderedJson(report.values[*index].value) : OrderedJson(nullptr);
  };
  return {
      {"package", request.package},
      {"tokens", report.tokens},
      {"source", report.source},
      {"passed", report.passed()},
      {"limit", report.limit},
      {"scaled", report.is_scaled},
      {"largest", json_number(report.peak())},
      {"overflow", name(report.overflow)},
      {"parting", name(report.parting)},
      {"logits", {{"psnr_db", json_number(report.logits.psnr_db)}, {"max_abs", json_number(report.logits.max_abs)}}},
      {"values", values},
      {"seconds", seconds},
      {"peak_memory_bytes", peak_memory_bytes()}};
}

std::string layer_text(const ValueRange& value) { return value.layer < 0 ? "outside" : fmt::format("{}", value.layer); }

// Percent of what fp16 holds.
double part_of_limit(const RangesReport& report, const ValueRange& value) {
  return 100 * static_cast<double>(value.peak) / static_cast<double>(report.limit);
}

void print_layers(const RangesReport& report) {
  print_result("  {:>7}  {:>9}  {:>8}  {:<32}{:>9}  {}\n", "layer", "largest", "of limit", "in", "least SNR", "in");
  for (size_t i = 0; i < report.peaks.size(); ++i) {
    const ValueRange &peak = report.values[report.peaks[i]], &weak = report.values[report.weakest[i]];
    print_result("  {:>7}  {:>9.4g}  {:>6.2g} %  {:<32}{:>6.1f} dB  {}\n", layer_text(peak), peak.peak,
                 part_of_limit(report, peak), peak.value, weak.snr_db, weak.value);
  }
}

void print_values(const RangesReport& report) {
  print_result("  {:>7}  {:>9}  {:>8}  {:>9}  {:>9}  {:>8}  {}\n", "layer", "largest", "of limit", "SNR", "overflows",
               "vanished", "value");
  for (const ValueRange& v : report.values) {
    print_result("  {:>7}  {:>9.4g}  {:>6.2g} %  {:>6.1f} dB  {:>9}  {:>8}  {} ({})\n", layer_text(v), v.peak,
                 part_of_limit(report, v), v.snr_db, v.overflows, v.vanished, v.value, v.op);
  }
}

void print_verdict(const RangesReport& report) {
  if (report.overflow) {
    const ValueRange& v = report.values[*report.overflow];
    print_result("  fp16 overflows first in {} ({}): {} of {} numbers, up to {:.4g}\n", v.value, v.op, v.overflows,
                 v.count, v.peak);
  }
  if (report.parting) {
    const ValueRange& v = report.values[*report.parting];
    print_result("  fp16 parts from fp32 in {} ({}): SNR {:.1f} dB, what it reads {:.1f} dB{}\n", v.value, v.op,
                 v.snr_db, v.operand_snr_db,
                 v.vanished > 0 ? fmt::format("; {} of {} numbers became 0", v.vanished, v.count) : "");
  }
  if (!report.parting && !report.overflow) {
    print_result("  fp16 stays above {:g} dB of SNR in every operation.\n", kHalfPsnr);
  }
  print_result("  logits: PSNR {:.1f} dB of fp16 math against fp32 math, want at least {:g} dB\n",
               report.logits.psnr_db, kHalfPsnr);
  const bool is_near = static_cast<double>(report.peak()) > kNearLimit * static_cast<double>(report.limit);
  if (!report.passed()) {
    print_result(
        "FAILED: fp16 does not hold what this package computes{}\n",
        report.is_scaled ? "" : "; hint: convert it again: --fp16-scale auto, the default, scales what can be");
  } else {
    print_result("{}\n",
                 is_near ? "PASSED, but near the limit: other texts reach higher" : "PASSED: fp16 holds every value");
  }
}

}  // namespace

ExitCode run_ranges(const RangesRequest& request, const OutputOptions& output) {
  const auto started = std::chrono::steady_clock::now();
  ConsoleProgress progress(output.verbosity());
  const RangesReport report = measure_ranges(disk(), request, progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (output.json) {
    print_json(json_of(request, report, seconds));
  } else if (!output.quiet) {
    print_result("{}: values on {} of {}\n", request.package, plural_text(static_cast<size_t>(report.tokens), "token"),
                 report.source);
    output.verbose ? print_values(report) : print_layers(report);
    print_verdict(report);
  }
  return report.passed() ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace cortland
