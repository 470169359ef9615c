// inv_freq[i] = theta^(-2i/R), then by kind:
//
//   default   as it is
//   linear    / factor
//   dynamic   beyond the L positions of the model, for a text of s tokens: theta * (f s / L - (f - 1))^(R / (R - 2));
//             with alpha: theta * alpha^(R / (R - 2))
//   llama3    wavelength w = 2 pi / inv_freq, original length O: w < O/high: as it is; w > O/low: / factor; between,
//             t = (O/w - low) / (high - low): inv_freq * ((1 - t) / factor + t)
//   yarn      between the dimensions that turn beta_fast and beta_slow times in the original length, a ramp from as it
//   is to
//             / factor; cos and sin grow by 0.1 ln(factor) + 1
//   longrope  / short_factor[i] up to the original length O, beyond it / long_factor[i]; cos and sin grow by
//             sqrt(1 + ln(L/O) / ln(O))
#include "model/rope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/error.h"

namespace cortland {
namespace {

// Numbers of one scaling object; problems go to the config.
class Scaling {
 public:
  Scaling(ConfigReader& config, const Json& object, std::string path)
      : config_(config), object_(object), path_(std::move(path)) {}

  bool has(const char* key) const {
    const auto it = object_.find(key);
    return it != object_.end() && !it->is_null();
  }
  double number(const char* key) const {
    if (has(key) && object_.at(key).is_number() && object_.at(key).get<double>() > 0) {
      return object_.at(key).get<double>();
    }
    config_.reject(fmt::format("{}.{}: got {}, want a positive number", path_, key,
                               has(key) ? printable(json_text(object_.at(key))) : "nothing"));
    return 1;
  }
  double number(const char* key, double otherwise) const { return has(key) ? number(key) : otherwise; }
  std::vector<double> numbers(const char* key, size_t count) const {
    const auto it = object_.find(key);
    if (it != object_.end() && it->is_array() && it->size() == count &&
        std::all_of(it->begin(), it->end(), [](const Json& v) { return v.is_number() && v.get<double>() > 0; })) {
      return it->get<std::vector<double>>();
    }
    config_.reject(fmt::format("{}.{}: want a list of {} positive numbers", path_, key, count));
    return std::vector<double>(count, 1);
  }

  // What to look at.
  ConfigReader& config() const { return config_; }
  const Json& object() const { return object_; }
  const std::string& path() const { return path_; }

