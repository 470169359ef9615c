#include "host/contract.h"

#include <gtest/gtest.h>

#include <array>

#include "host/contract_text.h"

namespace cortland::host {
namespace {

std::string failure_of(const std::string& text) {
  const portable::Result<Contract> contract = parse_contract(text);
  return contract ? "no failure" : contract.message();
}

// A contract with the first `from` replaced.
std::string replaced(const std::string& from, const std::string& to, std::string text = kContractText) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Contract, ReadsEveryMember) {
  const auto contract = parse_contract(kContractText);
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->profile, "ane");
  EXPECT_EQ(contract->context, 32);
  EXPECT_EQ(contract->vocabulary, 100);
  ASSERT_EQ(contract->functions.size(), 2u);
  EXPECT_EQ(contract->find("decode"), &contract->functions[0]);
  EXPECT_EQ(contract->find("prefill")->name, "prefill");
  EXPECT_EQ(contract->find("prefill")->tokens, 8);
  EXPECT_EQ(contract->find("other"), nullptr);
  EXPECT_EQ(contract->ids, "input_ids");
  EXPECT_EQ(contract->position, "position");
  EXPECT_EQ(contract->logits, "logits");
  EXPECT_EQ(contract->hidden, "hidden");
  EXPECT_EQ(contract->mask_value, -10000.0);
  ASSERT_EQ(contract->masks.size(), 2u);
  EXPECT_EQ(contract->masks[0].name, "mask");
  EXPECT_EQ(contract->masks[0].window, std::nullopt);
  EXPECT_EQ(contract->masks[1].window, 4);
  ASSERT_EQ(contract->ropes.size(), 1u);
  EXPECT_EQ(contract->ropes[0].cos, "cos");
  EXPECT_EQ(contract->ropes[0].sin, "sin");
  EXPECT_EQ(contract->ropes[0].inv_freq, (std::vector<double>{1.0, 0.25}));
  EXPECT_EQ(contract->ropes[0].attention_factor, 0.5);
  EXPECT_EQ(contract->row, std::nullopt);
  EXPECT_EQ(contract->cache.slots, Contract::Slots::position);
  EXPECT_EQ(contract->cache.states, std::vector<std::string>{"kv"});
  EXPECT_TRUE(contract->cache.kept.empty());
  EXPECT_EQ(contract->bos, 1);
  EXPECT_EQ(contract->eos, (std::vector<int64_t>{2, 99}));
}

const std::string kParts =
    R"("hidden_states": "x", "hidden_size": 6, "embedding_size": 5, "parts": [{"package": "a.mlpackage", "layers": [0, 2], "inputs": ["x", "mask"]},
 {"package": "b.mlpackage", "layers": [2, 3], "inputs": ["x"]}, {"package": "c.mlpackage", "layers": [3, 3], "inputs": ["x", "row"]}])";

TEST(Contract, ReadsParts) {
  const auto contract = parse_contract(replaced(R"("parts": [])", kParts));
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->hidden_states, "x");
  EXPECT_EQ(contract->hidden_size, 6);
  EXPECT_EQ(contract->embedding_size, 5);
  EXPECT_EQ(contract->embedding_file, std::nullopt);
  ASSERT_EQ(contract->parts.size(), 3u);
  EXPECT_EQ(contract->parts[0].package, "a.mlpackage");
  EXPECT_EQ(contract->parts[0].inputs, (std::vector<std::string>{"x", "mask"}));
  EXPECT_EQ(contract->parts[1].first_layer, 2);
  EXPECT_EQ(contract->parts[1].end_layer, 3);
  EXPECT_TRUE(contract->parts[1].has_layers());
  EXPECT_FALSE(contract->parts[2].has_layers());
}

TEST(Contract, PartsShareAnExplicitCache) {
  const std::string text =
      replaced(R"("logits": "logits", )", R"("logits": "logits", "hidden": "hidden", )", kExplicitContractText);
  const auto contract = parse_contract(replaced(R"("parts": [])", kParts, text));
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->kept_by(0).at(0).shape, (std::array<int64_t, 4>{2, 2, 24, 64}));
  EXPECT_EQ(contract->kept_by(1).at(1).shape, (std::array<int64_t, 4>{1, 2, 24, 64}));
  EXPECT_TRUE(contract->kept_by(2).empty());
}

