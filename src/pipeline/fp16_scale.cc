#include "pipeline/fp16_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "pipeline/ranges.h"
#include "tensor/convert.h"
#include "tensor/half.h"

namespace cortland {
namespace {

constexpr double kTarget = kHalfMax / 8;    // what too large values are brought to
constexpr double kLeastChange = 0x1p-10;    // of what a norm gives, relative: as much as fp16 rounds
constexpr double kSmallestHalf = 0x1p-24;

// By how many powers of two a magnitude must shrink.
int needed_exponent(float peak) {
  if (!(static_cast<double>(peak) > kNearLimit * static_cast<double>(kHalfMax)) || !std::isfinite(peak)) return 0;
  return static_cast<int>(std::ceil(std::log2(static_cast<double>(peak) / kTarget)));
}

// By how much a norm of values with this mean square changes when they are times 2^-exponent, since fp16 rounds
// epsilon.
double epsilon_change(const NormSpec& norm, int exponent, double square) {
  const double wanted = std::ldexp(norm.epsilon, -2 * exponent);
  const double held =
      static_cast<double>(half_to_float(float_to_half(static_cast<float>(std::max(wanted, kSmallestHalf)))));
  return std::abs(std::ldexp(held, 2 * exponent) - norm.epsilon) / (2 * (square + norm.epsilon));
}

std::string place_text(size_t place) {
  if (place == 0) return "the embedding";
  return fmt::format("the residual stream behind the {} of layer {}", place % 2 == 1 ? "attention" : "mlp",
                     (place - 1) / 2);
}

// Chooses exponents and says why.
class Chooser {
 public:
  Chooser(const ModelSpec& spec, const Magnitudes& magnitudes, NormPrecision norms)
      : spec_(spec), seen_(magnitudes), norms_(norms) {
    scale_.rescale.stream.assign(seen_.stream.size(), 0);
    scale_.rescale.layers.resize(spec.layers.size());
  }

  Fp16Scale choose() {
    choose_stream();
    for (size_t i = 0; i < spec_.layers.size(); ++i) {
      choose_inner(i);
      choose_outputs(i);
    }
    describe();
    return std::move(scale_);
  }

 private:
  std::vector<int>& stream() { return scale_.rescale.stream; }

  // The norms that read a place of the stream.
  std::vector<NormSpec> readers(size_t place) const {
    std::vector<NormSpec> list;
    const auto add = [&](const std::optional<NormSpec>& norm) {
      if (norm) list.push_back(*norm);
    };
    if (place == 2 * spec_.layers.size()) add(spec_.final_norm);
    for (size_t i = 0; i < spec_.layers.size(); ++i) {
      const LayerSpec& layer = spec_.layers[i];
      if (attention_places(spec_, i).source == place) add(layer.pre_attention_norm);
      if (mlp_places(spec_, i).source == place) add(layer.pre_mlp_norm);
      if (attention_places(spec_, i).target == place) add(layer.attention_sum_norm);
      if (mlp_places(spec_, i).target == place) add(layer.mlp_sum_norm);
    }
    return list;
  }

  // The largest exponent up to `wanted` that norms of values with this mean square bear.
  int bearable(int wanted, const std::vector<NormSpec>& norms, double square) const {
    const auto bears = [&](int exponent) {
      return norms_ == NormPrecision::single || std::all_of(norms.begin(), norms.end(), [&](const NormSpec& norm) {
               return epsilon_change(norm, exponent, square) <= std::max(kLeastChange, epsilon_change(norm, 0, square));
             });
    };
    while (wanted > 0 && !bears(wanted)) --wanted;
    return wanted;
  }