 private:
  ConfigReader& config_;
  const Json& object_;
  std::string path_;
};

std::string kind_of(const Scaling& scaling) {
  for (const char* key : {"rope_type", "type"}) {
    const auto it = scaling.object().find(key);
    if (it == scaling.object().end()) continue;
    if (it->is_string()) return it->get<std::string>();
    scaling.config().reject(
        fmt::format("{}.{}: got {}, want a string", scaling.path(), key, printable(json_text(*it))));
  }
  return "default";
}

// Refuses keys that could change the frequencies of a known kind.
void check_keys(const Scaling& scaling, std::initializer_list<std::string_view> known) {
  constexpr std::array<std::string_view, 4> kCommon = {"rope_type", "type", "rope_theta", "partial_rotary_factor"};
  for (const auto& [key, value] : scaling.object().items()) {
    const bool is_known = std::find(kCommon.begin(), kCommon.end(), key) != kCommon.end() ||
                          std::find(known.begin(), known.end(), key) != known.end();
    if (is_known || value.is_null()) continue;
    scaling.config().refuse(fmt::format("{}.{}: got {}, which is not supported", scaling.path(), printable(key),
                                        printable(json_text(value))));
  }
}

// What a kind makes of the plain frequencies.
struct Frequencies {
  double theta;
  int64_t dims;
  int64_t max_positions;
  std::optional<double> original;  // top-level original_max_position_embeddings
};

using Scale = void (*)(const Scaling& scaling, const Frequencies& plain, RopeTable& table);

void scale_default(const Scaling& scaling, const Frequencies&, RopeTable&) {
  check_keys(scaling, {"factor", "original_max_position_embeddings"});
}

void scale_linear(const Scaling& scaling, const Frequencies&, RopeTable& table) {
  check_keys(scaling, {"factor", "original_max_position_embeddings"});
  const double factor = scaling.number("factor");
  for (double& f : table.inv_freq) f /= factor;
}

void scale_dynamic(const Scaling& scaling, const Frequencies& plain, RopeTable& table) {
  check_keys(scaling, {"factor", "original_max_position_embeddings", "alpha", "beta_fast", "beta_slow", "mscale",
                       "mscale_all_dim"});
  if (scaling.has("alpha")) {
    // A base of its own, whatever the length.
    const auto dims = static_cast<double>(plain.dims);
    table.inv_freq = rope_frequencies(plain.theta * std::pow(scaling.number("alpha"), dims / (dims - 2)), plain.dims);
    return;
  }
  const auto length = scaling.number("original_max_position_embeddings", static_cast<double>(plain.max_positions));
  table.longer = RopeTable::Longer{static_cast<int64_t>(length), {}, plain.theta, scaling.number("factor")};
}

void scale_llama3(const Scaling& scaling, const Frequencies&, RopeTable& table) {
  check_keys(scaling, {"factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"});
  const double factor = scaling.number("factor"), low = scaling.number("low_freq_factor");
  const double high = scaling.number("high_freq_factor"), original = scaling.number("original_max_position_embeddings");
  if (high <= low && scaling.config().is_sound()) {
    scaling.config().reject(
        fmt::format("{}: high_freq_factor {} is not above low_freq_factor {}", scaling.path(), high, low));
  }
  for (double& f : table.inv_freq) {
    const double wavelength = 2 * std::numbers::pi / f;
    const double t = (original / wavelength - low) / (high - low);
    if (wavelength > original / low) {
      f /= factor;
    } else if (wavelength >= original / high) {
      f *= (1 - t) / factor + t;
    }
  }
}

void scale_yarn(const Scaling& scaling, const Frequencies& plain, RopeTable& table) {
  check_keys(scaling, {"factor", "original_max_position_embeddings", "beta_fast", "beta_slow", "mscale",
                       "mscale_all_dim", "attention_factor", "truncate"});
  const double original = scaling.number("original_max_position_embeddings", static_cast<double>(plain.max_positions));
  const double factor = scaling.number("factor"), dims = static_cast<double>(plain.dims);
  const auto it = scaling.object().find("truncate");
  const bool truncate = it == scaling.object().end() || *it != false;
  const auto dimension = [&](double turns) {
    return dims * std::log(original / (turns * 2 * std::numbers::pi)) / (2 * std::log(plain.theta));
  };
  double low = dimension(scaling.number("beta_fast", 32)), high = dimension(scaling.number("beta_slow", 1));
  if (truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dims - 1);
  if (low == high) high += 0.001;
  for (size_t i = 0; i < table.inv_freq.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    table.inv_freq[i] *= 1 - ramp + ramp / factor;
  }
  const auto growth = [&](double scale) { return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1; };
  if (scaling.has("attention_factor")) {
    table.attention_factor = scaling.number("attention_factor");
  } else if (scaling.has("mscale") && scaling.has("mscale_all_dim")) {
    table.attention_factor = growth(scaling.number("mscale")) / growth(scaling.number("mscale_all_dim"));
  } else {
    table.attention_factor = growth(1);
  }
}

void scale_longrope(const Scaling& scaling, const Frequencies& plain, RopeTable& table) {
  check_keys(scaling,
             {"factor", "short_factor", "long_factor", "original_max_position_embeddings", "attention_factor"});
  const double positions = static_cast<double>(plain.max_positions);
  const double original =
      plain.original ? *plain.original : scaling.number("original_max_position_embeddings", positions);
  const std::vector<double> longer = scaling.numbers("long_factor", table.inv_freq.size());
  const std::vector<double> shorter = scaling.numbers("short_factor", table.inv_freq.size());
  table.longer = RopeTable::Longer{static_cast<int64_t>(original), table.inv_freq};
  for (size_t i = 0; i < table.inv_freq.size(); ++i) {
    table.inv_freq[i] /= shorter[i];
    table.longer->inv_freq[i] /= longer[i];
  }
  const double factor = plain.original ? positions / original : scaling.number("factor", positions / original);
  const double growth = factor <= 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(original));
  table.attention_factor = scaling.number("attention_factor", growth);
}

struct KindRow {
  std::string_view kind;
  Scale scale;
};

constexpr std::array kKinds = {
    KindRow{"default", scale_default}, KindRow{"linear", scale_linear},     KindRow{"dynamic", scale_dynamic},
    KindRow{"llama3", scale_llama3},   KindRow{"yarn", scale_yarn},         KindRow{"longrope", scale_longrope},
    KindRow{"su", scale_longrope},
};

}  // namespace

