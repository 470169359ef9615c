#include "package/weight_plan.h"

#include "base/bytes.h"
#include "base/error.h"
#include "package/weight_file.h"

namespace cortland {

WeightPlan::WeightPlan(const mil::Program& program) : file_size_(kHeaderBytes) {
  for (const mil::Function& function : program.functions) {
    for (const mil::Operation& operation : function.operations) {
      for (const auto* list : {&operation.inputs, &operation.attributes}) {
        for (const mil::Argument& argument : *list) {
          for (const mil::Binding& binding : argument.bindings) {
            if (const auto* payload = std::get_if<mil::PayloadPtr>(&binding)) add(*payload);
          }
        }
      }
    }
  }
}

// Equal bytes of another type or length need a record of their own.
std::string WeightPlan::identity(const mil::Payload& payload) {
  return fmt::format("{}[{}] {}", name_of(payload.dtype()), element_count(payload.shape()), payload.key());
}

void WeightPlan::add(const mil::PayloadPtr& payload) {
  if (!index_.emplace(identity(*payload), blobs_.size()).second) return;
  require(row_of(payload->dtype()).blob_code != 0, ErrorCode::invalid, "weight {}: {} cannot stand in the weight file",
          printable(payload->key()), name_of(payload->dtype()));
  const uint64_t record_offset = round_up(file_size_, kBlobAlignment);
  blobs_.push_back({payload, record_offset, payload->size_bytes()});
  file_size_ = record_offset + kRecordBytes + blobs_.back().size;
}

uint64_t WeightPlan::record_offset(const mil::Payload& payload) const {
  return blobs_[index_.at(identity(payload))].record_offset;
}

}  // namespace cortland
