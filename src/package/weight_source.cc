// The layout of weight files is described in weight_file.h.
#include "package/weight_source.h"

#include "base/error.h"
#include "package/layout.h"
#include "package/manifest.h"
#include "package/weight_file.h"

namespace cortland {
namespace {

class BlobPayload : public mil::Payload {
 public:
  BlobPayload(std::shared_ptr<const InputFile> file, uint64_t record_offset, const mil::Type& type,
              std::span<const std::byte> bytes)
      : file_(std::move(file)), type_(type), bytes_(bytes), key_(fmt::format("{}@{}", file_->path(), record_offset)) {
    offset_ = static_cast<uint64_t>(bytes_.data() - file_->map().data());
  }
  const std::string& key() const override { return key_; }
  DType dtype() const override { return type_.dtype; }
  const Shape& shape() const override { return type_.shape; }
  // Not from the map, whose pages would stay.
  void produce(uint64_t offset, std::span<std::byte> out) const override { file_->read(offset_ + offset, out); }
  std::span<const std::byte> view() const override { return bytes_; }

 private:
  std::shared_ptr<const InputFile> file_;
  mil::Type type_;
  std::span<const std::byte> bytes_;
  uint64_t offset_ = 0;  // of the payload in the file
  std::string key_;
};

}  // namespace

mil::PayloadPtr WeightSource::payload(const std::string& file_name, uint64_t offset, const mil::Type& type) {
  std::shared_ptr<const InputFile>& file = open_[file_name];
  if (file == nullptr) {
    const std::string_view name(file_name);
    const bool inside = name.substr(0, kModelFolderToken.size()) == kModelFolderToken &&
                        is_inner_path(name.substr(kModelFolderToken.size()));
    require(inside, ErrorCode::corrupt, "blob file; got \"{}\", want one below {}", printable(name), kModelFolderToken);
    file = files_.open(join_path(model_folder_, name.substr(kModelFolderToken.size())));
  }
  try {
    const auto elements = static_cast<uint64_t>(element_count(type.shape));
    return std::make_shared<BlobPayload>(file, offset, type, find_blob(file->map(), offset, type.dtype, elements));
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", base_name(file_name), error.what());
  }
}

}  // namespace cortland
