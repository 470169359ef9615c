#include "checkpoint/packed_weights.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "checkpoint/packed_codes.h"
#include "tensor/convert.h"

namespace cortland {
namespace {

constexpr std::string_view kWeight = ".weight";

// One pass over the tensors of a checkpoint.
class Joining {
 public:
  Joining(std::vector<TensorEntry> stored, const Packing& packing,
          std::span<const std::shared_ptr<const InputFile>> files)
      : stored_(std::move(stored)), packing_(packing), files_(files) {
    for (const TensorEntry& entry : stored_) by_name_[entry.name] = &entry;
  }

  std::vector<TensorEntry> run() {
    const bool is_compressed = packing_.method == PackingMethod::compressed_tensors;
    std::vector<TensorEntry> joined;
    for (const TensorEntry& entry : stored_) {
      if (const auto layer = layer_of(entry, is_compressed ? ".weight_packed" : ".qweight")) {
        joined.push_back(is_compressed ? join_words(*layer, entry) : join_columns(*layer, entry));
      } else if (const auto bytes = layer_of(entry, kWeight); is_compressed && bytes && entry.dtype == DType::i8) {
        joined.push_back(join_bytes(*bytes, entry));
      }
    }
    std::vector<TensorEntry> out;
    for (const TensorEntry& entry : stored_) {
      if (used_.count(entry.name) == 0) out.push_back(entry);
    }
    for (TensorEntry& entry : joined) {
      require(by_name_.count(entry.name) == 0 || used_.count(entry.name) != 0, ErrorCode::corrupt,
              "{}: is there in two forms", where(entry));
      out.push_back(std::move(entry));
    }
    std::sort(out.begin(), out.end(), [](const TensorEntry& a, const TensorEntry& b) {
      return std::pair(a.file, a.offset) < std::pair(b.file, b.offset);
    });
    return out;
  }

 private:
  static std::optional<std::string> layer_of(const TensorEntry& entry, std::string_view suffix) {
    if (!entry.name.ends_with(suffix)) return {};
    return entry.name.substr(0, entry.name.size() - suffix.size());
  }

  std::string where(const TensorEntry& entry) const {
    return fmt::format("{}: tensor {}", files_[entry.file]->path(), printable(entry.name));
  }
  std::span<const std::byte> bytes_of(const TensorEntry& entry) const {
    return files_[entry.file]->map().subspan(entry.offset, entry.size_bytes);
  }

  // nullptr when there is none.
  const TensorEntry* take(const std::string& name) {
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) return nullptr;
    used_.insert(name);
    return it->second;
  }
  const TensorEntry& need(const std::string& name, const TensorEntry& beside) {
    const TensorEntry* entry = take(name);
    require(entry != nullptr, ErrorCode::corrupt, "{}: tensor {} is missing beside it", where(beside), printable(name));
    return *entry;
  }
  void want(const TensorEntry& entry, DType dtype, const Shape& shape) const {
    require(entry.dtype == dtype && entry.shape == shape, ErrorCode::corrupt, "{}: got {} {}, want {} {}", where(entry),
            entry.type_name(), to_string(entry.shape), row_of(dtype).safetensors, to_string(shape));
  }
  static bool is_matrix(const TensorEntry& entry) {
    return entry.shape.size() == 2 && entry.shape[0] > 0 && entry.shape[1] > 0;
  }
  void want_matrix(const TensorEntry& entry, DType dtype) const {
    require(entry.dtype == dtype && is_matrix(entry), ErrorCode::corrupt, "{}: got {} {}, want {} of two axes",
            where(entry), entry.type_name(), to_string(entry.shape), row_of(dtype).safetensors);
  }

  PackedParts parts_of(const TensorEntry& codes) const {
    PackedParts parts;
    parts.files.assign(files_.begin(), files_.end());
    parts.where = where(codes);
    return parts;
  }

  // Sets scales and groups from a tensor [groups, rows] or [rows, groups].
  void set_scales(PackedParts& parts, const TensorEntry& scales, int64_t rows, int64_t cols) const {
    const size_t axis = parts.has_scale_rows_last ? 0 : 1;
    require(is_convertible(scales.dtype) && is_matrix(scales) && scales.shape[1 - axis] == rows &&
                cols % scales.shape[axis] == 0,
            ErrorCode::corrupt,
            "{}: got {} {}, want F16, BF16 or F32 scales of {} rows, for groups that divide {} columns", where(scales),
            scales.type_name(), to_string(scales.shape), rows, cols);
    parts.groups = scales.shape[axis];
    parts.scales = bytes_of(scales);
    parts.scale_dtype = scales.dtype;
  }

  void set_groups(PackedParts& parts, const TensorEntry* order, int64_t cols) const {
    if (order == nullptr) return;
    want(*order, DType::i32, {cols});
    parts.group_of = bytes_of(*order);
  }

  // A tensor of all that is used of a layer.
  TensorEntry entry_of(const std::string& layer, const TensorEntry& codes, int64_t rows, int64_t cols,
                       PackedParts parts) const {
    TensorEntry entry;
    entry.name = layer + std::string(kWeight);
    entry.shape = {rows, cols};
    entry.file = codes.file;
    entry.offset = codes.offset;
    entry.size_bytes =
        codes.size_bytes + parts.scales.size() + parts.group_of.size() + (parts.zeros ? parts.zeros->bytes.size() : 0);
    entry.codes =
        make_packed_codes(fmt::format("{} int{}", packing_.name(), parts.codes.bits), rows, cols, std::move(parts));
    return entry;
  }

