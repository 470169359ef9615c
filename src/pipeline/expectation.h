// What a device must compute: logits of a package for fixed ids, as the interpreter has them in both kinds of math.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "pipeline/lint.h"
#include "pipeline/progress.h"
#include "tensor/metrics.h"

namespace cortland {

struct ExpectationRequest {
  std::string package = {};             // a package or a bundle
  std::optional<int64_t> context = {};  // as read_model()
  std::vector<int32_t> ids = {};        // what goes in; empty: range_ids()
  int64_t prompt_tokens = 100;          // of them as a prompt; all default numbers are cut to the context
  int64_t new_tokens = 16;              // the others, one by one
};

// Logits behind a token in one kind of math.
struct ExpectedLogits {
  int32_t argmax = 0;
  double log_sum_exp = 0;     // of all logits
  std::vector<float> logits;  // [ids], of ExpectedPosition::ids
};

struct ExpectedPosition {
  int64_t position = 0;      // of the token that was taken in
  std::vector<int32_t> ids;  // the likeliest in fp32, the likeliest first, then some spread over the vocabulary
  ExpectedLogits fp32, fp16;
};

struct Expectation {
  std::string package, digest;  // the name, and the SHA-256 of its models and weight files
  std::string profile;
  int64_t context = 0, vocabulary = 0;
  std::vector<int32_t> ids;
  int64_t prompt_tokens = 0;                // ids[0] to ids[prompt_tokens - 1] go in as a prompt
  std::vector<ExpectedPosition> positions;  // behind the prompt, and behind each of the others
  Difference fp16_math;                     // fp16 math against fp32 math, all logits of these positions
  double logit_scale = 0;                   // the largest magnitude of a logit
  double psnr_limit = 0;                    // that a device is to reach against fp32 math, dB
  double tie = 0;                           // logits that are closer may change places
  LintView lint;
};

// Errors: as read_model() and Runner; invalid for ids outside the vocabulary or more than the context holds.
Expectation expect_of(const FileSystem& files, const ExpectationRequest& request, Progress& progress);

// The file that cortland-swift check reads (docs/check-on-mac.md).
std::string expectation_text(const Expectation& expectation);

}  // namespace cortland