  // What is large once stays large, so exponents only grow: as few additions as possible change them.
  void choose_stream() {
    std::vector<float> peaks;
    for (const StreamPeak& place : seen_.stream) peaks.push_back(place.peak);
    for (size_t i = 0; i < spec_.layers.size(); ++i) {
      const auto add = [&](const BranchPlaces& places, const BranchPeaks& branch, bool has_norm) {
        // Without a norm behind it, a branch gives what is added.
        const float scaled = branch.output * static_cast<float>(spec_.layers[i].branch_scale);
        if (!has_norm) peaks[places.target] = std::max(peaks[places.target], std::abs(scaled));
      };
      add(attention_places(spec_, i), seen_.attention[i], spec_.layers[i].post_attention_norm.has_value());
      add(mlp_places(spec_, i), seen_.mlp[i], spec_.layers[i].post_mlp_norm.has_value());
    }
    int exponent = 0;
    for (size_t place = 0; place < peaks.size(); ++place) {
      exponent = std::max(exponent, needed_exponent(peaks[place]));
      stream()[place] = bearable(exponent, readers(place), seen_.stream[place].square);
      const float left = std::ldexp(peaks[place], -stream()[place]);
      if (stream()[place] < exponent && needed_exponent(left) > 0) {
        complain(fmt::format("{} reaches {:.3g}, and its norm has an epsilon that fp16 cannot hold any smaller",
                             place_text(place), peaks[place]));
      }
    }
  }

  void choose_inner(size_t i) {
    Rescale::Layer& layer = scale_.rescale.layers[i];
    layer.value = needed_exponent(seen_.attention[i].inner);
    const int degree = activation_degree(spec_.layers[i].mlp), wanted = needed_exponent(seen_.mlp[i].inner);
    if (degree > 0) layer.up = (wanted + degree - 1) / degree;
    if (degree == 0 && wanted > 0) {
      complain(fmt::format("layer {}: the mlp reaches {:.3g} behind an activation that no factor passes through", i,
                           seen_.mlp[i].inner));
    }
    const float other = std::max(seen_.attention[i].other, seen_.mlp[i].other);
    if (needed_exponent(other) > 0) {
      complain(fmt::format(
          "layer {}: queries, keys, gates or what norms give reach {:.3g}, which no factor can make smaller", i,
          other));
    }
  }

  void choose_outputs(size_t i) {
    Rescale::Layer& layer = scale_.rescale.layers[i];
    const auto choose = [&](const std::optional<NormSpec>& norm, const BranchPeaks& branch, std::string_view what) {
      const int wanted = norm ? needed_exponent(branch.output) : 0;
      const int chosen = norm ? bearable(wanted, {*norm}, branch.output_square) : 0;
      if (chosen < wanted) {
        complain(fmt::format(
            "layer {}: {} reaches {:.3g}, and the norm behind has an epsilon that fp16 cannot hold any smaller", i,
            what, branch.output));
      }
      return chosen;
    };
    layer.attention_output = choose(spec_.layers[i].post_attention_norm, seen_.attention[i], "attention");
    layer.mlp_output = choose(spec_.layers[i].post_mlp_norm, seen_.mlp[i], "the mlp");
  }

  void complain(std::string what) { complaints_.push_back(std::move(what)); }

  void describe() {
    float peak = 0;
    std::string where;
    const auto see = [&](float magnitude, const std::string& name) {
      if (magnitude > peak) {
        peak = magnitude;
        where = name;
      }
    };
    for (size_t i = 0; i < seen_.stream.size(); ++i) {
      see(seen_.stream[i].peak, place_text(i));
    }
    for (size_t i = 0; i < spec_.layers.size(); ++i) {
      const BranchPeaks &attention = seen_.attention[i], &mlp = seen_.mlp[i];
      see(std::max({attention.inner, attention.output, attention.other}), fmt::format("attention of layer {}", i));
      see(std::max({mlp.inner, mlp.output, mlp.other}), fmt::format("the mlp of layer {}", i));
    }
    const std::string largest =
        fmt::format("the largest value on {} tokens is {:.4g}, in {}", seen_.tokens, peak, where);
    scale_.details.push_back(largest);
    if (!std::isfinite(peak)) {
      scale_.notes.push_back(
          "nothing is scaled for fp16: the checkpoint itself overflows on the tokens that were looked at");
      scale_.rescale = {};
      return;
    }
    if (scale_.rescale.is_needed()) {
      const std::vector<int>& s = stream();
      const int most = s.empty() ? 0 : *std::max_element(s.begin(), s.end());
      const std::string what =
          most > 0 ? fmt::format("powers of two down to 2^-{} scale the residual stream and weights beside it", most)
                   : "powers of two scale weights";
      scale_.notes.push_back(
          fmt::format("{} (fp16 ends at {:.0f}): {}, which changes no result; --fp16-scale off leaves it", largest,
                      kHalfMax, what));
    }
    for (const std::string& what : complaints_) scale_.notes.push_back("fp16 may overflow: " + what);
  }

