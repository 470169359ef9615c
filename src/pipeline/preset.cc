#include "pipeline/preset.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"

namespace cortland {
namespace {

constexpr int64_t kGroup = 32;
constexpr int64_t kUsualColumns = 2048;

bool is_same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const Preset& preset_for(std::string_view option, const std::string& name) {
  const Preset* preset = find_preset(name);
  std::vector<std::string_view> names;
  for (const Preset& row : presets()) names.push_back(row.name);
  require(preset != nullptr, ErrorCode::invalid, "{}: got {}, want {}; hint: `cortland presets` describes them", option,
          printable(name), fmt::join(names, ", "));
  return *preset;
}

Scheme resized(Scheme scheme, const PrecisionOptions& options) {
  const bool has_blocks = scheme.block > 0 || scheme.codec == Codec::int8;
  if (has_blocks && options.block_size) scheme.block = *options.block_size;
  if (scheme.codec == Codec::palette && options.group_size) scheme.group = *options.group_size;
  return scheme;
}

void check_sizes(const PrecisionOptions& options) {
  const int64_t block = options.block_size.value_or(32), group = options.group_size.value_or(0);
  require(block == 16 || block == 32 || block == 64 || block == 128, ErrorCode::invalid,
          "--block-size: got {}, want 16, 32, 64 or 128", block);
  constexpr int64_t kLargest = 1024;
  require(group >= 0 && group <= kLargest, ErrorCode::invalid,
          "--group-size: got {}, want 1 to {}, or 0 for one palette a matrix", group, kLargest);
}

}  // namespace

double Preset::bits() const { return bits_per_weight(body, kUsualColumns, kUsualColumns); }

std::span<const Preset> presets() {
  static const std::vector<Preset> rows = {
      {"float16",
       {"fp16", "half", "none"},
       half_scheme(),
       half_scheme(),
       half_scheme(),
       "iOS 17, macOS 14",
       "any",
       "ane",
       "the checkpoint as it is, to the precision of fp16"},
      {"int8",
       {"w8"},
       int8_scheme(),
       int8_scheme(),
       int8_scheme(),
       "iOS 17, macOS 14",
       "any",
       "ane",
       "half the size at no loss that shows; a scale for each output channel, or for each block with --block-size"},
      {"int4",
       {"w4", "b4w"},
       int4_scheme(),
       int8_scheme(),
       int8_scheme(),
       "iOS 18, macOS 15",
       "GPU",
       "gpu",
       "the usual form for GPUs: a scale for each block of 32, searched for the least error"},
      {"int4-asym",
       {"uint4"},
       uint4_scheme(),
       int8_scheme(),
       int8_scheme(),
       "iOS 18, macOS 15",
       "GPU",
       "gpu",
       "as int4 with an offset for each block: closer, for 0.125 bits more"},
      {"lut4",
       {"palette4"},
       palette_scheme(4, kGroup),
       int8_scheme(),
       palette_scheme(8),
       "iOS 18, macOS 15",
       "Neural Engine",
       "ane",
       "what the Neural Engine reads at speed: a table of 16 values for each 32 output channels"},
      {"lut6",
       {"palette6"},
       palette_scheme(6, kGroup),
       int8_scheme(),
       palette_scheme(8),
       "iOS 18, macOS 15",
       "Neural Engine",
       "ane",
       "as lut4 with 64 values: near int8 at three quarters of the size"},
      {"lut8",
       {"palette8"},
       palette_scheme(8),
       int8_scheme(),
       palette_scheme(8),
       "iOS 17, macOS 14",
       "Neural Engine",
       "ane",
       "a table of 256 values for each matrix: the safe choice for the Neural Engine"},
      {"keep",
       {"stored"},
       stored_scheme(),
       stored_scheme(),
       stored_scheme(),
       "iOS 18, macOS 15",
       "GPU",
       "gpu",
       "what is quantized in the checkpoint stays as it is, code by code; the rest is float16"},
  };
  return rows;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (is_same_name(preset.name, name)) return &preset;
    for (const std::string_view alias : preset.aliases) {
      if (is_same_name(alias, name)) return &preset;
    }
  }
  return nullptr;
}

std::string canonical_text(const PrecisionOptions& options) {
  const auto name_of = [](std::string_view option, const std::string& name) { return preset_for(option, name).name; };
  std::string text = fmt::format("--precision {}", name_of("--precision", options.precision));
  if (options.block_size) text += fmt::format(" --block-size {}", *options.block_size);
  if (options.group_size) text += fmt::format(" --group-size {}", *options.group_size);
  if (options.embedding) {
    text += fmt::format(" --embedding-precision {}", name_of("--embedding-precision", *options.embedding));
  }
  if (options.head) text += fmt::format(" --head-precision {}", name_of("--head-precision", *options.head));
  for (const std::string& rule : options.keep) text += fmt::format(" --keep {}", rule);
  if (options.folding == Folding::on) text += " --folds on";
  if (options.target_bpw) text += fmt::format(" --target-bpw {:g}", *options.target_bpw);
  return text;
}

WeightPolicy make_policy(const PrecisionOptions& options, const WeightFormats& formats) {
  check_sizes(options);
  const Preset& preset = preset_for("--precision", options.precision);
  const auto body_of = [&](std::string_view option, const std::string& name) {
    return resized(preset_for(option, name).body, options);
  };
  // The defaults beside another body keep their form.
  const auto beside = [&](const Scheme& scheme) { return scheme == preset.body ? resized(scheme, options) : scheme; };
  WeightPolicy policy{.body = resized(preset.body, options),
                      .embedding = beside(preset.embedding),
                      .head = beside(preset.head),
                      .keep = {},
                      .formats = formats};
  if (options.embedding) policy.embedding = body_of("--embedding-precision", *options.embedding);
  if (options.head) policy.head = body_of("--head-precision", *options.head);
  for (const std::string& rule : options.keep) {
    const size_t at = rule.rfind('=');
    require(at != std::string::npos && at > 0, ErrorCode::invalid, "--keep: got {}, want PATTERN=PRECISION",
            printable(rule));
    policy.keep.push_back({rule.substr(0, at), body_of("--keep", rule.substr(at + 1))});
  }
  policy.chosen = options.chosen;
  return policy;
}

}  // namespace cortland
