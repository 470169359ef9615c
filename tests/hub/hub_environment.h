// A test that sets the variables of the Hub, and finds none of them set.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/process.h"

namespace cortland {

class HubEnvironment : public ::testing::Test {
 protected:
  static constexpr const char* kNames[] = {"HF_HUB_CACHE",
                                           "HUGGINGFACE_HUB_CACHE",
                                           "HF_HOME",
                                           "XDG_CACHE_HOME",
                                           "HOME",
                                           "HF_ENDPOINT",
                                           "HF_TOKEN",
                                           "HUGGING_FACE_HUB_TOKEN",
                                           "HF_TOKEN_PATH",
                                           "HF_HUB_DISABLE_IMPLICIT_TOKEN",
                                           "HF_HUB_OFFLINE",
                                           "TRANSFORMERS_OFFLINE",
                                           "HF_HUB_DOWNLOAD_TIMEOUT",
                                           "REQUESTS_CA_BUNDLE",
                                           "CURL_CA_BUNDLE"};
  void SetUp() override {
    for (const char* name : kNames) {
      before_.emplace_back(environment(name));
      unsetenv(name);
    }
  }
  // An empty variable is as good as none.
  void TearDown() override {
    for (size_t i = 0; i < before_.size(); ++i) setenv(kNames[i], before_[i].c_str(), 1);
  }
  std::vector<std::string> before_;
};

}  // namespace cortland
