// Where the parts of a package lie, and the names that Apple's readers look for.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"

namespace cortland {

inline constexpr std::string_view kPackageSuffix = ".mlpackage";
inline constexpr std::string_view kModelSuffix = ".mlmodel";
inline constexpr std::string_view kManifestName = "Manifest.json";
// Of a bundle: a folder with a package and what belongs to it.
inline constexpr std::string_view kBundleManifestName = "cortland.json";
inline constexpr std::string_view kDataFolder = "Data";
inline constexpr std::string_view kAuthor = "com.apple.CoreML";
inline constexpr std::string_view kModelName = "model.mlmodel";
inline constexpr std::string_view kWeightsName = "weights";
inline constexpr std::string_view kWeightFileName = "weight.bin";
// Inside the model: the folder of model.mlmodel, and the weight file below it.
inline constexpr std::string_view kModelFolderToken = "@model_path/";
inline constexpr std::string_view kWeightReference = "@model_path/weights/weight.bin";
// The function that may have its interface at the top of the description.
inline constexpr std::string_view kMainFunction = "main";

inline std::string model_folder(std::string_view package) {
  return join_path(join_path(package, kDataFolder), kAuthor);
}
inline std::string model_path(std::string_view package) { return join_path(model_folder(package), kModelName); }
inline std::string weights_folder(std::string_view package) { return join_path(model_folder(package), kWeightsName); }
inline std::string weight_path(std::string_view package) {
  return join_path(weights_folder(package), kWeightFileName);
}

}  // namespace cortland
