#include "checkpoint/checkpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "checkpoint/block_codes.h"
#include "checkpoint/ggml_blocks.h"
#include "checkpoint/gguf.h"
#include "checkpoint/index.h"
#include "checkpoint/packed_weights.h"
#include "checkpoint/safetensors.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

// What to say when a folder has no safetensors files.
[[noreturn]] void fail_without_weights(const FileSystem& files, const std::string& folder) {
  for (const std::string& name : files.list(folder)) {
    const bool pickled = name.ends_with(".bin") || name.ends_with(".pt") || name.ends_with(".pth");
    require(!pickled, ErrorCode::unsupported,
            "{}: weights are in {}, which can execute code when read; want {}; hint: save "
            "the model again with safe_serialization=True",
            folder, printable(name), kSingle);
    require(!is_gguf_name(name), ErrorCode::corrupt, "{}: has no {}; hint: give the GGUF file itself, {}", folder,
            kSingle, printable(join_path(folder, name)));
  }
  fail(ErrorCode::not_found, "{}: found neither {} nor {}; want a Hugging Face checkpoint folder", folder, kSingle,
       kIndex);
}

void check_shard(const InputFile& file, std::span<const TensorEntry> entries, const std::vector<std::string>& wanted) {
  std::set<std::string_view> missing(wanted.begin(), wanted.end());
  for (const TensorEntry& entry : entries) {
    require(missing.erase(entry.name) != 0, ErrorCode::corrupt, "{}: tensor {} is not in {} for this file", file.path(),
            printable(entry.name), kIndex);
  }
  require(missing.empty(), ErrorCode::corrupt,
          "{}: tensor {} is missing, but {} places it here; hint: the shards belong to "
          "different models, or one is damaged",
          file.path(), missing.empty() ? "" : printable(*missing.begin()), kIndex);
}

}  // namespace

void Checkpoint::open_gguf(const FileSystem& files) {
  files_.push_back(files.open(folder_));
  GgufFile gguf = read_gguf(*files_.back(), 0);
  tensors_ = std::move(gguf.tensors);
  for (TensorEntry& entry : tensors_) entry.codes = make_block_codes(files_.back(), entry);
  metadata_ = std::move(gguf.metadata);
}

void Checkpoint::open_folder(const FileSystem& files) {
  const auto add = [&](const std::string& name) {
    files_.push_back(files.open(join_path(folder_, name)));
    return read_safetensors(*files_.back(), files_.size() - 1);
  };
  if (files.kind(join_path(folder_, kSingle)) == FileKind::file) {
    tensors_ = add(kSingle);
    return;
  }
  const std::string index = join_path(folder_, kIndex);
  if (files.kind(index) != FileKind::file) fail_without_weights(files, folder_);
  for (const auto& [name, wanted] : parse_index(files.read_text(index), index)) {
    require(files.kind(join_path(folder_, name)) == FileKind::file, ErrorCode::not_found,
            "{}: names the file {}, which is not there; hint: download the missing shard", index, printable(name));
    const std::vector<TensorEntry> entries = add(name);
    check_shard(*files_.back(), entries, wanted);
    tensors_.insert(tensors_.end(), entries.begin(), entries.end());
  }
}

void Checkpoint::join_packed(const FileSystem& files) {
  const std::string path = join_path(folder_, "config.json");
  if (files.kind(path) != FileKind::file) return;
  Json config;
  try {
    config = parse_json(files.read_text(path), path);
  } catch (const Error&) {
    return;  // who reads the spec is told
  }
  const Json* quantization = find_quantization(config);
  if (quantization == nullptr) return;
  std::vector<std::string> reasons;
  packing_ = read_packing(*quantization, reasons);
  if (!packing_) return;  // read_spec() tells the reasons
  tensors_ = join_packed_weights(std::move(tensors_), *packing_, files_);
}

Checkpoint Checkpoint::open(const FileSystem& files, const std::string& folder) {
  const auto kind = files.kind(folder);
  require(kind.has_value(), ErrorCode::not_found, "{}: there is no such folder; want a Hugging Face checkpoint",
          folder);
  require(*kind == FileKind::directory || is_gguf_name(folder), ErrorCode::corrupt,
          "{}: is a file; want the folder of a Hugging Face checkpoint, or a .gguf", folder);
  Checkpoint checkpoint;
  checkpoint.folder_ = folder;
  if (*kind == FileKind::file) {
    checkpoint.open_gguf(files);
  } else {
    checkpoint.open_folder(files);
    checkpoint.join_packed(files);
  }
  for (size_t i = 0; i < checkpoint.tensors_.size(); ++i) checkpoint.by_name_.emplace(checkpoint.tensors_[i].name, i);
  return checkpoint;
}

std::string_view TensorEntry::type_name() const {
  if (blocks != nullptr) return blocks->name;
  return codes != nullptr ? std::string_view(codes->name()) : row_of(dtype).safetensors;
}

bool is_gguf_name(std::string_view path) { return path.ends_with(".gguf"); }

const TensorEntry* Checkpoint::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &tensors_[it->second];
}

void Checkpoint::read(const TensorEntry& entry, uint64_t offset, std::span<std::byte> out) const {
  files_[entry.file]->read(entry.offset + offset, out);
}

namespace {

// Whole blocks are decoded; of the first and the last one, what is wanted is kept.
void decode_blocks(const GgmlType& type, std::span<const std::byte> stored, size_t first, std::span<float> out) {
  std::vector<float> block(type.elements);
  for (size_t at = 0; at < out.size();) {
    const size_t index = (first + at) / type.elements, skipped = (first + at) % type.elements;
    const size_t count = std::min(type.elements - skipped, out.size() - at);
    type.decode(stored.data() + index * type.bytes, block.data());
    std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(skipped), count,
                out.begin() + static_cast<std::ptrdiff_t>(at));
    at += count;
  }
}

}  // namespace

void Checkpoint::read_floats(const TensorEntry& entry, int64_t first, std::span<float> out) const {
  if (entry.blocks != nullptr) return decode_blocks(*entry.blocks, map(entry), static_cast<size_t>(first), out);
  if (entry.codes != nullptr) return entry.codes->decode(first, out);
  const auto element_size = static_cast<size_t>(bits_of(entry.dtype) / 8);
  std::vector<std::byte> stored(out.size() * element_size);
  read(entry, static_cast<uint64_t>(first) * element_size, stored);
  to_floats(entry.dtype, stored.data(), out);
}

std::span<const std::byte> Checkpoint::map(const TensorEntry& entry) const {
  return files_[entry.file]->map().subspan(entry.offset, entry.size_bytes);
}

}  // namespace cortland