// A ring for the layers 0 and 1 of three, beside a cache for the last one.
const std::string kRing =
    R"("slots": "ring", "ring": {"slots": 16, "layers": [0, 1], "names": ["kv_sliding"], "input": "slot"})";

TEST(Contract, ReadsARing) {
  const auto contract = parse_contract(replaced(R"("parts": [])", kParts, replaced(R"("slots": "position")", kRing)));
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->cache.slots, Contract::Slots::position);
  ASSERT_TRUE(contract->cache.ring);
  EXPECT_EQ(contract->cache.ring->slots, 16);
  EXPECT_EQ(contract->cache.ring->input, "slot");
  EXPECT_EQ(contract->window(), 4);
  EXPECT_FALSE(contract->is_of_ring(contract->masks[0]));
  EXPECT_TRUE(contract->is_of_ring(contract->masks[1]));
  // Each part has what its layers need.
  EXPECT_EQ(contract->states_of(0), std::vector<std::string>{"kv_sliding"});
  EXPECT_EQ(contract->states_of(1), std::vector<std::string>{"kv"});
  EXPECT_TRUE(contract->states_of(2).empty());
}

TEST(Contract, RefusesRingsThatCannotWork) {
  const auto failure = [](const std::string& from, const std::string& to) {
    return failure_of(replaced(from, to, replaced(R"("slots": "position")", kRing)));
  };
  const char* kSlots =
      "contract: cache.ring.slots: want at least the window plus the tokens of a call, and at most the context";
  EXPECT_EQ(failure(R"("slots": 16)", R"("slots": 11)"), kSlots);
  EXPECT_EQ(failure(R"("slots": 16)", R"("slots": 64)"), kSlots);
  EXPECT_EQ(failure(R"("slots": 16)", R"("slots": 12)"), "contract: cache.ring.slots: want a divisor of the context");
  EXPECT_EQ(failure(R"("window": 4)", R"("window": null)"), "contract: mask.inputs: want a window: there is a ring");
  EXPECT_EQ(failure("[0, 1]", "[1, 0]"), "contract: cache.ring.layers: want ascending numbers");
  EXPECT_EQ(failure("[0, 1]", "[]"), "contract: cache.ring.layers: want ascending numbers");
  EXPECT_EQ(failure(R"(, "input": "slot")", ""), "contract: cache.ring.input: is missing");
  EXPECT_EQ(failure(R"(["kv_sliding"])", "[]"), "contract: cache.ring.names: want some");
  EXPECT_EQ(failure(R"(["kv"])", "[]"),
            "contract: cache.names: want some where a mask has no window, and none elsewhere");
  EXPECT_EQ(failure(R"("bos": 1)", R"("bos": 1, "distance": "distance")"),
            "contract: distance: is not supported together with a ring");
  EXPECT_EQ(failure_of(replaced(R"("slots": "position")", R"("slots": "ring")")), "contract: cache.ring: is missing");
}

TEST(Contract, ReadsARingThatTheHostKeeps) {
  const std::string text = replaced(R"("window": null})", R"("window": null}, {"name": "mask_sliding", "window": 4})",
                                    kExplicitContractText);
  const std::string ring =
      R"("slots": "ring", "ring": {"slots": 16, "layers": [0, 2], "names": ["ring_keys"], "new_names": ["new_ring_keys"], "shape": [2, 2, 16, 64]})";
  const auto contract =
      parse_contract(replaced("[3, 2, 24, 64]", "[1, 2, 24, 64]", replaced(R"("slots": "past_then_new")", ring, text)));
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->cache.slots, Contract::Slots::past_then_new);
  const std::vector<Contract::PartKept> kept = contract->kept_by(0);
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[1].names->past, "past_values");
  EXPECT_EQ(kept[2].names->added, "new_ring_keys");
  EXPECT_EQ(kept[2].shape, (std::array<int64_t, 4>{2, 2, 16, 64}));
  EXPECT_EQ(
      failure_of(replaced("[2, 2, 16, 64]", "[3, 2, 16, 64]", replaced(R"("slots": "past_then_new")", ring, text))),
      "contract: cache.ring.shape: want as many layers as it names");
}

