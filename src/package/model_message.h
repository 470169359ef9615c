// A model as a message. It has many thousands of parts, which are made and given back together.
#pragma once

#include <google/protobuf/arena.h>

#include "coreml.pb.h"

namespace cortland {

class ModelMessage {
 public:
  ModelMessage() : message_(google::protobuf::Arena::CreateMessage<proto::Model>(&arena_)) {}
  ModelMessage(const ModelMessage&) = delete;
  ModelMessage& operator=(const ModelMessage&) = delete;

  proto::Model& operator*() { return *message_; }

 private:
  google::protobuf::Arena arena_;
  proto::Model* message_;
};

}  // namespace cortland
