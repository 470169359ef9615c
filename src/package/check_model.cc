// What concerns the model as a whole: versions, unknown fields, attributes that Apple's tools refuse.
#include "package/check_parts.h"
#include "package/unknown_fields.h"

#include <algorithm>

namespace cortland {
namespace {

constexpr int kNewestVersion = 10;
constexpr int kHalfVersion = 7;    // fp16 at the border of a model
constexpr int kStateVersion = 9;   // states, several functions
constexpr int kInt8Version = 10;   // int8 at the border of a model
// The one attribute of a program that Apple's tools write and read.
constexpr std::string_view kBuildInfo = "buildInfo";

int version_of(const mil::Type& type) {
  if (type.dtype == DType::i8) return kInt8Version;
  if (type.is_state) return kStateVersion;
  return type.dtype == DType::f16 ? kHalfVersion : 0;
}

int needed_version(const proto::Model& model) {
  const auto& functions = model.ml_program().functions();
  int version = model.description().functions_size() > 0 || functions.size() > 1 ? kStateVersion : 0;
  for (const auto& [name, function] : functions) {
    mil::Opset opset{};
    if (mil::find_opset(function.opset(), &opset)) version = std::max(version, mil::spec_version_of(opset));
    const Signature signature = signature_of(function);
    for (const auto* list : {&signature.inputs, &signature.states, &signature.outputs}) {
      for (const Signature::Entry& entry : *list) {
        if (entry.type) version = std::max(version, version_of(*entry.type));
      }
    }
  }
  return version;
}

}  // namespace

void check_model(const proto::Model& model, std::span<const std::byte> bytes, Findings& findings) {
  for (const std::string& path : find_unknown_fields(bytes)) {
    findings.add("unknown-field", "model", "field {} is not one of the format", path);
  }
  const int version = model.specification_version(), needed = needed_version(model);
  if (version > kNewestVersion) {
    findings.add("spec-version", "model", "got {}, want at most {}", version, kNewestVersion);
  } else if (version < needed) {
    findings.add("spec-version", "model", "got {}, want {} for what the model uses", version, needed);
  } else if (version > needed) {
    findings.add("spec-version", "model", "got {}, want {}: a higher one shuts out older systems", version, needed);
  }
  const proto::Program& program = model.ml_program();
  if (program.version() != 1) findings.add("program-version", "program", "got {}, want 1", program.version());
  if (!program.doc_string().empty()) findings.add("foreign-attribute", "program", "has a doc string");
  for (const auto& [name, value] : program.attributes()) {
    if (name != kBuildInfo) findings.add("foreign-attribute", "program", "attribute {}", printable(name));
  }
}


}  // namespace cortland
