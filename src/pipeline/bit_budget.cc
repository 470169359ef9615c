#include "pipeline/bit_budget.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "package/weight_file.h"

namespace cortland {
namespace {

// In a weight file, with the records of its parts.
uint64_t blob_bytes(uint64_t payload) { return payload == 0 ? 0 : kRecordBytes + round_up(payload, kBlobAlignment); }

// How much the KL of a model of one layer rises with the error of a weight relative to what it gives, next to that of
// the embedding or head; in a model of more layers each has its part. Measured on the bundled model by 4-bit palettes
// in one weight at a time. What makes `down` worse than its errors tell, its uneven inputs, is in the errors where
// inputs are known.
double sensitivity(const ParameterId& id, bool has_inputs, int64_t layers) {
  const auto part = [&](double unknown, double known) {
    return (has_inputs ? known : unknown) / static_cast<double>(layers);
  };
  switch (id.role) {
    case Role::query:
    case Role::key: return part(0.02, 0.03);
    case Role::value:
    case Role::attention_output:
    case Role::gate:
    case Role::up: return part(0.05, 0.04);
    case Role::down: return part(0.25, 0.08);
    default: return 1;
  }
}

Form form_of(const EncodedMatrix& matrix) {
  uint64_t bytes = 0;
  for (const EncodedPart part : {EncodedPart::codes, EncodedPart::scales, EncodedPart::offsets, EncodedPart::tables}) {
    bytes += blob_bytes(matrix.part_bytes(part));
  }
  return {bytes, matrix.measure().relative()};
}

// Next to codes, fp16 is exact.
Form half_form(const EncodedMatrix& matrix) {
  return {blob_bytes(stored_size(static_cast<uint64_t>(matrix.rows() * matrix.cols()), DType::f16)), 0};
}

void add(Form& sum, const Form& form, double weight) {
  sum.bytes += form.bytes;
  sum.error += weight * form.error;
}

}  // namespace

BitBudget::BitBudget(const WeightReport& report, const WeightPolicy& policy, Progress& progress) {
  const std::vector<EncodedWeight> matrices = report.matrices();
  std::map<std::string, size_t> places;  // of items, by tensor
  for (const EncodedWeight& weight : matrices) {
    if (has_rule(policy, weight.tensor) || weight.matrix->is_kept()) continue;
    const auto [place, is_new] = places.emplace(weight.tensor, items_.size());
    const std::vector<Scheme> larger = larger_schemes(weight.choice.scheme, policy.formats);
    if (is_new) items_.push_back({weight.tensor, larger});
    // Of matrices that start from different schemes, as a tied embedding and its head, the fewest forms serve both.
    Item& item = items_[place->second];
    if (larger.size() < item.schemes.size()) item.schemes = larger;
  }
  forms_.resize(items_.size());
  int64_t layers = 1;
  for (const EncodedWeight& weight : matrices) layers = std::max(layers, weight.id.layer + 1);
  uint64_t done = 0;
  for (const EncodedWeight& weight : matrices) {
    progress.advance(++done, matrices.size());
    const auto place = places.find(weight.tensor);
    if (place == places.end() || weight.matrix->is_kept()) continue;
    const std::vector<Scheme>& schemes = items_[place->second].schemes;
    std::vector<Form>& forms = forms_[place->second];
    forms.resize(schemes.size() + 1);
    const double factor = sensitivity(weight.id, weight.matrix->source()->inputs() != nullptr, layers);
    add(forms.front(), form_of(*weight.matrix), factor);
    for (size_t i = 0; i < schemes.size(); ++i) {
      // What a target or the sides of a matrix forbid falls back as everywhere else.
      WeightPolicy one = policy;
      one.chosen = {{weight.tensor, schemes[i]}};
      const Scheme scheme =
          choose_scheme(one, WeightPlace::body, weight.tensor, weight.matrix->rows(), weight.matrix->cols()).scheme;
      add(forms[i + 1],
          scheme.codec == Codec::half ? half_form(*weight.matrix)
                                      : form_of(EncodedMatrix(weight.matrix->source(), scheme)),
          factor);
    }
  }
}

std::vector<KeepRule> BitBudget::spend(uint64_t extra) const {
  uint64_t budget = extra;
  for (const std::vector<Form>& forms : forms_) budget += forms.front().bytes;
  const std::vector<size_t> chosen = allocate(forms_, budget);
  std::vector<KeepRule> rules;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] > 0) rules.push_back({items_[i].tensor, items_[i].schemes[chosen[i] - 1]});
  }
  return rules;
}

std::vector<KeepRule> fit_budget(const BitBudget& forms, uint64_t budget,
                                 const std::function<uint64_t(const std::vector<KeepRule>&)>& weight_bytes) {
  for (uint64_t extra = budget - weight_bytes({}); extra > 0;) {
    std::vector<KeepRule> rules = forms.spend(extra);
    const uint64_t bytes = weight_bytes(rules);
    if (bytes <= budget) return rules;
    // Blobs that shared their place, and no longer do.
    extra -= std::min(extra, std::max<uint64_t>(bytes - budget, kBlobAlignment));
  }
  weight_bytes({});
  return {};
}

}  // namespace cortland
