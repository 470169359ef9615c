// The licence of a checkpoint, which its package stays under.
#pragma once

#include <string>
#include <vector>

#include "pipeline/source.h"

namespace cortland {

struct Licence {
  std::string id, name, link;      // as a model card has them ("other", "exaone", "LICENSE"); empty when unknown
  std::vector<std::string> files;  // paths of the licence and the notices

  bool is_known() const { return !id.empty() || !files.empty(); }
};

// From the files of a folder and the head of its README.md, or from the metadata of a GGUF file.
Licence read_licence(const FileSystem& files, const SourceModel& source);

}  // namespace cortland
