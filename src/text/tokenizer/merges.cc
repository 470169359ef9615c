#include "text/tokenizer/merges.h"

namespace cortland::text {

using portable::Failure;
using portable::Result;

Result<Merges> Merges::read(const Sections& image, const Settings& settings) {
  Result<Packed<MergeSlot>> table = read_table<MergeSlot>(image, kMergeTable);
  if (!table) return Failure{table.message()};
  bool good = true;
  for (size_t i = 0; i < table->size(); ++i) {
    const MergeSlot slot = (*table)[i];
    good &= slot.left == kNoId || (slot.rank != kNoRank && slot.merged < settings.tokens);
  }
  if (!good) return Failure{"tokenizer image: the merge table names an id that does not exist"};
  Merges merges;
  merges.table_ = *table;
  merges.seed_ = settings.merge_seed;
  return merges;
}

}  // namespace cortland::text