const std::string kContexts =
    R"("contexts": [{"context": 16, "functions": [{"name": "small", "role": "decode", "tokens": 1}], "hidden": null},
 {"context": 32}], "parts": [])";

TEST(Contract, IsOfTheSmallestContextWithRoom) {
  const std::string text = replaced(R"("parts": [])", kContexts);
  const auto small = parse_contract(text, 16), large = parse_contract(text, 17), most = parse_contract(text);
  ASSERT_TRUE(small) << small.message();
  ASSERT_TRUE(large) << large.message();
  EXPECT_EQ(small->context, 16);
  EXPECT_EQ(small->contexts, (std::vector<int64_t>{16, 32}));
  EXPECT_EQ(small->find("decode")->name, "small");
  EXPECT_EQ(small->masks.size(), 2u);  // as the contract says
  EXPECT_EQ(large->context, 32);
  EXPECT_EQ(large->find("decode")->name, "decode");
  EXPECT_EQ(large->bos, 1);
  EXPECT_EQ(most->context, 32);
  EXPECT_EQ(parse_contract(kContractText)->contexts, std::vector<int64_t>{32});
  EXPECT_EQ(parse_contract(text, 33).message(), "contract: context: got 33 tokens, want at most 32");
  EXPECT_EQ(parse_contract(kContractText, 33).message(), "contract: context: got 33 tokens, want at most 32");
  // A member that is null there is not there.
  EXPECT_EQ(small->hidden, "");
  EXPECT_EQ(large->hidden, "hidden");
  EXPECT_EQ(failure_of(replaced(R"({"context": 32})", R"({"context": 32, "ids": null})", text)),
            "contract: ids: is missing");
  EXPECT_EQ(failure_of(replaced(R"({"context": 32})", R"({"context": 16})", text)),
            "contract: contexts: want ascending sizes");
  std::string many;
  for (int i = 17; i < 81; ++i) many += "{\"context\": " + std::to_string(i) + "}" + (i == 80 ? "" : ",");
  EXPECT_EQ(failure_of(replaced(R"({"context": 32})", many, text)), "contract: contexts: want at most 64");
  EXPECT_EQ(failure_of(replaced(R"({"context": 32})", "7", text)), "contract: contexts[1].context: is missing");
}

TEST(Contract, ReadsAnEmbeddingOfTheHost) {
  const auto contract = parse_contract(replaced(
      R"("embedding": "graph")",
      R"("embedding": "host", "embedding_file": "e.table", "hidden_states": "x", "hidden_size": 6, "embedding_size": 5)"));
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->embedding_file, "e.table");
}

TEST(Contract, RefusesPartsThatDoNotFollowEachOther) {
  const auto failure = [](const std::string& from, const std::string& to) {
    return failure_of(replaced(R"("parts": [])", replaced(from, to, kParts)));
  };
  EXPECT_EQ(failure("[2, 3]", "[1, 3]"), "contract: parts[1].layers: want those behind the part before");
  EXPECT_EQ(failure("[2, 3]", "[2, 1]"), "contract: parts[1].layers: want those behind the part before");
  EXPECT_EQ(failure("[2, 3]", "[2, 2]"), "contract: parts[1].layers: want some, but for the last part");
  EXPECT_EQ(failure("\"b.mlpackage\"", "\"a.mlpackage\""), "contract: parts[1].package: names another part's");
  std::string many = "\"parts\": [";
  for (int i = 0; i < 1025; ++i) many += i == 0 ? "1" : ", 1";
  EXPECT_EQ(failure_of(replaced(R"("parts": [])", many + "]")), "contract: parts: want at most 1024");
  EXPECT_EQ(failure("[2, 3]", "[2]"), "contract: parts[1].layers: want two numbers");
  EXPECT_EQ(failure("\"b.mlpackage\"", "\"../b\""),
            "contract: parts[1].package: want the name of a file beside the package");
  EXPECT_EQ(failure("[\"x\", \"mask\"]", "7"), "contract: parts[0].inputs: want a list");
}

