#include "hub/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "hub/selection.h"

namespace cortland {
namespace {

using ::testing::ElementsAre;

constexpr const char* kListedCommit = "0123456789abcdef0123456789abcdef01234567";
const std::string kSha256(64, 'b');

std::string reply(const std::string& siblings) {
  return fmt::format(R"({{"sha": "{}", "siblings": [{}], "gated": false}})", kListedCommit, siblings);
}

TEST(Listing, FilesOfBothKinds) {
  const std::string siblings = fmt::format(
      R"({{"rfilename": "config.json", "size": 3, "blobId": "{}"}},
         {{"rfilename": "a/w.safetensors", "size": 1, "blobId": "{}", "lfs": {{"sha256": "{}", "size": 5}}}},
         {{"rfilename": "plain"}}, {{"rfilename": "null", "lfs": null}})",
      kListedCommit, kListedCommit, kSha256);
  const Listing listing = parse_listing(reply(siblings), "X");
  EXPECT_EQ(listing.commit, kListedCommit);
  ASSERT_EQ(listing.files.size(), 4);
  EXPECT_EQ(listing.find("config.json")->digest, kListedCommit);
  EXPECT_EQ(listing.find("config.json")->size, 3);
  EXPECT_EQ(listing.find("a/w.safetensors")->digest, kSha256);
  EXPECT_EQ(listing.find("a/w.safetensors")->size, 5);
  EXPECT_EQ(listing.find("plain")->digest, "");
  EXPECT_EQ(listing.find("none"), nullptr);
}

TEST(Listing, NothingInItIsTrusted) {
  const auto failure_of = [](const std::string& siblings) {
    return failure([&] { parse_listing(reply(siblings), "X"); });
  };
  EXPECT_EQ(failure_of(R"({"rfilename": "../x"})"),
            "corrupt: X: siblings[0].rfilename: got \"../x\", want the name of a file below the folder of the model");
  EXPECT_EQ(failure_of("7"), "corrupt: X: siblings[0]: got 7, want an object");
  EXPECT_EQ(
      failure_of(R"({"rfilename": "a", "size": 1099511627777, "blobId": "0123456789abcdef0123456789abcdef01234567"})"),
      "corrupt: X: siblings[0].size: got 1099511627777, want 0 to 1099511627776 bytes");
  EXPECT_EQ(failure_of(R"({"rfilename": "a", "lfs": {"sha256": "/etc", "size": 1}})"),
            "corrupt: X: siblings[0].lfs.sha256: got \"/etc\", want 40 or 64 hexadecimal digits");
  EXPECT_EQ(failure([] { parse_listing(R"({"sha": "main", "siblings": []})", "X"); }),
            "corrupt: X: sha: got \"main\", want a commit of 40 hexadecimal digits");
}

TEST(Listing, SafeNames) {
  for (const char* name : {"a", "a/b.c", "..a", "a..", ".gitattributes", "a b", "\xea\xb0\x80"})
    EXPECT_TRUE(is_safe_file_name(name)) << name;
  for (const char* name : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\\b", "a\nb", "\x7f"}) {
    EXPECT_FALSE(is_safe_file_name(name)) << name;
  }
  EXPECT_FALSE(is_safe_file_name(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_safe_file_name(std::string(256, 'a')));
}

Listing listing_of(std::initializer_list<const char*> names) {
  Listing listing;
  for (const char* name : names) listing.files.push_back({name, 1, kSha256});
  return listing;
}

std::vector<std::string> names_of(const std::vector<RepositoryFile>& files) {
  std::vector<std::string> names;
  for (const RepositoryFile& file : files) names.push_back(file.name);
  return names;
}

TEST(Selection, TakesWhatAConversionNeeds) {
  const Listing listing =
      listing_of({".gitattributes", "License.txt", "NOTICE", "README.md", "a/config.json", "a/LICENSE",
                  "chat_template.jinja", "config.json", "merges.txt", "model.safetensors",
                  "model.safetensors.index.json", "modeling_x.py", "tokenizer.json", "training_args.bin"});
  EXPECT_THAT(
      names_of(choose_description(listing, "x")),
      ElementsAre("License.txt", "NOTICE", "README.md", "chat_template.jinja", "config.json", "tokenizer.json"));
  EXPECT_THAT(names_of(choose_weights(listing, "", "x")), ElementsAre("model.safetensors"));
}

TEST(Selection, OldTokenizersAndShards) {
  const Listing listing =
      listing_of({"a-1.safetensors", "a-2.safetensors", "config.json", "merges.txt", "model.safetensors.index.json",
                  "other.safetensors", "tokenizer.model", "vocab.json"});
  EXPECT_THAT(
      names_of(choose_description(listing, "x")),
      ElementsAre("config.json", "merges.txt", "model.safetensors.index.json", "tokenizer.model", "vocab.json"));
  EXPECT_THAT(
      names_of(choose_weights(
          listing, R"({"weight_map": {"p": "a-2.safetensors", "q": "a-1.safetensors", "r": "a-2.safetensors"}})", "x")),
      ElementsAre("a-1.safetensors", "a-2.safetensors"));
  for (const char* name : {"a-3.safetensors", "config.json", "../x.safetensors", "/x.safetensors", ""}) {
    EXPECT_EQ(
        failure([&] { choose_weights(listing, fmt::format(R"({{"weight_map": {{"p": "{}"}}}})", name), "x"); }),
        fmt::format("corrupt: x: model.safetensors.index.json: names {}; want a safetensors file of the repository",
                    name));
  }
  EXPECT_EQ(failure([&] { choose_weights(listing, R"({"weight_map": []})", "x"); }),
            "corrupt: x: model.safetensors.index.json: weight_map: want an object");
}

}  // namespace
}  // namespace cortland
