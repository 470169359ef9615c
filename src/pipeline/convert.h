// From a checkpoint to a package.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "lint/rule.h"
#include "lower/plan.h"
#include "package/package.h"
#include "package/writer.h"
#include "pipeline/fp16_scale.h"
#include "pipeline/package_paths.h"
#include "pipeline/progress.h"
#include "pipeline/quality.h"
#include "pipeline/source.h"
#include "pipeline/preset.h"

namespace cortland {

// Weights of one package that are known to load on a phone with room to spare (ane-practice.md, section 7).
inline constexpr uint64_t kMaxPartBytes = 950'000'000;

struct ConvertRequest {
  std::string source;  // a folder, a GGUF file or a Hub id
  bool downloads = false;  // what the local cache does not have of a Hub id, as fetch_source()
  // NAME.mlpackage, or NAME/ for a bundle (pipeline/bundle.h); empty: the name of the source, in the current folder.
  std::string output = {};
  AneOptions ane = {};  // without host_embedding; its `parts` mean nothing with auto_parts
  bool auto_parts = false;  // as few parts as keep each within max_part_bytes; one package where that is small enough
  uint64_t max_part_bytes = kMaxPartBytes;
  std::optional<bool> host_embedding =
      {};                              // the host looks up the rows of ids; default: where a model is cut into parts
  std::optional<GpuOptions> gpu = {};  // given: a package of the `gpu` profile; `ane` means nothing then
  PrecisionOptions precision = {};
  Fp16Scaling fp16_scaling = {};
  // On which packages with weights below fp16, and those of bundles, are compared with the checkpoint; 0: not at all.
  int64_t evaluated_tokens = 32;
  bool overwrite = false;
  bool strict = false;  // no other form than the one asked for
};

struct FunctionSummary {
  std::string package;  // its name, where a model is cut into parts; empty otherwise
  std::string name;
  std::vector<std::string> inputs, outputs, states;  // "input_ids int32[1, 64]"
  size_t operations = 0;
};

struct ConvertSummary {
  SourceLocation source;
  PackagePaths paths;
  bool has_text = false;  // the checkpoint has a tokenizer that we can read
  std::string profile = "ane";
  AttentionForm attention = AttentionForm::matmul;
  std::optional<int64_t> prefill;  // tokens of a prefill; none where calls have any number
  std::string model_type;
  int64_t parameters = 0;
  std::string_view systems;  // the oldest that run the package: "iOS 18, macOS 15"
  int64_t context = 0;             // the largest
  std::vector<int64_t> contexts;   // all, ascending
  SlidingCache sliding_cache = SlidingCache::full;  // of the largest context
  int64_t ring = 0;                // slots of the ring there
  std::string precision;  // "int4", the name of the preset
  int64_t calibration_tokens = 0;  // 0: not calibrated
  double bits_per_weight = 0;  // bytes of the weight file per parameter of the model
  uint64_t cache_bytes = 0;    // of all slots, on the device, with the largest context
  uint64_t head_copy_bytes = 0;  // what a cut head costs because it cannot share the table of the embedding
  WriteSummary written;  // of all packages
  std::optional<uint64_t> embedding_bytes;  // of the file of the embedding, where the host looks up rows
  uint64_t largest_part_bytes = 0;          // weights of the largest package
  std::string fp16_scale;          // as fp16_scale_text(); empty: nothing is scaled
  std::optional<Quality> quality;  // of weights below fp16, when it was measured
  std::vector<FunctionSummary> functions;
  std::vector<lint::Finding>
      lint;  // what is known to keep it from the unit of its profile; before write() of what is planned
  std::vector<std::string> notes;  // decisions that differ from the request, and warnings
  std::vector<std::string> fallbacks;  // those of the notes that tell of another form than the one asked for
};

// "1024 or 4096 tokens; the cache takes 0.5 GB on the device with the largest"; `cache`: its size, as text.
std::string context_text(const ConvertSummary& summary, const std::string& cache);

// A conversion that is planned and not yet written.
class Conversion {
 public:
  // Reads config and headers and builds the program; of the weights it reads only norm gains. Refuses an unsuitable
  // output before that. Errors: as open_source(), make_profile() and write_package(); unsupported for a strict request
  // that cannot be met as it stands; invalid for a budget of bits that is too small.
  Conversion(FileSystem& files, const ConvertRequest& request, Progress& progress);
  ~Conversion();

  // What write() will do or has done.
  const ConvertSummary& summary() const { return summary_; }

  // Writes the text file and the package, and what else a bundle has. Errors: as write_package(); corrupt for a NaN or
  // an infinity among the weights.
  void write(Progress& progress);

 private:
  // Makes profile, report and packages of the request.
  void lower();
  // The same with as many parts as it takes.
  void lower_in_parts();
  // Looks how large values become, and chooses what keeps them within fp16.
  void scale_for_fp16(Progress& progress);
  // Chooses forms of single tensors within the budget of the request, and lowers again.
  void spend_bits(Progress& progress);
  void describe_packages();
  void summarize();
  uint64_t planned_bytes() const;  // weights of all packages, and the file of the embedding
  // The metadata that tells of the quality of the packages at these places.
  std::map<std::string, std::string> measure(const std::vector<std::string>& packages, const std::string& folder,
                                             Progress& progress);
  // Into `paths`, whose folder is there.
  void write_package_files(const PackagePaths& paths, Progress& progress);
  void write_packages(const PackagePaths& paths, Progress& progress);
  void write_bundle_files(const PackagePaths& paths, Progress& progress);

  struct State;
  FileSystem& files_;
  ConvertRequest request_;
  std::unique_ptr<State> state_;
  ConvertSummary summary_;
};

}  // namespace cortland
