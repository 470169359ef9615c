#include "checkpoint/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"

namespace cortland {
namespace {

constexpr uint64_t kLengthSize = sizeof(uint64_t);
constexpr uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr size_t kMaxSizes = 8;
constexpr size_t kMaxTensorName = 512;
constexpr uint64_t kMaxLfsPointer = 1024;  // by its specification

// An integer that is not negative, as JSON wrote it (no fractions).
uint64_t json_size(const Json& value, const std::string& where) {
  if (!value.is_number_unsigned()) {
    fail(ErrorCode::corrupt, "{}: got {}, want an integer that is not negative", where, printable(json_text(value)));
  }
  return value.get<uint64_t>();
}

Shape read_shape(const Json& value, const std::string& where) {
  if (!value.is_array() || value.size() > kMaxSizes) {
    fail(ErrorCode::corrupt, "{}: shape: got {}, want a list of at most {} sizes", where, printable(json_text(value)),
         kMaxSizes);
  }
  Shape shape;
  uint64_t count = 1;
  for (const Json& item : value) {
    const uint64_t size = json_size(item, where + ": shape");
    const auto product = checked_multiply(count, size);
    if (!product.has_value() || *product > INT64_MAX || size > INT64_MAX) {
      fail(ErrorCode::corrupt, "{}: shape {} overflows", where, printable(json_text(value)));
    }
    count = *product;
    shape.push_back(static_cast<int64_t>(size));
  }
  return shape;
}

TensorEntry read_entry(const std::string& file, const std::string& name, const Json& value) {
  const std::string where = fmt::format("{}: tensor {}", file, printable(name));
  require(!name.empty() && name.size() <= kMaxTensorName && name.find('\0') == std::string::npos, ErrorCode::corrupt,
          "{}: want a name of 1 to {} characters", where, kMaxTensorName);
  TensorEntry entry;
  entry.name = name;
  const std::string tag = json_string(json_member(value, "dtype", where), where + ": dtype");
  const DTypeRow* row = find_safetensors_dtype(tag);
  if (row == nullptr) {
    fail(ErrorCode::unsupported, "{}: dtype \"{}\" is not supported; want F16, BF16 or F32", where, printable(tag));
  }
  entry.dtype = row->dtype;
  entry.shape = read_shape(json_member(value, "shape", where), where);
  const Json& offsets = json_member(value, "data_offsets", where);
  if (!offsets.is_array() || offsets.size() != 2) {
    fail(ErrorCode::corrupt, "{}: data_offsets: got {}, want [begin, end]", where, printable(json_text(offsets)));
  }
  const uint64_t begin = json_size(offsets[0], where + ": data_offsets"),
                 end = json_size(offsets[1], where + ": data_offsets");
  require(begin <= end, ErrorCode::corrupt, "{}: data_offsets: begin {} lies behind end {}", where, begin, end);
  for (const auto& [key, unused] : value.items()) {
    if (key == "dtype" || key == "shape" || key == "data_offsets") continue;
    fail(ErrorCode::corrupt, "{}: key \"{}\" is not known", where, printable(key));
  }
  const auto bits =
      checked_multiply(static_cast<uint64_t>(element_count(entry.shape)), static_cast<uint64_t>(row->bits));
  require(bits.has_value() && *bits % 8 == 0 && *bits / 8 == end - begin, ErrorCode::corrupt,
          "{}: {} {} does not fill its {} bytes; hint: the file is damaged", where, tag, to_string(entry.shape),
          end - begin);
  entry.offset = begin;
  entry.size_bytes = end - begin;
  return entry;
}

// What git leaves in place of a large file when the LFS extension is not installed: a text of some 130 bytes.
bool is_lfs_pointer(const InputFile& file) {
  constexpr std::string_view kFirstLine = "version https://git-lfs.github.com/spec/";
  if (file.size() < kFirstLine.size() || file.size() > kMaxLfsPointer) return false;
  std::string start(kFirstLine.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(start)));
  return start == kFirstLine;
}

void check_metadata(const std::string& file, const Json& value) {
  bool texts = value.is_object();
  if (texts) texts = std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
  require(texts, ErrorCode::corrupt, "{}: __metadata__: want an object of strings", file);
}

}  // namespace

std::vector<TensorEntry> read_safetensors(const InputFile& file, size_t file_index) {
  const std::string& path = file.path();
  require(file.size() >= kLengthSize, ErrorCode::corrupt, "{}: got {} bytes, want at least {}; hint: download it again",
          path, file.size(), kLengthSize);
  std::vector<std::byte> length(kLengthSize);
  file.read(0, length);
  const auto header_size = load_le<uint64_t>(length, 0);
  require(header_size <= kMaxHeader || !is_lfs_pointer(file), ErrorCode::corrupt,
          "{}: is a Git LFS pointer, not the weights; hint: git lfs pull", path);
  require(header_size <= kMaxHeader && header_size <= file.size() - kLengthSize, ErrorCode::corrupt,
          "{}: header length at byte 0: got {}, want at most {}; hint: the file is truncated or no safetensors file",
          path, header_size, std::min(kMaxHeader, file.size() - kLengthSize));
  std::string text(header_size, '\0');
  file.read(kLengthSize, std::as_writable_bytes(std::span(text)));
  require(!text.empty() && text.front() == '{', ErrorCode::corrupt, "{}: header at byte {}: want a JSON object", path,
          kLengthSize);
  const Json header = parse_json(text, path + ": header");

  std::vector<TensorEntry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      check_metadata(path, value);
    } else {
      entries.push_back(read_entry(path, name, value));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::pair(a.offset, a.offset + a.size_bytes) < std::pair(b.offset, b.offset + b.size_bytes);
  });
  const uint64_t data = kLengthSize + header_size, available = file.size() - data;
  uint64_t expected = 0;
  for (TensorEntry& entry : entries) {
    require(entry.offset == expected, ErrorCode::corrupt,
            "{}: tensor {}: begins at byte {} of the data, want {}; the data {}", path, printable(entry.name),
            entry.offset, expected, entry.offset < expected ? "overlaps" : "has a gap");
    const auto end = checked_add(entry.offset, entry.size_bytes);
    require(
        end.has_value() && *end <= available, ErrorCode::corrupt,
        "{}: tensor {}: ends at byte {} of the data, but the file has only {}; hint: the file is truncated, download it "
        "again",
        path, printable(entry.name), entry.offset + entry.size_bytes, available);
    expected = *end;
    entry.offset += data;
    entry.file = file_index;
  }
  require(expected == available, ErrorCode::corrupt, "{}: {} bytes follow the last tensor; want none", path,
          available - expected);
  return entries;
}

}  // namespace cortland