TEST(Contract, ReadsAnExplicitCache) {
  const auto contract = parse_contract(kExplicitContractText);
  ASSERT_TRUE(contract) << contract.message();
  ASSERT_NE(contract->find("main"), nullptr);
  EXPECT_EQ(contract->find("main")->tokens, 8);
  EXPECT_EQ(contract->position, std::nullopt);
  EXPECT_EQ(contract->row, "row");
  EXPECT_EQ(contract->cache.slots, Contract::Slots::past_then_new);
  EXPECT_TRUE(contract->cache.states.empty());
  ASSERT_EQ(contract->cache.kept.size(), 2u);
  EXPECT_EQ(contract->cache.kept[0].past, "past_keys");
  EXPECT_EQ(contract->cache.kept[1].added, "new_values");
  EXPECT_EQ(contract->cache.shape, (std::array<int64_t, 4>{3, 2, 24, 64}));
  const auto placed =
      parse_contract(replaced(R"("row": "row")", R"("row": "row", "position": "position")", kExplicitContractText));
  ASSERT_TRUE(placed) << placed.message();
  EXPECT_EQ(placed->position, "position");
}

TEST(Contract, RefusesOtherExplicitCaches) {
  const char* kShape = "cache.shape: want four sides, the third the context without the tokens of a call";
  const struct {
    const char *from, *to, *message;
  } cases[] = {
      {R"("slots": "past_then_new")", R"("slots": "position")", R"(cache.slots: want "past_then_new")"},
      {R"("new_names": ["new_keys", "new_values"],)", "", "cache.new_names: is missing"},
      {R"(["new_keys", "new_values"])", R"(["new_keys"])", "cache.new_names: want one for each of names"},
      {R"(["new_keys", "new_values"])", "[1, 2]", "cache.new_names: want strings"},
      {R"("row": "row",)", "", "row: is missing"},
      {R"("role": "main")", R"("role": "decode")", "functions: want one, with role main"},
      {R"("tokens": 8})", R"("tokens": 8}, {"name": "more", "role": "prefill", "tokens": 8})",
       "functions: want one, with role main"},
      {R"("tokens": 8)", R"("tokens": 7)", kShape},
      {"[3, 2, 24, 64]", "[3, 2, 24]", kShape},
      {"[3, 2, 24, 64]", "[3, 2, 24, 64, 1]", kShape},
      {"[3, 2, 24, 64]", "[1048576, 1048576, 24, 64]", kShape},
      {"[3, 2, 24, 64]", "[0, 2, 24, 64]", "cache.shape: want an integer of at least 1"},
      {"[3, 2, 24, 64]", "7", "cache.shape: want a list"},
  };
  for (const auto& [from, to, message] : cases) {
    EXPECT_EQ(failure_of(replaced(from, to, kExplicitContractText)), "contract: " + std::string(message)) << to;
  }
}

TEST(Contract, OfCallsWithAnyNumberOfTokens) {
  const auto contract = parse_contract(kGpuContractText);
  ASSERT_TRUE(contract) << contract.message();
  EXPECT_EQ(contract->profile, "gpu");
  EXPECT_TRUE(contract->has_flexible_calls());
  EXPECT_TRUE(contract->find("any")->is_flexible());
  EXPECT_EQ(contract->find("any")->tokens, 8);
  EXPECT_EQ(contract->find("decode"), nullptr);
  EXPECT_EQ(contract->position, std::nullopt);
  EXPECT_TRUE(contract->ropes.empty());
  EXPECT_EQ(contract->cache.states, (std::vector<std::string>{"keyCache", "valueCache"}));
  EXPECT_FALSE(parse_contract(kContractText)->has_flexible_calls());
}

