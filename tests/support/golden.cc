#include "support/golden.h"

#include <cstring>

#include "base/file.h"
#include "checkpoint/safetensors.h"

namespace cortland {
namespace {

class Expected {
 public:
  explicit Expected(const std::string& path) : file_(disk().open(path)), entries_(read_safetensors(*file_, 0)) {}

  const TensorEntry* find(const std::string& name) const {
    for (const TensorEntry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  template <typename T>
  std::vector<T> all(const TensorEntry& entry) const {
    std::vector<T> values(static_cast<size_t>(element_count(entry.shape)));
    file_->read(entry.offset, std::as_writable_bytes(std::span(values)));
    return values;
  }

  // One list per index of the first axis.
  template <typename T>
  std::vector<std::vector<T>> rows(const std::string& name) const {
    const TensorEntry* entry = find(name);
    if (entry == nullptr) return {};
    const std::vector<T> values = all<T>(*entry);
    const auto count = static_cast<size_t>(entry->shape[0]), size = values.size() / count;
    std::vector<std::vector<T>> out;
    for (size_t i = 0; i < count; ++i) out.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i * size),
                                                        values.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
    return out;
  }

 private:
  std::shared_ptr<const InputFile> file_;
  std::vector<TensorEntry> entries_;
};

}  // namespace

std::span<const float> GoldenCase::expected(size_t sequence, size_t position) const {
  const auto width = static_cast<size_t>(vocabulary);
  return std::span(logits[sequence]).subspan(has_all_logits() ? position * width : 0, width);
}

GoldenCase load_golden(const std::string& name) {
  GoldenCase out;
  out.name = name;
  out.folder = std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints/" + name;
  const Expected expected(out.folder + "/expected.safetensors");
  out.ids = expected.rows<int32_t>("input_ids");
  out.greedy = expected.rows<int32_t>("greedy");
  out.argmax = expected.rows<int32_t>("argmax");
  out.logits = expected.rows<float>(out.argmax.empty() ? "logits" : "logits_last");
  out.hidden = expected.all<float>(*expected.find("hidden_states"));
  out.tokens = static_cast<int64_t>(out.ids.front().size());
  out.vocabulary = static_cast<int64_t>(out.logits.front().size()) / (out.argmax.empty() ? out.tokens : 1);
  return out;
}

std::vector<std::string> golden_names() { return disk().list(std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints"); }

}  // namespace cortland
