#include "checkpoint/gguf.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "checkpoint/ggml_blocks.h"

namespace cortland {
namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr uint64_t kMaxKeys = 1 << 16;
constexpr uint64_t kMaxTensors = 1 << 20;
constexpr uint64_t kMaxName = 1 << 16;
constexpr uint64_t kMaxAlignment = 1 << 20;
constexpr uint32_t kMaxRank = 4;

enum class ValueType : uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

// Reads from the front to the back; nothing is read that the file does not have.
class GgufReader {
 public:
  explicit GgufReader(const InputFile& file) : file_(file), bytes_(file.map()) {}

  uint64_t position() const { return at_; }

  template <typename T>
  T take(std::string_view what) {
    need(sizeof(T), what);
    const T value = load_le<T>(bytes_, at_);
    at_ += sizeof(T);
    return value;
  }

  std::string take_text(std::string_view what, uint64_t most) {
    const auto length = take<uint64_t>(what);
    require(length <= most, ErrorCode::corrupt, "{}: {} at byte {}: got a length of {}, want at most {}", file_.path(),
            what, at_, length, most);
    need(length, what);
    std::string text(reinterpret_cast<const char*>(bytes_.data() + at_), length);
    at_ += length;
    return text;
  }

  Json take_value(ValueType type, const std::string& key) {
    switch (type) {
      case ValueType::u8: return take<uint8_t>(key);
      case ValueType::i8: return take<int8_t>(key);
      case ValueType::u16: return take<uint16_t>(key);
      case ValueType::i16: return take<int16_t>(key);
      case ValueType::u32: return take<uint32_t>(key);
      case ValueType::i32: return take<int32_t>(key);
      case ValueType::f32: return take<float>(key);
      case ValueType::boolean: return take<uint8_t>(key) != 0;
      case ValueType::text: return take_text(key, bytes_.size());
      case ValueType::u64: return take<uint64_t>(key);
      case ValueType::i64: return take<int64_t>(key);
      case ValueType::f64: return take<double>(key);
      case ValueType::array: return take_array(key);
    }
    fail(ErrorCode::corrupt, "{}: key {}: got value type {}, want 0 to 12", file_.path(), key,
         static_cast<uint32_t>(type));
  }

 private:
  void need(uint64_t size, std::string_view what) const {
    require(size <= bytes_.size() - at_, ErrorCode::corrupt,
            "{}: {} at byte {}: the file ends; hint: it is truncated, download "
            "it again",
            file_.path(), what, at_);
  }

  Json take_array(const std::string& key) {
    const auto type = static_cast<ValueType>(take<uint32_t>(key));
    require(type != ValueType::array, ErrorCode::unsupported, "{}: key {}: a list of lists is not supported",
            file_.path(), key);
    const auto count = take<uint64_t>(key);
    // Every value has at least one byte.
    need(count, key);
    Json list = Json::array();
    for (uint64_t i = 0; i < count; ++i) list.push_back(take_value(type, key));
    return list;
  }

