// Packages made of golden checkpoints, in a folder that goes away.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "pipeline/convert.h"
#include "pipeline/packaged_model.h"

namespace cortland {

class PackageTest : public testing::Test {
 protected:
  PackageTest() { std::filesystem::create_directories(folder_); }
  ~PackageTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Converts a checkpoint folder and returns the path of the package.
  std::string convert(const std::string& source, const AneOptions& options,
                      const std::string& name = "X.mlpackage") const {
    return convert(ConvertRequest{.source = source, .ane = options}, name);
  }
  std::string convert_gpu(const std::string& source, const GpuOptions& options,
                          const std::string& name = "X.mlpackage") const {
    return convert(ConvertRequest{.source = source, .gpu = options}, name);
  }

  std::string convert(ConvertRequest request, const std::string& name) const {
    request.output = path(name);
    request.overwrite = true;
    Progress silent;
    Conversion conversion(disk(), request, silent);
    conversion.write(silent);
    return path(name);
  }

  // A package or a bundle, read back from disk.
  static PackagedModel read(const std::string& path) { return read_model(disk(), find_package(disk(), path).package); }

  // A golden checkpoint that the test may change.
  std::string copy_golden(const std::string& golden, const std::string& name) const {
    std::filesystem::copy(golden_folder(golden), path(name), std::filesystem::copy_options::recursive);
    return path(name);
  }

  static std::string golden_folder(const std::string& name) {
    return std::string(CORTLAND_TEST_DATA) + "/golden/checkpoints/" + name;
  }

 private:
  static std::string make_name() {
    const testing::TestInfo* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = fmt::format("cortland-{}-{}-{}", info->test_suite_name(), info->name(), ::getpid());
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / make_name();
};

}  // namespace cortland