  // GPTQ and AWQ: [cols, rows].
  TensorEntry join_columns(const std::string& layer, const TensorEntry& codes) {
    used_.insert(codes.name);
    want_matrix(codes, DType::i32);
    const bool is_awq = packing_.method == PackingMethod::awq;
    const int64_t in_word = 32 / packing_.bits;
    const auto unpacked = [&](int64_t words) {
      const auto count = checked_multiply(static_cast<uint64_t>(words), static_cast<uint64_t>(in_word));
      require(count && *count <= INT64_MAX, ErrorCode::corrupt, "{}: its size overflows", where(codes));
      return static_cast<int64_t>(*count);
    };
    const int64_t cols = is_awq ? codes.shape[0] : unpacked(codes.shape[0]),
                  rows = is_awq ? unpacked(codes.shape[1]) : codes.shape[1];
    PackedParts parts = parts_of(codes);
    const PackedArray::Order order = is_awq ? PackedArray::Order::interleaved : PackedArray::Order::minor;
    parts.codes = {.bytes = bytes_of(codes),
                   .bits = packing_.bits,
                   .order = is_awq ? order : PackedArray::Order::major,
                   .stride = rows,
                   .has_rows_last = true};
    parts.has_scale_rows_last = true;
    set_scales(parts, need(layer + ".scales", codes), rows, cols);
    const TensorEntry& zeros = need(layer + ".qzeros", codes);
    require(rows % in_word == 0, ErrorCode::corrupt, "{}: {} rows do not fill words of {}", where(codes), rows,
            in_word);
    want(zeros, DType::i32, {parts.groups, rows / in_word});
    parts.zeros = {.bytes = bytes_of(zeros),
                   .bits = packing_.bits,
                   .order = order,
                   .stride = rows,
                   .has_rows_last = true,
                   .added = static_cast<uint8_t>(packing_.has_zeros_less_1 ? 1 : 0)};
    set_groups(parts, take(layer + ".g_idx"), cols);
    return entry_of(layer, codes, rows, cols, std::move(parts));
  }

  // What a layer of compressed-tensors has beside its codes.
  TensorEntry finish_compressed(const std::string& layer, const TensorEntry& codes, int64_t rows, int64_t cols,
                                PackedParts parts) {
    set_scales(parts, need(layer + ".weight_scale", codes), rows, cols);
    const int bits = parts.codes.bits;
    if (const TensorEntry* zeros = take(layer + ".weight_zero_point")) {
      if (zeros->dtype == DType::i32) {
        const int64_t in_word = 32 / bits;
        want(*zeros, DType::i32, {(rows + in_word - 1) / in_word, parts.groups});
        parts.zeros = {
            .bytes = bytes_of(*zeros), .bits = bits, .order = PackedArray::Order::major, .stride = parts.groups};
      } else {
        want(*zeros, DType::i8, {rows, parts.groups});
        require(bits == 8, ErrorCode::unsupported, "{}: got zero points of 8 bits beside codes of {}, want packed ones",
                where(*zeros), bits);
        parts.zeros = {.bytes = bytes_of(*zeros), .bits = 8, .stride = parts.groups, .flipped = 0x80};
      }
    }
    set_groups(parts, take(layer + ".weight_g_idx"), cols);
    // Of activations that the original model quantizes while it runs.
    for (const char* suffix : {".input_scale", ".input_zero_point", ".output_scale", ".output_zero_point"}) {
      take(layer + suffix);
    }
    return entry_of(layer, codes, rows, cols, std::move(parts));
  }

  TensorEntry join_words(const std::string& layer, const TensorEntry& codes) {
    used_.insert(codes.name);
    want_matrix(codes, DType::i32);
    const TensorEntry& sizes = need(layer + ".weight_shape", codes);
    const bool is_wide = sizes.dtype == DType::i64;
    want(sizes, is_wide ? DType::i64 : DType::i32, {2});
    const std::span<const std::byte> stored = bytes_of(sizes);
    const int64_t rows = is_wide ? load_le<int64_t>(stored, 0) : load_le<int32_t>(stored, 0);
    const int64_t cols = is_wide ? load_le<int64_t>(stored, 8) : load_le<int32_t>(stored, 4);
    const int64_t words = codes.shape[1];
    const auto fits = [&](int64_t in_word) { return cols > 0 && (cols - 1) / in_word + 1 == words; };
    require(rows == codes.shape[0] && (fits(8) || fits(4)), ErrorCode::corrupt,
            "{}: {} does not hold [{}, {}] codes of 4 or 8 bits", where(codes), to_string(codes.shape), rows, cols);
    const int bits = fits(8) ? 4 : 8;
    PackedParts parts = parts_of(codes);
    parts.codes = {.bytes = bytes_of(codes), .bits = bits, .stride = words * (32 / bits)};
    return finish_compressed(layer, codes, rows, cols, std::move(parts));
  }

  TensorEntry join_bytes(const std::string& layer, const TensorEntry& codes) {
    used_.insert(codes.name);
    want_matrix(codes, DType::i8);
    PackedParts parts = parts_of(codes);
    parts.codes = {.bytes = bytes_of(codes), .bits = 8, .stride = codes.shape[1], .flipped = 0x80};
    return finish_compressed(layer, codes, codes.shape[0], codes.shape[1], std::move(parts));
  }

  std::vector<TensorEntry> stored_;
  const Packing& packing_;
  std::span<const std::shared_ptr<const InputFile>> files_;
  std::map<std::string, const TensorEntry*> by_name_;
  std::set<std::string> used_;
};

}  // namespace

std::vector<TensorEntry> join_packed_weights(std::vector<TensorEntry> stored, const Packing& packing,
                                             std::span<const std::shared_ptr<const InputFile>> files) {
  return Joining(std::move(stored), packing, files).run();
}

}  // namespace cortland
