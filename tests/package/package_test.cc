// Writing and reading back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/memory_file.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "package/encode.h"
#include "package/reader.h"
#include "package/sample.h"
#include "package/weight_file.h"
#include "package/messages.h"
#include "package/writer.h"

namespace cortland {
namespace {

using ::testing::StartsWith;

TEST(Package, ComesBackAsItWas) {
  for (const Package& package : {sample_package(), flexible_package()}) {
    MemoryFileSystem files;
    write_package(files, "out.mlpackage", package);
    EXPECT_EQ(describe(read_package(files, "out.mlpackage")), describe(package));
  }
}

TEST(Package, ReadAndWrittenAgainHasTheSameBytes) {
  MemoryFileSystem files;
  write_package(files, "out.mlpackage", sample_package());
  const auto first = files.snapshot();
  MemoryFileSystem again;
  write_package(again, "out.mlpackage", read_package(files, "out.mlpackage"));
  EXPECT_EQ(again.snapshot(), first);
}

TEST(Package, BytesDependOnThePackageAlone) {
  MemoryFileSystem one, four;
  {
    const ThreadLimit limit(1);
    write_package(one, "out.mlpackage", sample_package());
  }
  {
    const ThreadLimit limit(4);
    write_package(four, "out.mlpackage", sample_package());
  }
  EXPECT_EQ(one.snapshot(), four.snapshot());
}

TEST(Package, HasTheFilesThatAppleNames) {
  MemoryFileSystem files;
  write_package(files, "out.mlpackage", flexible_package());
  std::vector<std::string> names;
  for (const auto& [name, text] : files.snapshot()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{kModel, kWeights, "out.mlpackage/Manifest.json"}));
}

TEST(Package, FunctionsShareTheirWeights) {
  MemoryFileSystem files;
  const WriteSummary summary = write_package(files, "out.mlpackage", sample_package());
  EXPECT_EQ(summary.blobs, 6u);  // table, weight and bias once; two heads and the tail
  EXPECT_EQ(summary.weight_bytes, files.contents(kWeights).size());
  uint64_t total = 0;
  for (const auto& [name, text] : files.snapshot()) total += text.size();
  EXPECT_EQ(summary.total_bytes, total);
  EXPECT_EQ(plan_package(sample_package()).total_bytes, total);
}

TEST(Package, ProgressReachesTheEnd) {
  MemoryFileSystem files;
  uint64_t last = 0;
  write_package(files, "out.mlpackage", sample_package(), {.progress = [&](uint64_t done, uint64_t total) {
                  EXPECT_LT(last, done);
                  EXPECT_LE(done, total);
                  last = done;
                }});
  EXPECT_EQ(last, files.contents(kWeights).size());
}

TEST(Package, LateMetadataIsAskedForWhenThePackageCanBeRead) {
  MemoryFileSystem files;
  size_t functions = 0;
  const auto late = [&](const std::string& staged) {
    EXPECT_FALSE(files.kind("out.mlpackage").has_value());
    functions = read_package(files, staged).program.functions.size();
    return std::map<std::string, std::string>{{"late", "yes"}, {"cortland.tool", "is set already"}};
  };
  write_package(files, "out.mlpackage", sample_package(), {.late_metadata = late});
  EXPECT_EQ(functions, sample_package().program.functions.size());
  const Package package = read_package(files, "out.mlpackage");
  EXPECT_EQ(package.metadata.at("late"), "yes");
  EXPECT_EQ(package.metadata.at("cortland.tool"), "test");
}

TEST(Package, UnknownOpsAreKept) {
  Package package = flexible_package();
  mil::Operation& op = package.program.functions[0].operations[0];
  op.type = "frobnicate";
  op.row = nullptr;
  MemoryFileSystem files;
  write_package(files, "out.mlpackage", package);
  const Package again = read_package(files, "out.mlpackage");
  EXPECT_EQ(again.program.functions[0].operations[0].type, "frobnicate");
  EXPECT_EQ(again.program.functions[0].operations[0].row, nullptr);
}

TEST(Package, ControlFlowIsReadAsOneOperationAndNotWritten) {
  MemoryFileSystem files;
  Package package = flexible_package();
  package.program.functions[0].operations[0].type = "while_loop";
  write_package(files, "out.mlpackage", package);
  proto::Model model;
  ASSERT_TRUE(model.ParseFromString(files.contents(kModel)));
  model.mutable_ml_program()
      ->mutable_functions()
      ->at("main")
      .mutable_block_specializations()
      ->at("CoreML8")
      .mutable_operations(0)
      ->add_blocks();
  files.contents(kModel) = model.SerializeAsString();
  const Package read = read_package(files, "out.mlpackage");
  EXPECT_TRUE(read.program.functions[0].operations[0].has_blocks);
  EXPECT_EQ(read.program.functions[0].operations[0].row, nullptr);
  EXPECT_THAT(message_of([&] { write_package(files, "again.mlpackage", read); }),
              testing::HasSubstr("(while_loop): control flow with blocks inside"));
}

TEST(Package, ListedShapesAreRead) {
  MemoryFileSystem files;
  write_package(files, "out.mlpackage", flexible_package());
  proto::Model model;
  ASSERT_TRUE(model.ParseFromString(files.contents(kModel)));
  auto& array = *model.mutable_description()->mutable_input(0)->mutable_type()->mutable_multi_array_type();
  for (const int64_t n : {2, 5}) {
    auto& item = *array.mutable_enumerated_shapes()->add_shapes();
    item.add_shape(1);
    item.add_shape(n);
  }
  files.contents(kModel) = model.SerializeAsString();
  const Package read = read_package(files, "out.mlpackage");
  ASSERT_EQ(read.choices.size(), 1u);
  EXPECT_EQ(read.choices[0].input, "x");
  EXPECT_EQ(read.choices[0].shapes, (std::vector<Shape>{{1, 2}, {1, 5}}));
  EXPECT_TRUE(read.ranges.empty());
}

TEST(Package, RefusesWhatCannotBeDescribed) {
  MemoryFileSystem files;
  const auto written = [&](const Package& package) {
    return message_of([&] { write_package(files, "out.mlpackage", package); });
  };
  Package package = sample_package();
  package.default_function = "main";
  EXPECT_EQ(written(package), "program: default function; got \"main\", want the name of a function");
  package = flexible_package();
  package.ranges.clear();
  EXPECT_EQ(written(package),
            "function main: input x: shape [1, ?] is flexible; want a range for each dimension");
  package = flexible_package();
  package.ranges[0].initial = {1, 9};
  EXPECT_EQ(written(package),
            "function main: input x: dimension 1: got 1 to 8 and 9 at first, want a range of shape [1, ?]");
  package = flexible_package();
  package.program.functions[0].values[0].type.dtype = DType::boolean;
  EXPECT_EQ(written(package),
            "function main: input x: element type at the border of a model; got bool[1, ?], want fp16, fp32 or int32");
  package.program.functions.clear();
  EXPECT_EQ(written(package), "program: has no function");
  EXPECT_TRUE(files.snapshot().empty());
}

TEST(Package, RefusesPlacesThatItCannotWriteTo) {
  MemoryFileSystem files;
  files.write_text("file", "precious");
  files.make_directories("folder");
  const auto written = [&](const std::string& path, bool overwrite = false) {
    return message_of([&] { write_package(files, path, flexible_package(), {.overwrite = overwrite}); });
  };
  for (const bool overwrite : {false, true}) {
    EXPECT_EQ(written("file", overwrite),
              "file: the output exists and is not replaced; got a file, want a package; hint: choose another name");
  }
  EXPECT_EQ(written("folder/", true),
            "folder: the output exists and is not replaced; got a folder without Manifest.json, want a package; hint: "
            "choose another name");
  EXPECT_EQ(written("file/out.mlpackage"),
            "file/out.mlpackage: there is no folder to write into; got a file at file");
  EXPECT_EQ(written("a/b/out.mlpackage"),
            "a/b/out.mlpackage: there is no folder to write into; got nothing at a/b; hint: mkdir -p a/b");
  EXPECT_EQ(written("folder/.."), "folder/..: the output has no name; want FOLDER/NAME.mlpackage");
  EXPECT_EQ(files.snapshot(), (std::map<std::string, std::string>{{"file", "precious"}}));
}

// A sample on disk whose model can be changed as a message.
class BrokenPackage : public ::testing::Test {
 protected:
  BrokenPackage() { write_package(files_, "out.mlpackage", sample_package()); }

