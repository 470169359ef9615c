// The weight files; their layout is described in weight_file.h.
#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "package/check_parts.h"
#include "package/finite.h"
#include "package/layout.h"
#include "package/weight_file.h"

namespace cortland {
namespace {

class FileCheck {
 public:
  FileCheck(const InputFile& file, Findings& findings) : file_(file), bytes_(file.map()), findings_(findings) {}

  void check(const std::vector<const BlobReference*>& references) {
    if (!check_header()) return;
    const bool walked = walk();
    for (const BlobReference* reference : references) {
      // Records behind a broken one were not seen.
      if (walked || records_.count(reference->offset) != 0) check_reference(*reference);
    }
    if (!walked) return;
    for (const auto& [offset, record] : records_) {
      if (used_.count(offset) == 0) add("weight-unused", offset, "nothing refers to this record");
    }
  }

 private:
  template <typename... Args>
  void add(std::string_view rule, uint64_t offset, fmt::format_string<Args...> format, Args&&... args) {
    findings_.add(rule, fmt::format("{}: byte {}", file_.path(), offset), format, std::forward<Args>(args)...);
  }

  bool check_header() {
    if (bytes_.size() < kHeaderBytes) {
      add("weight-header", 0, "got {} bytes, want {} for a header", bytes_.size(), kHeaderBytes);
      return false;
    }
    header_ = unpack_header(bytes_);
    if (header_.version != kBlobVersion) {
      add("weight-header", 4, "version; got {}, want {}", header_.version, kBlobVersion);
    }
    if (!is_zero(8, kHeaderBytes)) add("weight-header", 8, "its reserved bytes are not zero");
    return header_.version == kBlobVersion;
  }

  bool is_zero(uint64_t begin, uint64_t end) const {
    const auto range = bytes_.subspan(begin, end - begin);
    return std::all_of(range.begin(), range.end(), [](std::byte b) { return b == std::byte{0}; });
  }

  bool has_sentinel(uint64_t at) const {
    return at + sizeof(uint32_t) <= bytes_.size() && load_le<uint32_t>(bytes_, at) == kBlobSentinel;
  }

  // Follows the records from the first to the end of the file; false when that does not work out.
  bool walk() {
    uint64_t end = kHeaderBytes;
    while (true) {
      const uint64_t next = round_up(end, kBlobAlignment);
      if (!has_sentinel(next)) break;
      if (!is_zero(end, next)) add("weight-trailing", end, "the gap before the next record is not zero");
      if (next + kRecordBytes > bytes_.size()) {
        add("weight-record", next, "the record leaves the file");
        return false;
      }
      const BlobRecord record = unpack_record(bytes_, next);
      records_[next] = record;
      if (!check_record(next, record)) return false;
      end = record.offset + record.size;
    }
    if (records_.size() < header_.count && end < bytes_.size()) {
      add("weight-record", round_up(end, kBlobAlignment), "no record here; got {} of {}", records_.size(),
          header_.count);
      return false;
    }
    if (records_.size() != header_.count) {
      add("weight-count", 0, "number of blobs; got {}, want {}", header_.count, records_.size());
    }
    if (end < bytes_.size()) add("weight-trailing", end, "{} bytes follow the last payload", bytes_.size() - end);
    return true;
  }

  bool check_record(uint64_t at, const BlobRecord& record) {
    const DTypeRow* row = find_blob_dtype(static_cast<int>(record.type));
    if (row == nullptr) {
      add("weight-record", at, "element type {} is not known", record.type);
    } else if (record.spare_bits >= 8 || record.size > UINT64_MAX / 8 ||
               (record.size * 8 - record.spare_bits) % static_cast<uint64_t>(row->bits) != 0 ||
               (row->bits % 8 == 0 && record.spare_bits != 0)) {
      add("weight-record", at, "{} bytes less {} bits hold no whole number of {}", record.size, record.spare_bits,
          row->name);
    }
    if (record.offset != at + kRecordBytes) {
      add("weight-payload", at, "payload at byte {}, want {}, directly behind", record.offset, at + kRecordBytes);
      return false;
    }
    if (record.size > bytes_.size() - record.offset) {
      add("weight-payload", at, "payload of {} bytes leaves the file of {}", record.size, bytes_.size());
      return false;
    }
    if (row == nullptr) return true;
    if (const auto index = find_non_finite(row->dtype, bytes_.subspan(record.offset, record.size))) {
      add("non-finite", at, "element {} is no finite number", *index);
    }
    return true;
  }

  void check_reference(const BlobReference& reference) {
    const auto it = records_.find(reference.offset);
    used_.insert(reference.offset);
    if (it == records_.end()) {
      findings_.add("blob-offset", reference.where, "no record at byte {} of {}", reference.offset, file_.path());
      return;
    }
    const BlobRecord& record = it->second;
    const auto elements = static_cast<uint64_t>(element_count(reference.type.shape));
    const BlobRecord want = make_record(reference.type.dtype, elements, reference.offset);
    if (record.type != want.type || want.type == 0) {
      const DTypeRow* row = find_blob_dtype(static_cast<int>(record.type));
      findings_.add("blob-type", reference.where, "got {} at byte {}, want {}",
                    row != nullptr ? row->name : "an unknown type", reference.offset, name_of(reference.type.dtype));
    } else if (record.size != want.size || record.spare_bits != want.spare_bits) {
      findings_.add("blob-size", reference.where, "got {} bytes less {} bits at byte {}, want {} less {} for {}",
                    record.size, record.spare_bits, reference.offset, want.size, want.spare_bits,
                    mil::to_string(reference.type));
    }
  }

  const InputFile& file_;
  std::span<const std::byte> bytes_;
  Findings& findings_;
  WeightHeader header_;
  std::map<uint64_t, BlobRecord> records_;  // by offset
  std::set<uint64_t> used_;
};

}  // namespace

std::vector<std::string> check_weights(const FileSystem& files, const std::string& model_folder,
                                       const std::vector<BlobReference>& references, Findings& findings) {
  std::map<std::string, std::vector<const BlobReference*>> by_path;
  // The standard file is looked at even when nothing refers to it.
  const std::string standard = join_path(join_path(model_folder, kWeightsName), kWeightFileName);
  if (files.kind(standard) == FileKind::file) by_path[standard];
  for (const BlobReference& reference : references) {
    const std::string_view name = reference.file_name;
    if (!name.starts_with(kModelFolderToken) || !is_inner_path(name.substr(kModelFolderToken.size()))) {
      findings.add("blob-file", reference.where, "got \"{}\", want a file below {}", printable(name),
                   kModelFolderToken);
      continue;
    }
    const std::string path = join_path(model_folder, name.substr(kModelFolderToken.size()));
    if (files.kind(path) != FileKind::file) {
      findings.add("blob-file", reference.where, "{} is missing", printable(path));
      continue;
    }
    by_path[path].push_back(&reference);
  }
  std::vector<std::string> paths;
  for (const auto& [path, list] : by_path) {
    paths.push_back(path);
    const auto file = files.open(path);
    FileCheck(*file, findings).check(list);
  }
  return paths;
}

}  // namespace cortland
