// A config file as families read it: typed look-ups that remember what was read and collect what is wrong.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace cortland {

// Keys that say nothing about the mathematics in any family.
inline constexpr std::string_view kInertKeys[] = {
    "architectures", "model_type", "torch_dtype", "dtype", "transformers_version", "use_cache", "initializer_range",
    "attention_dropout", "embd_pdrop", "resid_pdrop", "pad_token_id", "unk_token_id", "sep_token_id", "_name_or_path",
    "_commit_hash", "_attn_implementation", "auto_map", "name_or_path", "return_dict", "output_attentions",
    "output_hidden_states", "gradient_checkpointing", "id2label", "label2id", "problem_type", "pretraining_tp",
    "task_specific_params", "hidden_dropout"};

// Refers to the JSON, which must outlive it.
//
// A look-up of a key that is missing or of another type notes a problem and returns a harmless value, so that one
// run finds every problem; finish() throws them all.
class ConfigReader {
 public:
  explicit ConfigReader(const Json& config, std::string_view file = "config.json");

  // The value of a key; a missing key or null gives the default, or a problem where there is none.
  int64_t integer(std::string_view key, std::optional<int64_t> otherwise = {});
  double number(std::string_view key, std::optional<double> otherwise = {});
  bool boolean(std::string_view key, bool otherwise);
  std::string text(std::string_view key, std::optional<std::string> otherwise = {});
  // An integer or a list of them; missing: empty.
  std::vector<int64_t> integers(std::string_view key);

  // The value itself: nullptr when the key is missing.
  const Json* find(std::string_view key);
  // nullptr when the key is missing or null.
  const Json* find_set(std::string_view key);
  // A positive integer up to `limit`.
  int64_t size(std::string_view key, int64_t limit, std::optional<int64_t> otherwise = {});

  // Marks keys that cannot change what the model computes.
  void ignore(std::initializer_list<std::string_view> keys) { ignore(std::span(keys.begin(), keys.size())); }
  void ignore(std::span<const std::string_view> keys);

  // Each reason counts once, however often it is found.
  void refuse(std::string reason) { note(refused_, std::move(reason)); }  // legal, but not supported
  void reject(std::string reason) { note(rejected_, std::move(reason)); }  // wrong

  // Whether nothing was rejected so far: only then do checks between values say anything.
  bool is_sound() const { return rejected_.empty(); }
  // Throws what was rejected or refused so far. Errors: corrupt or unsupported, with all reasons.
  void check() const;
  // The same, and refuses every key that nothing has read or ignored.
  void finish();

 private:
  static void note(std::vector<std::string>& list, std::string reason);
  template <typename T, typename Read>
  T read(const Json* value, std::string_view key, const std::optional<T>& otherwise, Read read_json);

  const Json& config_;
  const std::string file_;
  std::set<std::string, std::less<>> seen_;
  std::vector<std::string> refused_, rejected_;
};

// "where: first" for one reason; a list for several.
std::string list_reasons(std::string_view where, const std::vector<std::string>& reasons);

}  // namespace cortland
