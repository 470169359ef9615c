// The parts of check_package(), one .cc file each. Private: includes protobuf.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coreml.pb.h"
#include "package/findings.h"
#include "package/manifest.h"
#include "mil/program.h"

namespace cortland {

// A place in the model that refers to a blob.
struct BlobReference {
  std::string where;
  std::string file_name;
  uint64_t offset = 0;
  mil::Type type;
};

// What a function takes and gives, as its program says. A type that cannot be read is missing.
struct Signature {
  struct Entry {
    std::string name;
    std::optional<mil::Type> type;
  };
  std::vector<Entry> inputs, states, outputs;
};
Signature signature_of(const proto::Function& function);
const Signature::Entry* find_entry(const std::vector<Signature::Entry>& list, std::string_view name);

// check_layout.cc: Manifest.json and the files. Gives the manifest when it can be used.
std::optional<Manifest> check_manifest(const FileSystem& files, const std::string& package, Findings& findings);
// `weight_files` holds the paths that check_weights() gave.
void check_files(const FileSystem& files, const std::string& package, const Manifest& manifest,
                 const std::vector<std::string>& weight_files, Findings& findings);

// check_model.cc: what concerns the model as a whole.
void check_model(const proto::Model& model, std::span<const std::byte> bytes, Findings& findings);

// check_program.cc: the form of each function, then its meaning by mil::verify(). Gives every blob reference.
std::vector<BlobReference> check_program(const proto::Model& model, const FileSystem& files,
                                         const std::string& model_folder, Findings& findings);


// check_weights.cc: the weight files. Gives their paths.
std::vector<std::string> check_weights(const FileSystem& files, const std::string& model_folder,
                                       const std::vector<BlobReference>& references, Findings& findings);

// check_description.cc: the interface against the program.
void check_description(const proto::Model& model, Findings& findings);

// check_contract.cc: the metadata that hosts rely on.
void check_contract(const proto::Model& model, Findings& findings);

}  // namespace cortland