  const InputFile& file_;
  std::span<const std::byte> bytes_;
  uint64_t at_ = 0;
};

TensorEntry take_tensor(GgufReader& reader, const std::string& path) {
  TensorEntry entry;
  entry.name = reader.take_text("tensor name", kMaxName);
  const std::string where = fmt::format("{}: tensor {}", path, printable(entry.name));
  require(!entry.name.empty() && entry.name.find('\0') == std::string::npos, ErrorCode::corrupt, "{}: want a name",
          where);
  const auto rank = reader.take<uint32_t>(where);
  require(rank <= kMaxRank, ErrorCode::corrupt, "{}: got {} dimensions, want at most {}", where, rank, kMaxRank);
  uint64_t count = 1;
  for (uint32_t i = 0; i < rank; ++i) {
    const auto size = reader.take<uint64_t>(where);
    const auto product = checked_multiply(count, size);
    require(product.has_value() && *product <= INT64_MAX && size <= INT64_MAX, ErrorCode::corrupt,
            "{}: its sizes overflow", where);
    count = *product;
    entry.shape.insert(entry.shape.begin(), static_cast<int64_t>(size));  // the slowest first
  }
  const auto id = reader.take<uint32_t>(where);
  const GgmlType* type = find_ggml_type(id);
  std::vector<std::string_view> known;
  for (const GgmlType& t : ggml_types()) known.push_back(t.name);
  require(type != nullptr, ErrorCode::unsupported, "{}: storage type {} is not supported; want {}", where, id,
          fmt::join(known, ", "));
  const uint64_t row = entry.shape.empty() ? 1 : static_cast<uint64_t>(entry.shape.back());
  require(row % type->elements == 0, ErrorCode::corrupt, "{}: {} does not fill blocks of {} {} weights", where,
          to_string(entry.shape), type->elements, type->name);
  const auto size = checked_multiply(count / type->elements, type->bytes);
  require(size.has_value(), ErrorCode::corrupt, "{}: its size overflows", where);
  entry.size_bytes = *size;
  entry.dtype = type->elements > 1     ? DType::f32
                : type->name == "F16"  ? DType::f16
                : type->name == "BF16" ? DType::bf16
                                       : DType::f32;
  if (type->elements > 1) entry.blocks = type;
  entry.offset = reader.take<uint64_t>(where);
  return entry;
}

uint64_t alignment_of(const Json& metadata, const std::string& path) {
  constexpr uint64_t kDefault = 32;
  const auto it = metadata.find("general.alignment");
  if (it == metadata.end()) return kDefault;
  require(it->is_number_unsigned() && *it > 0 && *it <= kMaxAlignment &&
              (it->get<uint64_t>() & (it->get<uint64_t>() - 1)) == 0,
          ErrorCode::corrupt, "{}: general.alignment: got {}, want a power of two", path, printable(it->dump()));
  return it->get<uint64_t>();
}

}  // namespace

GgufFile read_gguf(const InputFile& file, size_t file_index) {
  const std::string& path = file.path();
  GgufReader reader(file);
  const auto magic = reader.take<uint32_t>("magic");
  require(magic == kMagic, ErrorCode::corrupt, "{}: is no GGUF file: begins with 0x{:08x}", path, magic);
  const auto version = reader.take<uint32_t>("version");
  require(version == 2 || version == 3, ErrorCode::unsupported, "{}: GGUF version {} is not supported; want 2 or 3",
          path, version);
  const auto tensors = reader.take<uint64_t>("tensor count"), keys = reader.take<uint64_t>("key count");
  require(tensors <= kMaxTensors && keys <= kMaxKeys, ErrorCode::corrupt,
          "{}: got {} tensors and {} keys, want at most {} and {}", path, tensors, keys, kMaxTensors, kMaxKeys);
  GgufFile out;
  Json metadata = Json::object();
  for (uint64_t i = 0; i < keys; ++i) {
    const std::string key = printable(reader.take_text("key", kMaxName));
    const auto type = static_cast<ValueType>(reader.take<uint32_t>(key));
    require(!metadata.contains(key), ErrorCode::corrupt, "{}: key {} appears twice", path, key);
    metadata[key] = reader.take_value(type, key);
  }
  std::set<std::string> names;
  for (uint64_t i = 0; i < tensors; ++i) {
    out.tensors.push_back(take_tensor(reader, path));
    require(names.insert(out.tensors.back().name).second, ErrorCode::corrupt, "{}: tensor {} appears twice", path,
            printable(out.tensors.back().name));
  }
  const uint64_t alignment = alignment_of(metadata, path), data = round_up(reader.position(), alignment);
  std::sort(out.tensors.begin(), out.tensors.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.offset < b.offset; });
  uint64_t free = 0;  // behind the tensor before
  for (TensorEntry& entry : out.tensors) {
    const auto begin = checked_add(data, entry.offset);
    const auto end = begin ? checked_add(*begin, entry.size_bytes) : std::nullopt;
    require(entry.offset % alignment == 0 && entry.offset >= free, ErrorCode::corrupt,
            "{}: tensor {}: begins at byte {} of the data, which is not aligned or overlaps", path,
            printable(entry.name), entry.offset);
    require(end && *end <= file.size(), ErrorCode::corrupt,
            "{}: tensor {}: ends behind the file; hint: it is truncated, download "
            "it again",
            path, printable(entry.name));
    free = entry.offset + entry.size_bytes;
    entry.offset = *begin;
    entry.file = file_index;
  }
  out.metadata = std::make_shared<const Json>(std::move(metadata));
  return out;
}

}  // namespace cortland