  std::string read() {
    return message_of([&] { read_package(files_, "out.mlpackage"); });
  }
  template <typename Change>
  std::string read_changed(const Change& change) {
    const std::string before = files_.contents(kModel);
    proto::Model model;
    EXPECT_TRUE(model.ParseFromString(before));
    change(model);
    files_.contents(kModel) = print_model(model);
    const std::string message = read();
    files_.contents(kModel) = before;
    const std::string place = std::string(kModel) + ": ";
    EXPECT_EQ(message.substr(0, place.size()), place);
    return message.substr(std::min(place.size(), message.size()));
  }
  static proto::Block& block(proto::Model& model) {
    proto::Function& function = model.mutable_ml_program()->mutable_functions()->at("decode");
    return function.mutable_block_specializations()->at("CoreML8");
  }
  static proto::Operation& operation(proto::Model& model, std::string_view name) {
    for (proto::Operation& op : *block(model).mutable_operations()) {
      if (op.attributes().at("name").immediate().tensor().strings().values(0) == name) return op;
    }
    throw std::logic_error("no such operation");
  }

  MemoryFileSystem files_;
};

TEST_F(BrokenPackage, MissingPartsAreNamed) {
  EXPECT_EQ(message_of([&] { read_package(files_, "nowhere"); }), "nowhere: there is no such package");
  EXPECT_EQ(message_of([&] { read_package(files_, kModel); }),
            std::string(kModel) + ": not a package; got a file, want a folder");
  EXPECT_EQ(message_of([&] { read_package(files_, "out.mlpackage/Data"); }),
            "out.mlpackage/Data: not a package; it has no Manifest.json");
  files_.remove_all(kWeights);
  EXPECT_EQ(read(), std::string(kModel) + ": function decode: operation table (const): attribute val: " + kWeights +
                        ": cannot open; No such file or directory");
  files_.remove_all(kModel);
  EXPECT_EQ(read(), std::string(kModel) + ": the model of the manifest is missing");
}

TEST_F(BrokenPackage, OtherModelsAreRefusedByKind) {
  EXPECT_EQ(read_changed([](proto::Model& model) { model.set_neural_network("x"); }),
            "not an ML Program; got a neural network in the older format");
  EXPECT_EQ(read_changed([](proto::Model& model) { model.set_pipeline("x"); }), "not an ML Program; got a pipeline");
  EXPECT_EQ(read_changed([](proto::Model& model) { model.mutable_ml_program()->set_version(2); }),
            "program: version; got 2, want 1");
  files_.contents(kModel) = "\xff\xff";
  EXPECT_EQ(read(),
            std::string(kModel) + ": not a Core ML model: its 2 bytes are no protobuf message of that kind");
}

TEST_F(BrokenPackage, FaultsOfOperationsAreNamed) {
  const auto conv = [&](const std::function<void(proto::Operation&)>& change) {
    return read_changed([&](proto::Model& model) { change(operation(model, "q")); });
  };
  EXPECT_EQ(conv([](auto& op) { op.mutable_inputs()->at("x").mutable_arguments(0)->set_name("later"); }),
            "function decode: operation q (conv): parameter x: later is not defined before its use");
  EXPECT_EQ(conv([](auto& op) { op.mutable_inputs()->at("x").mutable_arguments(0)->clear_name(); }),
            "function decode: operation q (conv): parameter x: is bound to nothing");
  EXPECT_EQ(conv([](auto& op) {
              op.mutable_inputs()->at("groups").mutable_arguments(0)->mutable_value()->clear_immediate();
            }),
            "function decode: operation q (conv): parameter groups: constant: has no value");
  EXPECT_EQ(conv([](auto& op) { op.mutable_outputs(0)->set_name("x"); }),
            "function decode: operation q (conv): result x: the name x is taken");
  EXPECT_EQ(conv([](auto& op) { op.add_blocks(); }),
            "function decode: operation q (conv): blocks inside of an operation that has none");
  EXPECT_EQ(read_changed([](proto::Model& model) { block(model).set_outputs(0, "nothing"); }),
            "function decode: output nothing: no value has this name");
  EXPECT_EQ(read_changed([](proto::Model& model) {
              model.mutable_ml_program()->mutable_functions()->at("decode").set_opset("CoreML7");
            }),
            "function decode: no block for its opset \"CoreML7\"");
  EXPECT_EQ(read_changed([](proto::Model& model) { model.mutable_description()->set_default_function_name("x"); }),
            "description: default function; got \"x\", want the name of a function");
}

TEST_F(BrokenPackage, BlobReferencesStayInside) {
  const auto table = [&](const std::function<void(proto::Value::BlobFile&)>& change) {
    return read_changed([&](proto::Model& model) {
      change(*operation(model, "table").mutable_attributes()->at("val").mutable_blob_file());
    });
  };
  const std::string where = "function decode: operation table (const): attribute val: ";
  EXPECT_EQ(table([](auto& blob) { blob.set_file_name("@model_path/../../../secret"); }),
            where + "blob file; got \"@model_path/../../../secret\", want one below @model_path/");
  EXPECT_EQ(table([](auto& blob) { blob.set_file_name("/etc/passwd"); }),
            where + "blob file; got \"/etc/passwd\", want one below @model_path/");
  EXPECT_EQ(table([](auto& blob) { blob.set_offset(~uint64_t{0}); }),
            where + "weight.bin: byte 18446744073709551615: the record of 64 bytes leaves the file; got " +
                std::to_string(files_.contents(kWeights).size()) + " bytes");
  EXPECT_THAT(table([](auto& blob) { blob.set_offset(128); }),
              StartsWith(where + "weight.bin: byte 128: no blob record here; "));
}

// Whatever the bytes, reading ends with a package or an Error.
// A part of them all: the fuzz targets try many more, under sanitizers.
TEST_F(BrokenPackage, FlippedAndMissingBytesAreSurvived) {
  for (const std::string path : {kModel, kWeights, "out.mlpackage/Manifest.json"}) {
    const std::string good = files_.contents(path);
    for (size_t i = 0; i < good.size(); i += path == kWeights ? 29 : 5) {
      files_.contents(path) = good;
      for (const int bit : {0, 7}) {
        files_.contents(path)[i] = static_cast<char>(good[i] ^ (1 << bit));
        read();
      }
      files_.contents(path) = good.substr(0, i);
      read();
    }
    files_.contents(path) = good;
  }
  EXPECT_EQ(read(), "no error");
}

TEST_F(BrokenPackage, ManifestFaultsAreNamed) {
  std::string& manifest = files_.contents("out.mlpackage/Manifest.json");
  const std::string good = manifest;
  const auto read_with = [&](const std::string& from, const std::string& to) {
    manifest = good;
    manifest.replace(manifest.find(from), from.size(), to);
    return read();
  };
  EXPECT_EQ(read_with("\"1.0.0\"", "\"1.0.1\""),
            "out.mlpackage/Manifest.json: fileFormatVersion; got \"1.0.1\", want at most \"1.0.0\"");
  EXPECT_EQ(read_with("\"1.0.0\"", "\"1.0\""),
            "out.mlpackage/Manifest.json: fileFormatVersion; got \"1.0\", want \"1.0.0\"");
  EXPECT_THAT(read_with("\"rootModelIdentifier\": \"", "\"rootModelIdentifier\": \"x"),
              StartsWith("out.mlpackage/Manifest.json: rootModelIdentifier; got \"x"));
  EXPECT_EQ(read_with("\"rootModelIdentifier\"", "\"root\""),
            "out.mlpackage/Manifest.json: key \"rootModelIdentifier\" is missing");
}

}  // namespace
}  // namespace cortland
