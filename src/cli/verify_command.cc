#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/generation_options.h"
#include "cli/options.h"
#include "cli/ranges_view.h"
#include "cli/standard_output.h"
#include "pipeline/verify.h"

namespace cortland {
namespace {

constexpr size_t kShownPeaks = 3;

struct VerifyArguments {
  VerifyRequest request;
  std::vector<std::string> packages;
  std::string ids_file, text_file;
  bool ranges = false;
  int64_t threads = 0;
  OutputOptions output;
};

// JSON has no infinity: equal sides have no PSNR.
OrderedJson finite(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

OrderedJson json_of(const VerifyArguments& arguments, const VerifyReport& report, double seconds) {
  OrderedJson checks = OrderedJson::array(), peaks = OrderedJson::array(), probes = OrderedJson::array();
  for (const auto& check : report.checks) {
    checks.push_back({{"name", check.name}, {"got", check.got}, {"want", check.want}, {"passed", check.passed}});
  }
  for (const ActivationPeak& peak : report.peaks) {
    peaks.push_back({{"layer", peak.layer < 0 ? OrderedJson(nullptr) : OrderedJson(peak.layer)}, {"value", peak.value},
                     {"magnitude", finite(peak.magnitude)}});
  }
  for (const ProbeResult& probe : report.probes) {
    probes.push_back({{"place", probe.place}, {"max_abs", finite(probe.difference.max_abs)},
                      {"psnr_db", finite(probe.difference.psnr_db)}});
  }
  OrderedJson json = {
      {"package", arguments.request.package},
      {"precision", report.precision},
      {"weight_bytes", report.weight_bytes},
      {"checkpoint", arguments.request.checkpoint},
      {"math", arguments.request.math == Math::fp32 ? "fp32" : "fp16"},
      {"tokens", report.tokens},
      {"passed", report.passed()},
      {"logits",
       {{"max_abs", finite(report.logits.max_abs)},
        {"mean_abs", finite(report.logits.mean_abs)},
        {"psnr_db", finite(report.logits.psnr_db)}}},
      {"kl", {{"mean", finite(report.mean_kl)}, {"worst", finite(report.worst_kl)}}},
      {"top1_agreement", report.top1_agreement},
      {"perplexity",
       {{"checkpoint", finite(report.reference_perplexity)}, {"package", finite(report.package_perplexity)}}},
      {"greedy",
       {{"checkpoint", report.greedy.reference},
        {"package", report.greedy.package},
        {"first_difference",
         report.greedy.first_difference ? OrderedJson(*report.greedy.first_difference) : OrderedJson(nullptr)},
        {"margin", finite(report.greedy.margin)}}},
      {"prefill", {{"max_abs", finite(report.prefill_difference)}, {"logit_scale", finite(report.logit_scale)}}},
      {"activations", peaks},
      {"checks", checks}};
  if (arguments.request.probe) {
    json["probes"] = probes;
    json["parting"] = report.parting ? OrderedJson(report.probes[*report.parting].place) : OrderedJson(nullptr);
  }
  json["seconds"] = seconds;
  json["peak_memory_bytes"] = peak_memory_bytes();
  return json;
}

void print_peaks(std::vector<ActivationPeak> peaks) {
  std::stable_sort(peaks.begin(), peaks.end(), [](const auto& a, const auto& b) { return a.magnitude > b.magnitude; });
  if (peaks.size() > kShownPeaks) peaks.resize(kShownPeaks);
  for (const ActivationPeak& peak : peaks) {
    print_result("  {:<18}{:.4g} in {} ({:.2g} % of fp16's limit)\n", "activation", peak.magnitude, peak.value,
                 100 * static_cast<double>(peak.magnitude) / 65504);
  }
}

void print_probes(const VerifyReport& report) {
  for (size_t i = 0; i < report.probes.size(); ++i) {
    const ProbeResult& probe = report.probes[i];
    print_result("  {:<30}PSNR {:>6.1f} dB   largest difference {:.3g}{}\n", probe.place, probe.difference.psnr_db,
                 probe.difference.max_abs, report.parting == i ? "   <- the two part here" : "");
  }
  if (!report.parting && !report.probes.empty()) print_result("  The residual stream agrees at every place.\n");
}

void print_report(const VerifyArguments& arguments, const VerifyReport& report, double seconds) {
  const auto row = [](std::string_view name, const std::string& text) { print_result("  {:<18}{}\n", name, text); };
  print_result("{} against {}, {}, {} math\n", arguments.request.package, arguments.request.checkpoint,
               plural_text(static_cast<size_t>(report.tokens), "token"),
               arguments.request.math == Math::fp32 ? "fp32" : "fp16");
  row("difference", fmt::format("largest {:.3g}, mean {:.3g} (logits up to {:.3g})", report.logits.max_abs,
                                report.logits.mean_abs, report.logit_scale));
  row("KL", fmt::format("mean {:.2g}, worst {:.2g} nats", report.mean_kl, report.worst_kl));
  row("perplexity",
      fmt::format("checkpoint {:.4f}, package {:.4f}", report.reference_perplexity, report.package_perplexity));
  print_peaks(report.peaks);
  if (arguments.request.probe) print_probes(report);
  for (const auto& check : report.checks) {
    print_result("  {} {:<20}{:<33} want {}\n", check.passed ? "ok  " : "FAIL", check.name, check.got, check.want);
  }
  row("cost", fmt::format("{}, {} at the peak", seconds_text(seconds), size_text(peak_memory_bytes())));
  print_result("{}\n", report.passed() ? "PASSED: the package computes what the checkpoint computes"
                                       : "FAILED: see above; --probe looks for the first place where the two part");
}

// Several packages against one checkpoint: a row for each.
ExitCode run_table(VerifyArguments& arguments, ConsoleProgress& progress) {
  OrderedJson rows = OrderedJson::array();
  bool all_passed = true;
  std::vector<VerifyReport> reports;
  for (const std::string& package : arguments.packages) {
    arguments.request.package = package;
    const auto started = std::chrono::steady_clock::now();
    reports.push_back(verify(disk(), arguments.request, progress));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    rows.push_back(json_of(arguments, reports.back(), seconds));
    all_passed = all_passed && reports.back().passed();
  }
  progress.finish();
  if (arguments.output.json) {
    print_json(rows);
  } else if (!arguments.output.quiet) {
    size_t width = std::string_view("package").size();
    for (const std::string& package : arguments.packages) width = std::max(width, package.size());
    print_result("{:<{}}  precision     weights        KL  worst KL    top-1  perplexity\n", "package", width);
    for (size_t i = 0; i < reports.size(); ++i) {
      const VerifyReport& r = reports[i];
      const double change = static_cast<double>(r.package_perplexity) / static_cast<double>(r.reference_perplexity) - 1;
      print_result("{:<{}}  {:<10}{:>11}{:>10.2g}{:>10.2g}{:>7.1f} %{:>+10.2f} %  {}\n", arguments.packages[i], width,
                   r.precision, size_text(r.weight_bytes), r.mean_kl, r.worst_kl, 100 * r.top1_agreement, 100 * change,
                   r.passed() ? "ok" : "FAILED");
    }
    print_result("Against {}, {}; verify one alone to see every check\n", arguments.request.checkpoint,
                 plural_text(static_cast<size_t>(reports.front().tokens), "token"));
  }
  return all_passed ? ExitCode::ok : ExitCode::check_failed;
}

ExitCode run_verify(VerifyArguments& arguments) {
  const auto started = std::chrono::steady_clock::now();
  if (!arguments.ids_file.empty()) {
    arguments.request.ids = parse_ids(disk().read_text(arguments.ids_file), arguments.ids_file);
  }
  const ThreadLimit limit(static_cast<int>(arguments.threads));
  if (arguments.ranges) {
    require(arguments.packages.size() == 1, ErrorCode::invalid, "--ranges: got {} packages, want one",
            arguments.packages.size());
    const VerifyRequest& request = arguments.request;
    return run_ranges({arguments.packages.front(), request.context, request.ids, arguments.text_file, request.tokens},
                      arguments.output);
  }
  require(!arguments.request.checkpoint.empty(), ErrorCode::invalid,
          "verify: got no --against, want one; hint: cortland verify --help");
  require(arguments.text_file.empty(), ErrorCode::invalid, "--text: belongs to --ranges; hint: --ids");
  ConsoleProgress progress(arguments.output.verbosity());
  if (arguments.packages.size() > 1) return run_table(arguments, progress);
  arguments.request.package = arguments.packages.front();
  const VerifyReport report = verify(disk(), arguments.request, progress);
  progress.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (arguments.output.json) {
    print_json(json_of(arguments, report, seconds));
  } else if (!arguments.output.quiet) {
    print_report(arguments, report, seconds);
  }
  return report.passed() ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_verify_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<VerifyArguments>();
  VerifyRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("verify", "run a package and compare it with its checkpoint");
  command->add_option("package", arguments->packages, "the package, read back from disk; several give a table")
      ->option_text("NAME.mlpackage...")
      ->required();
  CLI::Option* against =
      add_text(*command, "--against", "FOLDER|ID", request.checkpoint,
               "the checkpoint: a folder, a GGUF file, or a Hub id in the local cache; needed but for --ranges");
  add_choice<Math>(*command, "--math", request.math, {{"fp32", Math::fp32}, {"fp16", Math::fp16}},
                   "fp32: what the package means; fp16: every result rounded, the nearest stand-in for a device");
  add_context_option(*command, request.context, "the largest");
  add_number(*command, "--tokens", request.tokens, {1, kMaxTokens}, "how many tokens are compared");
  add_number(*command, "--greedy", request.greedy_tokens, {1, kMaxTokens}, "how many tokens each side generates");
  CLI::Option* ids =
      add_text(*command, "--ids", "FILE", arguments->ids_file,
               "a file of token ids to compare on; default: what the checkpoint itself says from a fixed seed");
  CLI::Option* probe = command->add_flag("--probe", request.probe, "name the first place where the two part");
  command
      ->add_flag(
          "--ranges", arguments->ranges,
          "instead: the largest value of each layer and operation against fp16's limit, and where fp16 math parts from fp32 "
          "math; needs no checkpoint")
      ->excludes(against)
      ->excludes(probe);
  CLI::Option* text =
      add_text(*command, "--text", "FILE", arguments->text_file,
               "with --ranges: a text to read, UTF-8; default: --ids, or a short text that the program brings along");
  text->excludes(ids);
  add_number(*command, "--threads", arguments->threads, kThreads, "0: one per core");
  add_output_options(*command, arguments->output);
  command->footer(
      "  cortland verify Demo.mlpackage --against models/demo --math fp16\n"
      "  cortland verify Demo.mlpackage --ranges");
  command->callback([arguments, &action] { action = [arguments] { return run_verify(*arguments); }; });
}

}  // namespace cortland
