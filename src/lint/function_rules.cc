// What the functions of a package must agree on, and the package as a whole.
#include <map>

#include "lint/report.h"
#include "lint/rules.h"
#include "lint/subject.h"
#include "mil/ops/constant.h"
#include "mil/verify.h"

namespace cortland::lint {
namespace {

constexpr size_t kFunctions = 3;

const mil::Payload* blob_of(const mil::Operation& operation) {
  if (!mil::is<mil::Const>(operation) || operation.attributes.empty() ||
      operation.attributes.front().bindings.empty()) {
    return nullptr;
  }
  const auto* payload = std::get_if<mil::PayloadPtr>(&operation.attributes.front().bindings.front());
  return payload == nullptr ? nullptr : payload->get();
}

void check_sharing(const Subject& subject, Report& report) {
  const Report warning = report.milder(Severity::warning);
  std::map<std::string_view, const mil::Payload*> blobs;
  for (const Graph& graph : subject.graphs()) {
    for (const mil::ValueId id : graph.function().inputs) {
      const mil::Type& type = graph.type(id);
      if (type.is_state && subject.states().at(graph.value(id).name) != type) {
        report.add(graph, id, "got {}, want {} as in another function", to_string(type),
                   to_string(subject.states().at(graph.value(id).name)));
      }
    }
    for (const mil::Operation& operation : graph.operations()) {
      const mil::Payload* blob = blob_of(operation);
      if (blob == nullptr) continue;
      const mil::Payload& first = *blobs.emplace(operation.name, blob).first->second;
      if (first.dtype() == blob->dtype() && first.shape() == blob->shape() && first.key() != blob->key()) {
        warning.add(graph, operation, "another blob of {} than in another function", to_string(blob->shape()));
      }
    }
  }
}

void check_function_count(const Subject& subject, Report& report) {
  if (subject.graphs().size() > kFunctions) {
    report.add_package("{} functions; want at most {}", subject.graphs().size(), kFunctions);
  }
}

void check_opsets(const Subject& subject, Report& report) {
  for (const mil::Finding& finding : mil::verify(subject.package().program)) {
    if (finding.rule == "opset" || finding.rule == "opset-op") {
      report.add_package("{}: {}", finding.where, finding.message);
    }
  }
  for (const Graph& graph : subject.graphs()) {
    mil::Opset opset{};
    const int version = subject.package().specification_version;
    if (mil::find_opset(graph.function().opset, &opset) && version < mil::spec_version_of(opset)) {
      report.add_function(graph, "specification version {}, want {} for {}", version, mil::spec_version_of(opset),
                          graph.function().opset);
    }
  }
}

constexpr Rule kFunctionRules[] = {
    {"L47", Severity::error, Scope::any,
     "Functions have the same states, and share the blobs of weights with the same name",
     "Other states cannot be passed from one function to the next; other blobs are stored and loaded twice",
     "Make all functions from one set of weights", "CTdoc", Confidence::documented, check_sharing},
    {"L48", Severity::note, Scope::ane, "A package has at most 3 functions",
     "Each is compiled and loaded: four variants of prefill made the usual path 2.2 times slower",
     "Make packages of their own", "CML", Confidence::measured, check_function_count},
    {"L51", Severity::error, Scope::any, "Opset and specification version are new enough for the operations",
     "The package does not load",
     "Raise them: states, fused attention, grouped palettes and int4 need CoreML8 and version 9", "CT",
     Confidence::documented, check_opsets},
};

}  // namespace

std::span<const Rule> function_rules() { return kFunctionRules; }

}  // namespace cortland::lint