  const ModelSpec& spec_;
  const Magnitudes& seen_;
  NormPrecision norms_;
  Fp16Scale scale_;
  std::vector<std::string> complaints_;
};

}  // namespace

std::string fp16_scaling_text(const Fp16Scaling& scaling) {
  switch (scaling.mode) {
    case Fp16Scaling::Mode::automatic: return "auto";
    case Fp16Scaling::Mode::off: return "off";
    case Fp16Scaling::Mode::fixed: return fmt::format("{}", std::ldexp(1.0, -scaling.exponent));
  }
  return "";
}

Fp16Scaling parse_fp16_scaling(const std::string& name, const std::string& text) {
  if (text == "auto") return {};
  if (text == "off") return {.mode = Fp16Scaling::Mode::off};
  constexpr int kMost = 16;
  double factor = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  int exponent = 0;
  // A power of two is 0.5 times another one.
  const bool is_power =
      rest == text.data() + text.size() && error == std::errc() && factor > 0 && std::frexp(factor, &exponent) == 0.5;
  require(
      is_power && exponent <= 1 && exponent > -kMost, ErrorCode::invalid,
      "{}: got {}, want auto, off, or a power of two from 1 down to 2^-{}, such as 0.0625; hint: another factor would "
      "round every weight",
      name, printable(text), kMost);
  return {.mode = Fp16Scaling::Mode::fixed, .exponent = 1 - exponent};
}

Fp16Scale choose_fp16_scale(const ModelSpec& spec, const Magnitudes& magnitudes, NormPrecision norms) {
  return Chooser(spec, magnitudes, norms).choose();
}

Fp16Scale fixed_fp16_scale(const ModelSpec& spec, int exponent, NormPrecision norms) {
  Fp16Scale scale;
  scale.rescale.stream.assign(2 * spec.layers.size() + 1, exponent);
  const auto is_lost = [&](const std::optional<NormSpec>& norm) {
    return norm && norms == NormPrecision::half && std::ldexp(norm->epsilon, -2 * exponent) < kSmallestHalf;
  };
  const bool loses =
      is_lost(spec.final_norm) || std::any_of(spec.layers.begin(), spec.layers.end(), [&](const LayerSpec& layer) {
        return is_lost(layer.pre_attention_norm) || is_lost(layer.pre_mlp_norm) || is_lost(layer.attention_sum_norm) ||
               is_lost(layer.mlp_sum_norm);
      });
  if (loses) {
    scale.notes.push_back(
        fmt::format("--fp16-scale: epsilons of norms times 2^-{} are smaller than fp16 can hold and become "
                    "2^-24: tokens whose values are small may change",
                    2 * exponent));
  }
  return scale;
}

std::string fp16_scale_text(const Rescale& rescale) {
  OrderedJson layers = OrderedJson::array();
  for (size_t i = 0; i < rescale.layers.size(); ++i) {
    const Rescale::Layer& layer = rescale.layers[i];
    if (layer == Rescale::Layer{}) continue;
    layers.push_back({{"layer", i},
                      {"value", layer.value},
                      {"up", layer.up},
                      {"attention_output", layer.attention_output},
                      {"mlp_output", layer.mlp_output}});
  }
  OrderedJson json = {{"stream", rescale.stream}};
  if (!layers.empty()) json["layers"] = layers;
  return json_text(json);
}

std::vector<int> recorded_stream(const std::string& text) {
  const OrderedJson json = read_if_json(text);
  std::vector<int> exponents;
  if (!json.is_object() || !json.contains("stream") || !json["stream"].is_array()) return exponents;
  constexpr int kMost = 64;
  for (const OrderedJson& exponent : json["stream"]) {
    const double value = exponent.is_number_integer() ? exponent.get<double>() : 2 * kMost;
    if (std::abs(value) > kMost) return {};
    exponents.push_back(static_cast<int>(value));
  }
  return exponents;
}

}  // namespace cortland