TEST(Contract, AcceptsWhatMayBeAbsentAndKeysOfLaterWriters) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("hidden": "hidden",)", ""},
      {R"("bos": 1)", R"("bos": null)"},
      {R"("eos": [2, 99])", R"("eos": [])"},
      {R"("version": 1,)", R"("version": 1, "comment": {"anything": [1]},)"},
      {R"([{"cos": "cos", "sin": "sin", "inv_freq": [1.0, 0.25], "attention_factor": 0.5}])", "[]"},
      {R"("tokens": 8)", R"("tokens": 32, "later": true)"},
      {R"(, {"name": "prefill", "role": "prefill", "tokens": 8})", ""},
      {R"("role": "prefill")", R"("role": "embed")"},
      {"-10000.0", "-65504"},
      {R"("context": 32)", R"("context": 2147483647)"},
  };
  for (const auto& [from, to] : cases) EXPECT_EQ(failure_of(replaced(from, to)), "no failure") << from;
}

TEST(Contract, EveryMemberIsNeeded) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("version": 1, )", "version"}, {R"("profile": "ane", )", "profile"}, {R"("context": 32, )", "context"},
      {R"("ids": "input_ids", )", "ids"}, {R"("position": "position", )", "position"},
      {R"("logits": "logits", )", "logits"}, {R"("embedding": "graph", )", "embedding"}, {R"("parts": [], )", "parts"},
      {R"("bos": 1, )", "bos"}, {R"(, "eos": [2, 99])", "eos"}, {R"("value": -10000.0, )", "mask.value"},
      {R"("kind": "state", )", "cache.kind"}, {R"("names": ["kv"], )", "cache.names"},
      {R"(, "slots": "position")", "cache.slots"}, {R"("name": "decode", )", "functions[0].name"},
      {R"("role": "decode", )", "functions[0].role"}, {R"(, "tokens": 8)", "functions[1].tokens"},
      {R"("name": "mask", )", "mask.inputs[0].name"}, {R"(, "window": null)", "mask.inputs[0].window"},
      {R"(, "window": 4)", "mask.inputs[1].window"}, {R"("cos": "cos", )", "rope[0].cos"},
      {R"("sin": "sin", )", "rope[0].sin"}, {R"("inv_freq": [1.0, 0.25], )", "rope[0].inv_freq"},
      {R"(, "attention_factor": 0.5)", "rope[0].attention_factor"}};
  for (const auto& [member, name] : cases) {
    EXPECT_EQ(failure_of(replaced(member, "")), "contract: " + std::string(name) + ": is missing");
  }
  // The members that are objects and lists.
  EXPECT_EQ(failure_of(replaced(R"("functions")", R"("x")")), "contract: functions: is missing");
  EXPECT_EQ(failure_of(replaced(R"("mask")", R"("x")")), "contract: mask: is missing");
  EXPECT_EQ(failure_of(replaced(R"("inputs")", R"("x")")), "contract: mask.inputs: is missing");
  EXPECT_EQ(failure_of(replaced(R"("rope")", R"("x")")), "contract: rope: is missing");
  EXPECT_EQ(failure_of(replaced(R"("cache")", R"("x")")), "contract: cache: is missing");
  EXPECT_EQ(failure_of(replaced(R"("vocabulary")", R"("x")")), "contract: vocabulary: is missing");
}

