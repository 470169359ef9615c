#include "model/activation_order.h"

#include "model/weights.h"

namespace cortland {
namespace {

// Row i becomes what row order[i] was.
void reorder_rows(Parameter& p, const std::vector<int64_t>& order) {
  std::vector<int64_t> rows = order;
  if (!p.rows.empty()) {
    for (int64_t& row : rows) row = p.rows[static_cast<size_t>(row)];
  }
  p.rows = std::move(rows);
}

}  // namespace

void undo_activation_order(ModelSpec& spec, const Checkpoint& checkpoint) {
  std::map<int64_t, std::vector<int64_t>> orders;  // of layers
  for (Parameter& p : spec.parameters) {
    if (p.id.role != Role::down || p.id.part != Part::weight || p.transposed || p.tensors.size() != 1) continue;
    const TensorEntry* entry = find_tensor(spec, checkpoint, p.tensors.front());
    if (entry == nullptr || entry->codes == nullptr || entry->shape != p.stored ||
        entry->codes->traits().group_of.empty()) {
      continue;
    }
    p.columns = entry->codes->columns_by_group();
    orders[p.id.layer] = p.columns;
  }
  for (Parameter& p : spec.parameters) {
    const auto order = orders.find(p.id.layer);
    if (order != orders.end() && (p.id.role == Role::gate || p.id.role == Role::up)) reorder_rows(p, order->second);
  }
}

}  // namespace cortland
