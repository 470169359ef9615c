// The interface that apps see against the program.
#include <algorithm>
#include <set>

#include "package/check_parts.h"
#include "package/description.h"
#include "package/layout.h"

namespace cortland {
namespace {

using Features = google::protobuf::RepeatedPtrField<proto::FeatureDescription>;

enum class Role { input, output, state };

std::string_view name_of(Role role) {
  return role == Role::input ? "input" : role == Role::output ? "output" : "state";
}

class FeatureCheck {
 public:
  FeatureCheck(std::string where, Role role, Findings& findings)
      : where_(std::move(where)), role_(role), findings_(findings) {}

  void check(const Features& features, const std::vector<Signature::Entry>& entries) {
    std::set<std::string_view> seen;
    for (const proto::FeatureDescription& feature : features) {
      const std::string place = title(feature.name());
      if (!seen.insert(feature.name()).second) findings_.add("description-name", place, "is described twice");
      const Signature::Entry* entry = find_entry(entries, feature.name());
      if (entry == nullptr) {
        findings_.add("description-name", place, "the function has no such {}", name_of(role_));
      } else if (entry->type) {
        check_feature(feature.type(), *entry->type, place);
      }
    }
    for (const Signature::Entry& entry : entries) {
      if (seen.count(entry.name) == 0) {
        findings_.add("description-name", title(entry.name), "the description lacks this {}", name_of(role_));
      }
    }
  }

 private:
  std::string title(std::string_view name) const {
    return fmt::format("{}: {} {}", where_, name_of(role_), printable(name));
  }

  void check_feature(const proto::FeatureType& feature, const mil::Type& type, const std::string& place) {
    const bool is_state = role_ == Role::state;
    const bool fits = is_state ? feature.state_type().has_array_type() : feature.has_multi_array_type();
    if (!fits) {
      findings_.add("description-type", place, "want {} type", is_state ? "a state" : "a multi-array");
      return;
    }
    const proto::ArrayFeatureType& array = is_state ? feature.state_type().array_type() : feature.multi_array_type();
    const DTypeRow* row = find_array_dtype(array.data_type());
    if (row == nullptr || row->dtype != type.dtype) {
      findings_.add("description-dtype", place, "got {}, want {}",
                    row != nullptr ? row->name : fmt::format("code {}", array.data_type()),
                    cortland::name_of(type.dtype));
    }
    const bool has_default = array.default_value_case() != proto::ArrayFeatureType::DEFAULT_VALUE_NOT_SET;
    if (feature.is_optional() ? role_ != Role::input || !has_default : is_state && has_default) {
      findings_.add("description-optional", place, "{}", role_ == Role::input ? "is optional without a default value"
                                                                             : "is optional or has a default value");
    }
    check_shape(array, type.shape, place);
  }

  void check_shape(const proto::ArrayFeatureType& array, const Shape& want, const std::string& place) {
    const Shape got(array.shape().begin(), array.shape().end());
    const bool is_flexible = array.flexibility_case() != proto::ArrayFeatureType::FLEXIBILITY_NOT_SET;
    const bool may_be_absent = role_ == Role::output && got.empty();
    const bool sound = is_fixed(want) ? (got == want || may_be_absent) && !is_flexible
                                      : may_be_absent || (role_ == Role::input && fits(got, want));
    if (!sound) {
      findings_.add("description-shape", place, "got {}{}, want {}", to_string(got), is_flexible ? ", flexible" : "",
                    is_fixed(want)           ? to_string(want)
                    : role_ == Role::output ? "none for " + to_string(want)
                                            : "one of " + to_string(want) + " with its range");
    } else if (array.has_shape_range()) {
      check_range(array, want, place);
    } else if (array.has_enumerated_shapes()) {
      check_enumeration(array, want, place);
    } else if (!is_fixed(want) && !may_be_absent) {
      findings_.add("description-shape", place, "want a range for {}", to_string(want));
    }
  }

  static bool fits(const Shape& shape, const Shape& pattern) {
    return std::equal(shape.begin(), shape.end(), pattern.begin(), pattern.end(),
                      [](int64_t dim, int64_t want) { return dim > 0 && (dim == want || want == kUnknown); });
  }

