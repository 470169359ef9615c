// A package, a bundle, or a file that belongs to a package, that is built beside its place and moves there in one step.
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
  enum class Form { package, file, bundle };

  // Throws what the constructor would throw. Leaves nothing behind: whether the parent can be written to is tried with
  // a folder that is removed at once.
  static void check(FileSystem& files, const std::string& path, Existing existing, Form form = Form::package);

  // Tidies up after dead processes, then makes the folder; a file is made by the caller. `path` is where it will move.
  // Errors: invalid when `path` exists and is to be refused, is a link or of another form, or when its parent is no
  // folder; io.
  Staging(FileSystem& files, const std::string& path, Existing existing, Form form = Form::package);
  // Removes what was built unless place() succeeded.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Where it is built.
  const std::string& staged() const { return staged_; }

  // Moves it to its place. REQUIRES: everything is on stable storage. At every moment the place holds the old package
  // or file, the new one or nothing. Errors: io; then the old one is where it was.
  void place();

 private:
  FileSystem& files_;
  std::string path_;
  Existing existing_;
  Form form_;
  std::string staged_;
  bool placed_ = false;
};

}  // namespace cortland
