// A folder that is built beside its place and moves there in one step.
//
// While it is built it is called .NAME.cortland-PID-N. Where two folders cannot be exchanged in one step, the old one
// is .NAME.cortland-PID-N.old for a moment. A later run removes what dead processes left, and puts back an old package
// that was caught in that moment.
#pragma once

#include <string>

#include "base/file.h"

namespace cortland {

class Staging {
 public:
  enum class Existing { refuse, replace };

  // Throws what the constructor would throw. Leaves nothing behind: whether the parent can be written to is tried with a
  // folder that is removed at once.
  static void check(FileSystem& files, const std::string& path, Existing existing);

  // Tidies up after dead processes, then makes the folder. `path` is where it will move.
  // Errors: invalid when `path` exists and is to be refused, is a link or no package, or when its parent is no folder; io.
  Staging(FileSystem& files, const std::string& path, Existing existing);
  // Removes the folder unless place() succeeded.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  const std::string& folder() const { return folder_; }

  // Moves the folder to its place. REQUIRES: everything in it is on stable storage. At every moment the place holds the
  // old package, the new one or nothing. Errors: io; then the old package is where it was.
  void place();

 private:
  FileSystem& files_;
  std::string path_;
  Existing existing_;
  std::string folder_;
  bool placed_ = false;
};

}  // namespace cortland
