#include "pipeline/model_card.h"

#include <fmt/format.h>

#include "pipeline/units.h"
#include "pipeline/version.h"

namespace cortland {
namespace {

std::string front_matter(const ConvertSummary& summary, const Licence& licence) {
  std::string text = "---\nlibrary_name: coreml\npipeline_tag: text-generation\n";
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", key, value);
  };
  add("base_model", summary.source.is_from_hub() ? summary.source.id : "");
  add("license", licence.id);
  add("license_name", licence.name);
  add("license_link", licence.link);
  text += "tags:\n- coreml\n";
  if (summary.profile == "ane") text += "- apple-neural-engine\n";
  return text + fmt::format("- {}\n---\n", summary.model_type);
}

// "`body-1.mlpackage`, `head.mlpackage`"; each has several functions.
std::string part_names(const ConvertSummary& summary) {
  std::string names, last;
  for (const FunctionSummary& function : summary.functions) {
    if (function.package != last) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", function.package);
    last = function.package;
  }
  return names;
}

std::string facts(const ConvertSummary& summary) {
  std::string text = "| | |\n|---|---|\n";
  const auto row = [&](std::string_view name, const std::string& value) {
    text += fmt::format("| {} | {} |\n", name, value);
  };
  row("parameters", fmt::format("{}", summary.parameters));
  row("weights", fmt::format("{}, {:.2f} bits per parameter", summary.precision, summary.bits_per_weight));
  row("size", rounded_size(summary.written.total_bytes));
  if (!summary.functions.empty() && !summary.functions.front().package.empty()) row("parts", part_names(summary));
  if (summary.embedding_bytes) {
    row("embedding",
        fmt::format("{} that the app looks up itself: `embedding.table`", rounded_size(*summary.embedding_bytes)));
  }
  row("context", context_text(summary, rounded_size(summary.cache_bytes)));
  row("systems", fmt::format("{} and later", summary.systems));
  row("made for", fmt::format("{}; whether a device uses it, the device decides",
                              summary.profile == "gpu" ? "the GPU, above all of a Mac" : "the Neural Engine"));
  for (const FunctionSummary& function : summary.functions) {
    row(fmt::format("function {}{}", function.name, function.package.empty() ? "" : " of " + function.package),
        fmt::format("{} inputs, {} operations", function.inputs.size(), function.operations));
  }
  return text;
}

std::string quality_table(const std::vector<MeasuredQuality>& quality) {
  if (quality.empty()) return "Not measured. `cortland verify` does.\n";
  std::string text = fmt::format(
      "This package was executed and compared with the checkpoint on {} tokens.\n\n"
      "| arithmetic | PSNR of the logits | mean KL | same likeliest token |\n|---|---|---|---|\n",
      quality.front().report.tokens);
  for (const auto& [math, report] : quality) {
    // Few digits: the last ones differ between processors.
    text += fmt::format("| {} | {:.0f} dB | {:.0e} | {:.1f} % |\n", math == Math::fp32 ? "float32" : "float16",
                        report.logits.psnr_db, report.mean_kl, 100 * report.top1_agreement);
  }
  return text + "\nSo few tokens prove that the program is right; they are no measure of how good its answers are.\n";
}

std::string licence_text(const Licence& licence) {
  if (!licence.is_known()) return "The checkpoint names no licence. Ask its makers before you pass this package on.\n";
  std::string text = "This package is made from the weights of the checkpoint and stays under its licence";
  if (!licence.id.empty()) text += fmt::format(": {}", licence.name.empty() ? licence.id : licence.name);
  text += ".";
  if (!licence.files.empty()) text += " Its text lies beside this file and must go wherever the package goes.";
  return text + "\n";
}

}  // namespace

std::string model_card(const ConvertSummary& summary, const Licence& licence, const std::string& command,
                       const std::vector<MeasuredQuality>& quality) {
  const std::string name = base_name(summary.paths.bundle);
  const std::string source =
      summary.source.is_from_hub() ? fmt::format("`{}` at commit `{}`", summary.source.id, summary.source.revision)
                                   : fmt::format("`{}`", summary.source.id);
  const std::string text_file =
      summary.has_text
          ? fmt::format("`{}` has the tokenizer, the chat template and the defaults. ", base_name(summary.paths.text))
          : "";
  return front_matter(summary, licence) +
         fmt::format(
             "\n# {}\n\nA Core ML package of {}, a {} model, made by Cortland {}.\n\n{}\n"
             "## Quality\n\n{}\n"
             "## Use\n\n    cortland chat {}\n\n"
             "The metadata entry `cortland.contract` of the package says how an app calls it. {}"
             "`cortland.json` lists every file with its SHA-256.\n\n"
             "## Made by\n\n    cortland {} -o {}/ {}\n\n"
             "## Licence\n\n{}",
             name, source, summary.model_type, kVersion, facts(summary), quality_table(quality), name, text_file,
             command, name, summary.source.id, licence_text(licence));
}

}  // namespace cortland
