// The tensors of a checkpoint folder, found by name and read on demand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/packing.h"
#include "checkpoint/stored_codes.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace cortland {

struct GgmlType;

struct TensorEntry {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;  // row-major
  uint64_t size_bytes = 0;
  size_t file = 0;      // index into Checkpoint::files()
  uint64_t offset = 0;  // of the first byte in that file; any alignment
  const GgmlType* blocks = nullptr;  // quantized, as GGUF stores it: read_floats() decodes it, and dtype says nothing
  // Integers times scales, in blocks or, of a quantized layer of safetensors, in several tensors: then only
  // read_floats() reads it.
  StoredCodesPtr codes = {};

  bool is_quantized() const { return blocks != nullptr || codes != nullptr; }
  std::string_view type_name() const;  // as its format calls it: "BF16", "Q4_K", "GPTQ int4"
};

// Immutable and thread-safe. Nothing but headers is read before read().
class Checkpoint {
 public:
  Checkpoint(Checkpoint&&) = default;
  Checkpoint& operator=(Checkpoint&&) = default;

  // Opens a GGUF file, or of a folder model.safetensors or the shards that model.safetensors.index.json names. Every
  // header is validated, and every shard must hold just the tensors that the index gives it. Where config.json says
  // that the weights are quantized in a way that is known, each layer's tensors are joined to one (packed_weights.h).
  // Errors: not_found, corrupt, unsupported (another storage format, an element type that is not known).
  static Checkpoint open(const FileSystem& files, const std::string& folder);

  const std::string& folder() const { return folder_; }  // or the GGUF file
  // What a GGUF file says about itself, tokenizer and chat template included; nullptr for a folder.
  const Json* metadata() const { return metadata_.get(); }
  std::span<const TensorEntry> tensors() const { return tensors_; }  // by file, then by offset
  const std::optional<Packing>& packing() const { return packing_; }  // of a folder with quantized weights
  std::span<const std::shared_ptr<const InputFile>> files() const { return files_; }
  // nullptr when there is no tensor of the name.
  const TensorEntry* find(std::string_view name) const;

  // Fills `out` with stored bytes of a tensor from `offset`. REQUIRES: the range lies inside the tensor. Errors: io.
  void read(const TensorEntry& entry, uint64_t offset, std::span<std::byte> out) const;
  // Elements of a tensor from `first` on, as fp32. REQUIRES: they lie inside it. Errors: io; unsupported for integers.
  void read_floats(const TensorEntry& entry, int64_t first, std::span<float> out) const;
  // All stored bytes of a tensor where the mapped file holds them, at any alignment.
  std::span<const std::byte> map(const TensorEntry& entry) const;

 private:
  Checkpoint() = default;
  void open_gguf(const FileSystem& files);
  void open_folder(const FileSystem& files);
  void join_packed(const FileSystem& files);

  std::string folder_;
  std::shared_ptr<const Json> metadata_;
  std::vector<std::shared_ptr<const InputFile>> files_;
  std::vector<TensorEntry> tensors_;
  std::optional<Packing> packing_;
  std::unordered_map<std::string_view, size_t> by_name_;  // views into tensors_: so no copies
};

// Whether a path names a GGUF file.
bool is_gguf_name(std::string_view path);

}  // namespace cortland
