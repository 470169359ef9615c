// How long work tells what it does. The default tells nothing.
#pragma once

#include <cstdint>
#include <string>

namespace cortland {

class Progress {
 public:
  virtual ~Progress() = default;
  // A new piece of work begins: "writing weights".
  virtual void stage(const std::string& /*name*/) {}
  // How far the piece is, in its own unit (bytes or tokens). Called from one thread at a time.
  virtual void advance(uint64_t /*done*/, uint64_t /*total*/) {}
  // The same for bytes that come over a network: how fast is told too.
  virtual void receive(uint64_t /*done*/, uint64_t /*total*/) {}
  // A line for --verbose.
  virtual void detail(const std::string& /*line*/) {}
  // A line that everybody should read: a fallback, a value that was changed.
  virtual void note(const std::string& /*line*/) {}
};

}  // namespace cortland