TEST(Contract, RefusesOtherValues) {
  const struct {
    const char *from, *to, *message;
  } cases[] = {
      {R"("version": 1)", R"("version": 2)", "version: 2 is not known, want 1; hint: update this program"},
      {R"("version": 1)", R"("version": 0)", "version: want an integer of at least 1"},
      {R"("version": 1)", R"("version": 1.5)", "version: want an integer of at least 1"},
      {R"("version": 1)", R"("version": "1")", "version: want an integer of at least 1"},
      {R"("ane")", R"("tpu")", R"(profile: "tpu" is not supported, want "ane" or "gpu")"},
      {R"("ane")", "[]", "profile: want a string"},
      {R"("ane")", R"("")", "profile: want a string"},
      {R"("context": 32)", R"("context": 0)", "context: want an integer of at least 1"},
      {R"("context": 32)", R"("context": -1)", "context: want an integer of at least 1"},
      {R"("context": 32)", R"("context": 2147483648)", "context: want at most 2147483647"},
      {R"("context": 32)", R"("context": 1e18)", "context: want an integer of at least 1"},
      {R"("vocabulary": 100)", R"("vocabulary": true)", "vocabulary: want an integer of at least 1"},
      {R"("vocabulary": 100)", R"("vocabulary": 4294967296)", "vocabulary: want at most 2147483647"},
      {R"("input_ids")", "5", "ids: want a string"},
      {R"("hidden": "hidden")", R"("hidden": null)", "hidden: want a string"},
      {R"("graph")", R"("cloud")", R"(embedding: "cloud" is not supported, want "graph" or "host")"},
      {R"("graph")", R"("host")", "embedding_file: is missing"},
      {R"("graph")", R"("host", "embedding_file": "../x")",
       "embedding_file: want the name of a file beside the package"},
      {R"("graph")", R"("host", "embedding_file": "x")", "hidden_states: is missing, and the embedding is the host's"},
      {R"("parts": [])", R"("parts": ["a"])", "parts: want none, or two at least"},
      {R"("parts": [])", R"("parts": ["a", "b"])",
       "parts: want hidden_states and hidden: what one part gives to the next"},
      {R"("parts": [])", R"("parts": {})", "parts: want a list"},
      {R"("tokens": 1})", R"("tokens": 2})", "functions: want one with role decode and 1 token, or one with role any"},
      {R"("role": "decode")", R"("role": "other")",
       "functions: want one with role decode and 1 token, or one with role any"},
      {R"("tokens": 8)", R"("tokens": 33)", "functions[1].tokens: more than the context"},
      {R"("tokens": 8)", R"("tokens": 0)", "functions[1].tokens: want an integer of at least 1"},
      {R"({"name": "decode", "role": "decode", "tokens": 1})", "7", "functions[0].name: is missing"},
      {"-10000.0", "-9999", "mask.value: want -65504 to -10000"},
      {"-10000.0", "-65505", "mask.value: want -65504 to -10000"},
      {"-10000.0", "0", "mask.value: want -65504 to -10000"},
      {"-10000.0", R"("-inf")", "mask.value: want a number"},
      {R"("window": 4)", R"("window": 0)", "mask.inputs[1].window: want an integer of at least 1"},
      {R"("window": 4)", R"("window": "4")", "mask.inputs[1].window: want an integer of at least 1"},
      {"[1.0, 0.25]", "[]", "rope[0].inv_freq: want at least one number"},
      {"[1.0, 0.25]", "[1.0, null]", "rope[0].inv_freq: want numbers"},
      {R"("attention_factor": 0.5)", R"("attention_factor": null)", "rope[0].attention_factor: want a number"},
      {R"("state")", R"("paged")", R"(cache.kind: "paged" is not supported, want "state" or "explicit")"},
      {R"("slots": "position")", R"("slots": "past_then_new")", R"(cache.slots: want "position")"},
      {R"(["kv"])", "[1]", "cache.names: want strings"},
      {R"("bos": 1)", R"("bos": -1)", "bos: want an integer of at least 0"},
      {R"("eos": [2, 99])", R"("eos": 2)", "eos: want a list"},
      {R"("eos": [2, 99])", R"("eos": [2, 1.5])", "eos: want an integer of at least 0"},
  };
  for (const auto& [from, to, message] : cases) {
    EXPECT_EQ(failure_of(replaced(from, to)), "contract: " + std::string(message)) << to;
  }
}

TEST(Contract, RefusesWhatIsNoObject) {
  EXPECT_EQ(failure_of(""), "contract: JSON: want a value at byte 0");
  EXPECT_EQ(failure_of("[]"), "contract: version: is missing");
  EXPECT_EQ(failure_of(R"({"version": 1, "version": 1})"),
            "contract: JSON: a key appears twice in the object that ends at byte 28");
}

}  // namespace
}  // namespace cortland::host
