// What the precision of the weights costs, measured by running the package that was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "pipeline/packaged_model.h"
#include "pipeline/progress.h"
#include "pipeline/source.h"

namespace cortland {

// Of predicting each id of a text from the ids before it.
struct Quality {
  int64_t tokens = 0;
  std::string ids_digest = {};   // of the ids of the text: digest_of_ids()
  double mean_kl = 0;            // nats, from the checkpoint in fp32 to the package
  double top1_agreement = 0;     // 0 to 1
  double perplexity_change =
      0;  // of the package against the checkpoint: 0.01 is 1 %; NaN when one is beyond all numbers
  std::string warm_up = {};  // warm_up_text() of the first id; empty where that was not measured
};

// {"tokens": 32, "ids": "0123456789abcdef", "mean_kl": 0.0012, ...}, rounded to two digits: the last ones may depend on
// the machine.
std::string quality_text(const Quality& quality);
// The same read back; nullopt when it is something else, or its numbers are no measure.
std::optional<Quality> parse_quality(const std::string& text);

// The first 16 digits of a SHA-256.
std::string digest_of_ids(const std::vector<int32_t>& ids);

// Drawn at random, the same every time.
std::vector<int32_t> random_ids(int64_t vocabulary, int64_t count);

// Ids of a short text in several languages that the program brings along, at most `count`; without a tokenizer ids
// drawn at random. `text`: the bytes of NAME.text; empty: there is no tokenizer.
std::vector<int32_t> quality_ids(const std::string& text, int64_t vocabulary, int64_t count);

// `model` computes in fp32 what it means; both begin with an empty context. REQUIRES: 2 ids or more, no more than the
// context.
Quality measure_quality(const PackagedModel& model, const SourceModel& source, const std::vector<int32_t>& ids,
                        Progress& progress);

}  // namespace cortland