  void check_range(const proto::ArrayFeatureType& array, const Shape& want, const std::string& place) {
    const auto& ranges = array.shape_range().size_ranges();
    if (static_cast<size_t>(ranges.size()) != want.size()) {
      findings_.add("description-shape", place, "got {} ranges, want {}", ranges.size(), want.size());
      return;
    }
    for (size_t i = 0; i < want.size(); ++i) {
      const int at = static_cast<int>(i);
      const auto lower = static_cast<int64_t>(std::min<uint64_t>(ranges[at].lower_bound(), INT64_MAX));
      const int64_t upper = ranges[at].upper_bound(), initial = array.shape(at);
      const bool sound = want[i] == kUnknown ? 0 < lower && lower <= initial && initial <= upper
                                             : lower == want[i] && upper == want[i];
      if (!sound) {
        findings_.add("description-shape", place, "dimension {}: got {} to {} and {} at first, want a range of {}", i,
                      lower, upper, initial, to_string(want));
      }
    }
  }

  void check_enumeration(const proto::ArrayFeatureType& array, const Shape& want, const std::string& place) {
    bool has_initial = false;
    for (const proto::ArrayFeatureType::Shape& item : array.enumerated_shapes().shapes()) {
      const Shape shape(item.shape().begin(), item.shape().end());
      has_initial = has_initial || std::equal(shape.begin(), shape.end(), array.shape().begin(), array.shape().end());
      if (!fits(shape, want)) {
        findings_.add("description-shape", place, "got {} among its shapes, want only {}", to_string(shape),
                      to_string(want));
      }
    }
    if (!has_initial) findings_.add("description-shape", place, "its initial shape is not among its shapes");
  }

  std::string where_;
  Role role_;
  Findings& findings_;
};

void check_interface(const std::string& name, const InterfaceView& interface, const proto::Function& function,
                     Findings& findings) {
  const Signature signature = signature_of(function);
  const std::string where = "description of function " + printable(name);
  FeatureCheck(where, Role::input, findings).check(*interface.input, signature.inputs);
  FeatureCheck(where, Role::state, findings).check(*interface.state, signature.states);
  FeatureCheck(where, Role::output, findings).check(*interface.output, signature.outputs);
}

// One function called main, described at the top.
void check_single(const proto::Model& model, Findings& findings) {
  const auto& functions = model.ml_program().functions();
  const auto it = functions.find(std::string(kMainFunction));
  if (functions.size() != 1 || it == functions.end()) {
    findings.add("description-form", "description", "describes only {}, but the program has {}", kMainFunction,
                 functions.size() == 1 ? "another function" : fmt::format("{} functions", functions.size()));
  }
  if (!model.description().default_function_name().empty()) {
    findings.add("description-form", "description", "names a default function, but describes none");
  }
  if (it == functions.end()) return;
  check_interface(it->first, find_interface(model.description(), kMainFunction), it->second, findings);
}

void check_several(const proto::Model& model, Findings& findings) {
  const proto::ModelDescription& description = model.description();
  const auto& functions = model.ml_program().functions();
  const bool is_bare = description.input().empty() && description.output().empty() && description.state().empty() &&
                       description.training_input().empty() && description.predicted_feature_name().empty() &&
                       description.predicted_probabilities_name().empty();
  if (!is_bare) findings.add("description-form", "description", "has an interface of its own beside its functions");
  std::set<std::string_view> seen;
  for (const proto::FunctionDescription& part : description.functions()) {
    const std::string where = "description of function " + printable(part.name());
    const auto it = functions.find(part.name());
    if (!seen.insert(part.name()).second) {
      findings.add("description-function", where, "stands there twice");
    } else if (it == functions.end()) {
      findings.add("description-function", where, "the program has no such function");
    } else {
      check_interface(part.name(), find_interface(description, part.name()), it->second, findings);
    }
  }
  for (const auto& [name, function] : functions) {
    if (seen.count(name) == 0) findings.add("description-function", "function " + printable(name), "is not described");
  }
  if (seen.count(description.default_function_name()) == 0) {
    findings.add("default-function", "description", "got \"{}\", want the name of a function",
                 printable(description.default_function_name()));
  }
}

}  // namespace

void check_description(const proto::Model& model, Findings& findings) {
  if (model.description().functions().empty()) {
    check_single(model, findings);
  } else {
    check_several(model, findings);
  }
}

}  // namespace cortland
