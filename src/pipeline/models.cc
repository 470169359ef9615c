#include "pipeline/models.h"

#include "model/families.h"

namespace cortland {

std::vector<KnownModel> known_models() {
  std::vector<KnownModel> list;
  for (const std::string& name : family_names()) list.push_back({name, ""});
  for (const auto& [name, reason] : refused_families()) list.push_back({std::string(name), std::string(reason)});
  return list;
}

}  // namespace cortland
