#include "sample_package.h"

#include <optional>

#include "base/error.h"
#include "input.h"
#include "lint/lint.h"
#include "mil/builder.h"
#include "mil/ops/elementwise.h"
#include "mil/print.h"
#include "package/check.h"
#include "package/reader.h"
#include "package/sample.h"
#include "package/writer.h"

namespace cortland {

Package two_blobs() {
  mil::Builder b("main", mil::Opset::coreml8);
  const mil::Value x = b.input("x", {DType::f16, {1, 16}});
  const mil::Value product = b.add("product", mil::Mul{.x = x, .y = b.constant("a", sample_weights({1, 16}, 1))});
  b.output(b.add("sum", mil::Add{.x = product, .y = b.constant("b", sample_weights({1, 16}, 2))}), "y");
  Package package;
  package.program.functions = {b.finish()};
  package.default_function = "main";
  return package;
}

std::map<std::string, std::string> files_of(const Package& package) {
  MemoryFileSystem files;
  write_package(files, kSamplePath, package);
  return files.snapshot();
}

void read_and_check(const std::map<std::string, std::string>& good, const std::string& path,
                    std::string_view contents) {
  MemoryFileSystem files;
  for (const auto& [name, text] : good) {
    files.make_directories(parent_path(name));
    files.write_text(name, name == path ? contents : std::string_view(text));
  }
  std::optional<Package> package;
  try {
    package = read_package(files, kSamplePath);
    for (const mil::Function& function : package->program.functions) mil::print_function(function);
  } catch (const Error&) {
  }
  if (package) {
    for (const lint::Finding& finding : lint::judge(*package, {.unit = lint::unit_of(*package)})) {
      expect(finding.rule != nullptr && !finding.message.empty(), "a finding says what is wrong");
    }
  }
  try {
    for (const Finding& finding : check_package(files, kSamplePath)) {
      expect(!finding.rule.empty() && !finding.message.empty(), "a finding says what is wrong");
    }
  } catch (const Error&) {
  }
}

}  // namespace cortland
