#include "hub/reference.h"

#include <gtest/gtest.h>

namespace cortland {
namespace {

TEST(HubReference, Ids) {
  for (const char* id : {"LGAI-EXAONE/EXAONE-4.0-1.2B", "gpt2", "a/b", "A_1/b.c-d", "_x/-y"})
    EXPECT_TRUE(is_hub_id(id)) << id;
  for (const char* id :
       {"",     "/",   "a/",  "/a",   "a/b/c",          "..",  "../a", "a/..",   "./a", ".a", "a/.b", "a b",
        "a\\b", "a:b", "~/a", "a/b/", "\xea\xb0\x80/b", "a\n", "a--b", "a/b--c", "a@b"}) {
    EXPECT_FALSE(is_hub_id(id)) << id;
  }
}

TEST(HubReference, Revisions) {
  for (const char* revision : {"main", "v1.0", "refs/pr/1", "0123abc", "a+b", "-x"})
    EXPECT_TRUE(is_hub_revision(revision)) << revision;
  for (const char* revision :
       {"", "/", "a/", "/a", "..", "a..b", "../a", "a/../b", ".a", "a/.b", "a b", "a?b", "a#b", "a%2e", "a\n"}) {
    EXPECT_FALSE(is_hub_revision(revision)) << revision;
  }
  EXPECT_TRUE(is_hub_revision(std::string(200, 'a')));
  EXPECT_FALSE(is_hub_revision(std::string(201, 'a')));
}

TEST(HubReference, Commits) {
  EXPECT_TRUE(is_commit("0123456789abcdef0123456789abcdef01234567"));
  EXPECT_FALSE(is_commit("0123456789abcdef0123456789abcdef0123456"));
  EXPECT_FALSE(is_commit("0123456789ABCDEF0123456789abcdef01234567"));
  EXPECT_FALSE(is_commit("main"));
}

TEST(HubReference, ARevisionFollowsTheFirstAt) {
  const auto plain = parse_hub_reference("org/name"), tagged = parse_hub_reference("org/name@refs/pr/1"),
             odd = parse_hub_reference("gpt2@a@b");
  ASSERT_TRUE(plain && tagged && odd);
  EXPECT_EQ(plain->id, "org/name");
  EXPECT_EQ(plain->revision, "main");
  EXPECT_EQ(tagged->id, "org/name");
  EXPECT_EQ(tagged->revision, "refs/pr/1");
  EXPECT_EQ(odd->revision, "a@b");
  for (const char* text : {"org/name@", "@main", "org/name@../x", "a/b/c@main", "models/demo/@x"}) {
    EXPECT_FALSE(parse_hub_reference(text)) << text;
  }
}

TEST(HubReference, FoldersOfTheCache) {
  EXPECT_EQ(cache_folder_name("org/name"), "models--org--name");
  EXPECT_EQ(cache_folder_name("gpt2"), "models--gpt2");
}

}  // namespace
}  // namespace cortland
