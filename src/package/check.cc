#include "package/check.h"

#include "mil/verify.h"
#include "package/check_parts.h"
#include "package/decode.h"
#include "package/layout.h"
#include "package/model_message.h"

namespace cortland {
namespace {

constexpr Rule kOwnRules[] = {
    {"manifest", "Manifest.json is there, complete and of a known version"},
    {"manifest-item", "every item of the manifest is on disk, and the weights are among them under Apple's names"},
    {"extra-file", "the package holds nothing that the manifest and the model do not name"},
    {"model", "model.mlmodel is an ML Program"},
    {"unknown-field", "the model has no fields of unknown meaning"},
    {"spec-version", "the specification version is the lowest that serves"},
    {"program-version", "the version of the program is 1"},
    {"foreign-attribute", "only operations have attributes, and nothing has a doc string: Apple's tools refuse others"},
    {"opset-block", "every function has a block for its opset, without inputs"},
    {"control-flow", "operations have no blocks inside"},
    {"operation-name", "every operation has a name"},
    {"undefined-name", "every name is defined before its use"},
    {"type-form", "types are well formed: known element type, rank as many as dimensions"},
    {"immediate", "constants in place have as many elements as their type says"},
    {"blob-in-operation", "blobs stand in const and constexpr operations only: Apple's tools refuse others"},
    {"non-finite", "no constant holds a NaN or an infinity"},
    {"program", "the program can be read"},
    {"blob-file", "blob references name a file of the package"},
    {"blob-offset", "blob references point to a record"},
    {"blob-type", "blobs have the element type that the model says"},
    {"blob-size", "blobs have as many bytes as the model says"},
    {"weight-header", "weight files begin with a header of version 2"},
    {"weight-count", "the header of a weight file counts its records"},
    {"weight-record", "records follow each other at multiples of 64, well formed"},
    {"weight-payload", "payloads follow their records and end inside the file"},
    {"weight-trailing", "nothing follows the last payload, and gaps are zero"},
    {"weight-unused", "every record is used"},
    {"description-form", "the interface stands in one place: at the top for main alone, else by function"},
    {"description-function", "every function is described once, and nothing else is"},
    {"default-function", "the default function exists"},
    {"description-name", "inputs, outputs and states of the description are those of the program"},
    {"description-type", "inputs and outputs are described as arrays and states as states"},
    {"description-dtype", "described element types are those of the program"},
    {"description-shape", "described shapes and ranges are those of the program"},
    {"description-optional", "nothing is optional without a default value, and outputs and states never are"},
    {"contract", "the contract is JSON of version 1 with every key in its range"},
    {"contract-function", "the functions of the contract exist"},
    {"contract-name", "inputs, outputs and states that the contract names exist"},
    {"contract-shape", "their types are those that the contract implies"},
};

std::vector<Rule> all_rules() {
  std::vector<Rule> rules(std::begin(kOwnRules), std::end(kOwnRules));
  for (const mil::VerifyRule& rule : mil::verify_rules()) rules.push_back({rule.name, rule.summary});
  return rules;
}

}  // namespace

std::span<const Rule> package_rules() {
  static const std::vector<Rule> rules = all_rules();
  return rules;
}

std::vector<Finding> check_package(const FileSystem& files, const std::string& path) {
  require(files.kind(path).has_value(), ErrorCode::not_found, "{}: there is no such package", path);
  Findings findings;
  const std::optional<Manifest> manifest = check_manifest(files, path, findings);
  if (!manifest) return findings.take();
  const std::string model_path = join_path(join_path(path, kDataFolder), manifest->model().path);
  if (files.kind(model_path) != FileKind::file) return findings.take();

  const auto file = files.open(model_path);
  ModelMessage message;
  proto::Model& model = *message;
  if (!findings.attempt("model", model_path, [&] { parse_model(file->map(), model); })) return findings.take();
  check_model(model, file->map(), findings);
  check_description(model, findings);
  check_contract(model, findings);
  const std::string folder = parent_path(model_path);
  const std::vector<BlobReference> references = check_program(model, files, folder, findings);
  const std::vector<std::string> weight_files = check_weights(files, folder, references, findings);
  check_files(files, path, *manifest, weight_files, findings);
  return findings.take();
}

}  // namespace cortland
