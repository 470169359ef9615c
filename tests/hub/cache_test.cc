#include "hub/cache.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "base/memory_file.h"
#include "hub/hub_environment.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

// One model with the revisions main, refs/pr/1 and v1.0, the last without its snapshot.
MemoryFileSystem cache() {
  MemoryFileSystem files;
  const std::string model = "hub/models--org--name.v1";
  write_file(files, model + "/refs/main", std::string(kCommit) + "\n");
  write_file(files, model + "/refs/refs/pr/1", "abc");
  write_file(files, model + "/refs/v1.0", "fff");
  write_file(files, model + "/snapshots/" + kCommit + "/config.json", "{}");
  write_file(files, model + "/snapshots/abc/config.json", "{}");
  write_file(files, "hub/models--gpt2/refs/main", "abc\r\n ");
  write_file(files, "hub/models--gpt2/snapshots/abc/config.json", "{}");
  write_file(files, "hub/models--cut/snapshots/abc/config.json", "{}");
  write_file(files, "hub/models--bad/refs/main", "../../secret");
  write_file(files, "hub/models--bad/refs/empty", "\n");
  return files;
}

TEST(Hub, FindsSnapshots) {
  const MemoryFileSystem files = cache();
  const struct {
    const char *id, *revision, *folder, *commit;
  } cases[] = {
      {"org/name.v1", "main", "hub/models--org--name.v1/snapshots/0123456789abcdef0123456789abcdef01234567", kCommit},
      {"org/name.v1", "refs/pr/1", "hub/models--org--name.v1/snapshots/abc", "abc"},
      // A commit by itself.
      {"org/name.v1", "abc", "hub/models--org--name.v1/snapshots/abc", "abc"},
      {"gpt2", "main", "hub/models--gpt2/snapshots/abc", "abc"},
  };
  for (const auto& [id, revision, folder, commit] : cases) {
    const Snapshot snapshot = find_snapshot(files, "hub", id, revision);
    EXPECT_EQ(snapshot.folder, folder);
    EXPECT_EQ(snapshot.commit, commit);
  }
  EXPECT_EQ(find_snapshot(files, "hub/", "org/name.v1").commit, kCommit);
}

TEST(Hub, SaysWhatIsMissing) {
  const MemoryFileSystem files = cache();
  const auto failure_of = [&](const char* root, const char* id, const char* revision) {
    return failure([&] { find_snapshot(files, root, id, revision); });
  };
  const char* hint = "; hint: `cortland download ";
  EXPECT_EQ(failure_of("hub", "org/other", "main"),
            "not_found: org/other: is neither a folder nor a model in the local Hugging Face cache (hub)" +
                std::string(hint) + "org/other` gets it, or give the path of a checkpoint folder");
  EXPECT_EQ(failure_of("nowhere", "gpt2", "main"),
            "not_found: gpt2: is neither a folder nor a model in the local Hugging Face cache (nowhere)" +
                std::string(hint) + "gpt2` gets it, or give the path of a checkpoint folder");
  const std::pair<const char*, const char*> revisions[] = {
      {"v2.0", "v2.0"}, {"v1.0", "fff"}, {"refs/pr/2", "refs/pr/2"}, {"../snapshots/abc", "../snapshots/abc"}};
  for (const auto& [revision, folder] : revisions) {
    EXPECT_EQ(failure_of("hub", "org/name.v1", revision),
              fmt::format("not_found: org/name.v1: revision {} is not in the local Hugging Face cache; want the folder "
                          "hub/models--org--name.v1/snapshots/{}; hint: `cortland download org/name.v1@{}` gets it",
                          revision, folder, revision));
  }
}

// As a download leaves it that did not come to its end.
TEST(Hub, AnIncompleteModelNamesTheCommandToo) {
  EXPECT_EQ(failure([] { find_snapshot(cache(), "hub", "cut"); }),
            "not_found: cut: revision main is not in the local Hugging Face cache; want the folder "
            "hub/models--cut/snapshots/main; hint: `cortland download cut@main` gets it");
}

TEST(Hub, ARefMustHoldACommit) {
  const MemoryFileSystem files = cache();
  EXPECT_EQ(failure([&] { find_snapshot(files, "hub", "bad", "main"); }),
            "corrupt: hub/models--bad/refs/main: got \"../../secret\", want a commit");
  EXPECT_EQ(failure([&] { find_snapshot(files, "hub", "bad", "empty"); }),
            "corrupt: hub/models--bad/refs/empty: got \"\", want a commit");
}

TEST_F(HubEnvironment, TheMostSpecificVariableWins) {
  setenv("HOME", "/h", 1);
  EXPECT_EQ(hub_cache_root(), "/h/.cache/huggingface/hub");
  setenv("XDG_CACHE_HOME", "/xdg/", 1);
  EXPECT_EQ(hub_cache_root(), "/xdg/huggingface/hub");
  setenv("HF_HOME", "/hf", 1);
  EXPECT_EQ(hub_cache_root(), "/hf/hub");
  setenv("HUGGINGFACE_HUB_CACHE", "/old", 1);
  EXPECT_EQ(hub_cache_root(), "/old");
  setenv("HF_HUB_CACHE", "/new", 1);
  EXPECT_EQ(hub_cache_root(), "/new");
  // An empty variable is as good as none.
  setenv("HF_HUB_CACHE", "", 1);
  EXPECT_EQ(hub_cache_root(), "/old");
}

}  // namespace
}  // namespace cortland
