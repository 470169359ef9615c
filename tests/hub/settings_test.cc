#include "hub/settings.h"

#include "base/failure.h"
#include "base/memory_file.h"
#include "hub/hub_environment.h"
#include "support/stored_tensors.h"

namespace cortland {
namespace {

class Settings : public HubEnvironment {
 protected:
  MemoryFileSystem files_;
};

TEST_F(Settings, OfAnEmptyEnvironment) {
  setenv("HOME", "/h", 1);
  const HubSettings settings = read_hub_settings(files_);
  EXPECT_EQ(settings.endpoint, "https://huggingface.co");
  EXPECT_EQ(settings.cache_root, "/h/.cache/huggingface/hub");
  EXPECT_EQ(settings.token, "");
  EXPECT_EQ(settings.ca_file, "");
  EXPECT_EQ(settings.offline, "");
  EXPECT_EQ(settings.patience.count(), 20);
}

TEST_F(Settings, Endpoint) {
  setenv("HF_ENDPOINT", "https://mirror.example//", 1);
  EXPECT_EQ(read_hub_settings(files_).endpoint, "https://mirror.example");
  for (const char* bad : {"mirror.example", "ftp://x", "file:///x"}) {
    setenv("HF_ENDPOINT", bad, 1);
    EXPECT_EQ(failure([&] { read_hub_settings(files_); }),
              fmt::format("invalid: HF_ENDPOINT: got {}, want an address that begins with https://", bad));
  }
}

TEST_F(Settings, TheVariableOfATokenWinsOverTheFile) {
  write_file(files_, "/hf/token", " hf_file\n");
  write_file(files_, "/elsewhere", "hf_elsewhere");
  setenv("HF_HOME", "/hf", 1);
  EXPECT_EQ(read_hub_settings(files_).token, "hf_file");
  setenv("HF_TOKEN_PATH", "/elsewhere", 1);
  EXPECT_EQ(read_hub_settings(files_).token, "hf_elsewhere");
  setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "true", 1);
  EXPECT_EQ(read_hub_settings(files_).token, "");
  setenv("HUGGING_FACE_HUB_TOKEN", "hf_old", 1);
  EXPECT_EQ(read_hub_settings(files_).token, "hf_old");
  setenv("HF_TOKEN", "hf_new\r\n", 1);
  EXPECT_EQ(read_hub_settings(files_).token, "hf_new");
}

TEST_F(Settings, ATokenIsOneWord) {
  setenv("HF_TOKEN", "a b", 1);
  EXPECT_EQ(failure([&] { read_hub_settings(files_); }),
            "invalid: HF_TOKEN: the token has characters that no token has; want letters, digits and '_'");
  unsetenv("HF_TOKEN");
  setenv("HF_TOKEN_PATH", "/token", 1);
  write_file(files_, "/token", std::string(5000, 'a'));
  EXPECT_EQ(failure([&] { read_hub_settings(files_); }), "invalid: /token: is too long for a token");
}

TEST_F(Settings, Offline) {
  for (const char* on : {"1", "on", "YES", "True"}) {
    setenv("HF_HUB_OFFLINE", on, 1);
    EXPECT_EQ(read_hub_settings(files_).offline, "HF_HUB_OFFLINE");
  }
  for (const char* off : {"0", "no", ""}) {
    setenv("HF_HUB_OFFLINE", off, 1);
    EXPECT_EQ(read_hub_settings(files_).offline, "");
  }
  setenv("TRANSFORMERS_OFFLINE", "1", 1);
  EXPECT_EQ(read_hub_settings(files_).offline, "TRANSFORMERS_OFFLINE");
}

TEST_F(Settings, Patience) {
  setenv("HF_HUB_DOWNLOAD_TIMEOUT", "7", 1);
  EXPECT_EQ(read_hub_settings(files_).patience.count(), 7);
  for (const char* bad : {"0", "x", "7s", "-1", "99999999999999999999", "3601"}) {
    setenv("HF_HUB_DOWNLOAD_TIMEOUT", bad, 1);
    EXPECT_EQ(failure([&] { read_hub_settings(files_); }),
              fmt::format("invalid: HF_HUB_DOWNLOAD_TIMEOUT: got {}, want 1 to 3600 seconds", bad));
  }
}

}  // namespace
}  // namespace cortland
