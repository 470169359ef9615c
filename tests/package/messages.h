// What the tests of packages say messages with.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>

#include <string>

#include "base/error.h"

namespace cortland {

inline constexpr const char* kModel = "out.mlpackage/Data/com.apple.CoreML/model.mlmodel";
inline constexpr const char* kWeights = "out.mlpackage/Data/com.apple.CoreML/weights/weight.bin";

// The bytes of a message, written in one order only.
inline std::string hex(const google::protobuf::MessageLite& message) {
  std::string bytes, text;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

// What an Error says.
template <typename Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cortland
