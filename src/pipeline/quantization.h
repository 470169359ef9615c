// What a package and its maker are told about the precision of the weights.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lower/weight_payload.h"
#include "package/package.h"
#include "quant/policy.h"

namespace cortland {

// The entry cortland.quantization of the metadata, JSON: {"weights": "int4", "body": "int4 in blocks of 32",
// "embedding": ..., "head": ..., "chosen": {"int8 per row": ["model.layers.0.mlp.down_proj.weight"]}, "kept": {"uint4
// with offsets in blocks of 32": 7}, "fallbacks": {"int8 per row": 2}}; chosen are the tensors that --target-bpw gave
// more, kept counts matrices with the codes of the checkpoint, fallbacks those that have not the scheme asked for.
std::string quantization_text(const WeightPolicy& policy, std::string_view preset, const WeightReport& report);

// One line for each way in which the target keeps weights from the scheme asked for, with how many it meets.
std::vector<std::string> target_fallbacks(const WeightReport& report);

// Adds them to the entry cortland.fallbacks of the metadata, JSON: a list of lines. Nothing to add: nothing happens.
void add_fallbacks(std::map<std::string, std::string>& metadata, const std::vector<std::string>& lines);

// For --strict. Errors: unsupported when there are any, with all of them.
void refuse_fallbacks(const std::vector<std::string>& lines);

// The name of the preset in that entry; "unknown" where there is none.
std::string precision_of(const Package& package);

// What a user must know about weights that were quantized before: one line for each way in which some differ from their
// codes, or one that tells how to keep them.
std::vector<std::string> kept_notes(const WeightPolicy& policy, const Checkpoint& checkpoint,
                                    const WeightReport& report);

// One line for each weight that is stored as codes: scheme, bits, signal-to-noise ratio, and why it fell back. Ratios
// are of what has been written.
std::vector<std::string> encoding_lines(const WeightReport& report);

}  // namespace cortland
