#include "quant/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace cortland {
namespace {

// Smaller matrices are not worth their scales.
constexpr int64_t kFewestElements = 2048;
// Bits of the palette that stands for blocks of 4 bits where a target has none: one of 4 bits for a whole matrix costs
// far more.
constexpr int kPaletteForBlocks = 6;

// * is any text, ? any character.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The largest divisor of `rows` up to `group`; 0 when it is so small that tables would outweigh what they gain.
int64_t fitting_group(int64_t rows, int64_t group) {
  for (int64_t g = group; g >= std::max<int64_t>(group / 4, 1); --g) {
    if (rows % g == 0) return g;
  }
  return 0;
}

const KeepRule* find_rule(const std::vector<KeepRule>& rules, std::string_view tensor) {
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const KeepRule& r) { return matches(r.pattern, tensor); });
  return rule == rules.end() ? nullptr : &*rule;
}

Scheme wanted_scheme(const WeightPolicy& policy, WeightPlace place, std::string_view tensor) {
  for (const auto* rules : {&policy.keep, &policy.chosen}) {
    if (const KeepRule* rule = find_rule(*rules, tensor)) return rule->scheme;
  }
  switch (place) {
    case WeightPlace::body: return policy.body;
    case WeightPlace::embedding: return policy.embedding;
    case WeightPlace::head: return policy.head;
  }
  return {};
}

SchemeChoice fit_to_target(const Scheme& wanted, const WeightFormats& formats) {
  const auto palette = [&](int bits, const char* reason) {
    return SchemeChoice{palette_scheme(bits), wanted, Obstacle::target, reason};
  };
  if (wanted.block > 0 && !formats.blocks) {
    constexpr auto kReason = "the target has no blocks";
    if (wanted.codec == Codec::int8) return {int8_scheme(), wanted, Obstacle::target, kReason};
    return palette(kPaletteForBlocks, kReason);
  }
  if (wanted.codec != Codec::palette || formats.grouped_palettes) return {.scheme = wanted, .wanted = wanted};
  if (wanted.bits == 3) return palette(4, "the target has no palettes of 3 bits");
  if (wanted.group > 0) return palette(wanted.bits, "the target has one palette a matrix");
  return {.scheme = wanted, .wanted = wanted};
}

SchemeChoice keep(const StoredForm& stored, const WeightFormats& formats, int64_t elements) {
  if (!stored.is_quantized) return {.scheme = half_scheme(), .wanted = half_scheme()};
  const auto otherwise = [&](Obstacle obstacle, std::string reason) {
    return SchemeChoice{elements < kFewestElements ? half_scheme() : int8_scheme(), stored.scheme.value_or(Scheme{}),
                        obstacle, std::move(reason)};
  };
  if (!stored.scheme) return otherwise(Obstacle::matrix, stored.reason);
  if (!formats.blocks && *stored.scheme != int8_scheme()) {
    return otherwise(Obstacle::target, "the target has no blocks");
  }
  return {*stored.scheme, *stored.scheme, Obstacle::none, stored.reason, true};
}

}  // namespace

bool WeightPolicy::keeps() const {
  const auto is_stored = [](const Scheme& scheme) { return scheme.codec == Codec::stored; };
  return is_stored(body) || is_stored(embedding) || is_stored(head) ||
         std::any_of(keep.begin(), keep.end(), [&](const KeepRule& rule) { return is_stored(rule.scheme); });
}

bool WeightPolicy::is_half() const {
  const auto half = [](const Scheme& scheme) { return scheme.codec == Codec::half; };
  return half(body) && half(embedding) && half(head) &&
         std::all_of(keep.begin(), keep.end(), [&](const KeepRule& rule) { return half(rule.scheme); });
}

bool WeightPolicy::has_few_bits() const {
  constexpr int kByte = 8;
  return body.bits < kByte || embedding.bits < kByte || head.bits < kByte ||
         std::any_of(keep.begin(), keep.end(), [](const KeepRule& rule) { return rule.scheme.bits < kByte; });
}

bool has_rule(const WeightPolicy& policy, std::string_view tensor) { return find_rule(policy.keep, tensor) != nullptr; }

std::vector<Scheme> larger_schemes(const Scheme& scheme, const WeightFormats& formats) {
  constexpr int64_t kSmallestBlock = 16;
  std::vector<Scheme> list;
  switch (scheme.codec) {
    case Codec::int4:
    case Codec::uint4:
      for (Scheme finer = scheme; finer.block > kSmallestBlock;) {
        finer.block /= 2;
        list.push_back(finer);
      }
      list.push_back(int8_scheme());
      break;
    case Codec::palette:
      for (const int bits : {2, 3, 4, 6}) {
        if (bits > scheme.bits && (bits != 3 || formats.grouped_palettes)) {
          list.push_back(palette_scheme(bits, scheme.group));
        }
      }
      if (scheme.bits < 8) list.push_back(palette_scheme(8));
      break;
    case Codec::half:
    case Codec::int8:
    case Codec::uint8:
    case Codec::stored: break;
  }
  list.push_back(half_scheme());
  return list;
}

SchemeChoice choose_scheme(const WeightPolicy& policy, WeightPlace place, std::string_view tensor, int64_t rows,
                           int64_t cols, const StoredForm& stored) {
  const Scheme wanted = wanted_scheme(policy, place, tensor);
  if (wanted.codec == Codec::half) return {.scheme = wanted, .wanted = wanted};
  if (wanted.codec == Codec::stored) return keep(stored, policy.formats, rows * cols);
  if (rows * cols < kFewestElements) return {half_scheme(), wanted, Obstacle::matrix, "it is small"};
  SchemeChoice choice = fit_to_target(wanted, policy.formats);
  Scheme& scheme = choice.scheme;
  if (scheme.block > 0 && cols % scheme.block != 0) {
    return {int8_scheme(), wanted, Obstacle::matrix,
            fmt::format("blocks of {} do not divide {} columns", scheme.block, cols)};
  }
  if (scheme.codec == Codec::palette && scheme.group > 0 && rows % scheme.group != 0) {
    choice.obstacle = Obstacle::matrix;
    choice.reason = fmt::format("groups of {} do not divide {} rows", scheme.group, rows);
    scheme.group = fitting_group(rows, scheme.group);
  }
  return choice;
}

}  // namespace cortland
