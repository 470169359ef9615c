// How large the values inside a package become, and where fp16 math parts from fp32 math.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "pipeline/progress.h"
#include "tensor/metrics.h"

namespace cortland {

// PSNR that the field asks of logits in fp16, in dB; an operation below it, as SNR, is where the two part.
inline constexpr double kHalfPsnr = 35;
// Part of fp16's limit that a value may reach before it counts as near: other texts reach higher.
inline constexpr double kNearLimit = 0.25;

struct RangesRequest {
  std::string package = {};        // a package or a bundle
  std::optional<int64_t> context = {};  // as read_model()
  std::vector<int32_t> ids = {};   // what is read; empty: that of text_file, or else range_ids()
  std::string text_file = {};      // UTF-8
  int64_t tokens = 64;             // how many ids are read at most
};

// An fp16 result of an operation over all tokens. Numbers that a mask makes are not among them.
struct ValueRange {
  int64_t layer = -1;      // -1: outside the layers
  std::string value, op;   // the name of the result, and the type of the operation
  float peak = 0;          // largest magnitude in fp32 math
  int64_t token = 0;       // where that was
  double snr_db = 0;       // of fp16 math against fp32 math
  double operand_snr_db = 0;  // the least of what it reads; +inf when nothing that it reads is in this list
  uint64_t overflows = 0;  // numbers that are finite in fp32 math and not in fp16 math
  uint64_t vanished = 0;   // numbers that are 0 in fp16 math alone
  uint64_t count = 0;      // of all numbers
};

struct RangesReport {
  int64_t tokens = 0;
  std::string source;  // of the ids: "the built-in text", "the given ids", or the name of a file
  std::vector<ValueRange> values;        // in the order of execution
  std::vector<size_t> peaks, weakest;  // for each layer, then outside: indices of the largest peak and of the least SNR
  std::optional<size_t> overflow;        // the first one with overflows
  std::optional<size_t> parting;         // the first one with an SNR below kHalfPsnr
  Difference logits;                     // of fp16 math against fp32 math
  float limit = 0;                       // the largest number of fp16
  bool is_scaled = false;                // convert has scaled it for fp16
  float peak() const;
  bool passed() const;  // fp16 holds every value, and the logits keep kHalfPsnr
};

// Decodes id by id, in both kinds of math at once. Errors: as read_model() and Runner; invalid for ids outside the
// vocabulary and for a text without a tokenizer.
RangesReport measure_ranges(const FileSystem& files, const RangesRequest& request, Progress& progress);

// Ids that show how large values become: the one that begins a text, where activations are often largest, then
// quality_ids(); at most `count`. `text`: the bytes of NAME.text, empty where there is none.
std::vector<int32_t> range_ids(const std::string& text, std::optional<int64_t> bos, int64_t vocabulary, int64_t count);

}  // namespace cortland