std::vector<double> rope_frequencies(double theta, int64_t rotary_dims) {
  std::vector<double> frequencies;
  for (int64_t i = 0; i < rotary_dims / 2; ++i) {
    frequencies.push_back(std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(rotary_dims)));
  }
  return frequencies;
}

RopeTable at_context(const RopeTable& table, int64_t context) {
  RopeTable out = table;
  out.longer.reset();
  if (!table.longer || context <= table.longer->beyond) return out;
  const RopeTable::Longer& longer = *table.longer;
  if (!longer.inv_freq.empty()) {
    out.inv_freq = longer.inv_freq;
  } else {
    const auto dims = static_cast<double>(2 * table.inv_freq.size());
    const double growth =
        longer.factor * static_cast<double>(context) / static_cast<double>(longer.beyond) - (longer.factor - 1);
    out.inv_freq = rope_frequencies(longer.theta * std::pow(growth, dims / (dims - 2)),
                                    2 * static_cast<int64_t>(table.inv_freq.size()));
  }
  return out;
}

RopeTable read_rope_table(ConfigReader& config, const RopeRequest& request) {
  const Json* scaling = config.find_set("rope_scaling");
  const Json* parameters = config.find_set("rope_parameters");
  std::string path = "rope_scaling";
  if (parameters != nullptr) {
    if (scaling != nullptr) config.refuse("rope_scaling and rope_parameters are both given; want one of them");
    path = "rope_parameters";
    scaling = parameters;
    const auto by_type = parameters->is_object() ? parameters->find(request.layer_type) : parameters->end();
    if (parameters->is_object() && by_type != parameters->end()) {
      path += "." + std::string(request.layer_type);
      scaling = &*by_type;
    }
  }
  double theta = config.number(request.theta_key, request.default_theta);
  if (scaling != nullptr && !scaling->is_object()) {
    config.reject(fmt::format("{}: got {}, want an object", path, printable(json_text(*scaling))));
    scaling = nullptr;
  }
  if (scaling != nullptr && scaling->contains("rope_theta")) {
    theta = Scaling(config, *scaling, path).number("rope_theta");
  }
  if (!(theta > 1)) config.reject(fmt::format("{}: got {}, want more than 1", request.theta_key, theta));

  RopeTable table{"default", rope_frequencies(theta, request.rotary_dims), 1, {}};
  if (scaling == nullptr || !request.scaled) return table;
  const Scaling numbers(config, *scaling, path);
  const double fraction = static_cast<double>(request.rotary_dims) / static_cast<double>(request.head_dim);
  if (numbers.has("partial_rotary_factor") && std::abs(numbers.number("partial_rotary_factor") - fraction) > 0.01) {
    config.refuse(fmt::format("{}.partial_rotary_factor: got {}, which is not supported", path,
                              numbers.number("partial_rotary_factor")));
  }
  table.kind = kind_of(numbers);
  const auto row = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& k) { return k.kind == table.kind; });
  if (row == kKinds.end()) {
    std::vector<std::string_view> kinds;
    for (const KindRow& k : kKinds) kinds.push_back(k.kind);
    config.refuse(
        fmt::format("{}: kind \"{}\" is not supported; want {}", path, printable(table.kind), fmt::join(kinds, ", ")));
    return table;
  }
  std::optional<double> original;
  if (config.find_set("original_max_position_embeddings") != nullptr) {
    original = config.number("original_max_position_embeddings");
  }
  row->scale(numbers, {theta, request.rotary_dims, request.max_positions, original}, table);
  return table;
}

}  // namespace cortland
