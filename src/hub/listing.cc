#include "hub/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "hub/ascii.h"
#include "hub/reference.h"

namespace cortland {
namespace {

uint64_t read_size(const Json& value, const std::string& where) {
  const int64_t size = json_int(value, where);
  require(size >= 0 && static_cast<uint64_t>(size) <= kMaxRepositoryFile, ErrorCode::corrupt,
          "{}: got {}, want 0 to {} bytes", where, size, kMaxRepositoryFile);
  return static_cast<uint64_t>(size);
}

std::string read_digest(const Json& value, const std::string& where) {
  std::string digest = json_string(value, where);
  require(is_blob_digest(digest), ErrorCode::corrupt, "{}: got \"{}\", want 40 or 64 hexadecimal digits", where,
          printable(digest));
  return digest;
}

RepositoryFile read_file(const Json& entry, const std::string& where) {
  RepositoryFile file;
  file.name = json_string(json_member(entry, "rfilename", where), where + ".rfilename");
  require(is_safe_file_name(file.name), ErrorCode::corrupt,
          "{}.rfilename: got \"{}\", want the name of a file below the folder of the model", where,
          printable(file.name));
  const auto lfs = entry.find("lfs");
  if (lfs != entry.end() && lfs->is_object()) {
    file.digest = read_digest(json_member(*lfs, "sha256", where + ".lfs"), where + ".lfs.sha256");
    file.size = read_size(json_member(*lfs, "size", where + ".lfs"), where + ".lfs.size");
  } else if (entry.contains("blobId") && entry.contains("size")) {
    file.digest = read_digest(entry["blobId"], where + ".blobId");
    file.size = read_size(entry["size"], where + ".size");
  }
  return file;
}

}  // namespace

const RepositoryFile* Listing::find(std::string_view name) const {
  const auto it =
      std::find_if(files.begin(), files.end(), [&](const RepositoryFile& file) { return file.name == name; });
  return it == files.end() ? nullptr : &*it;
}

bool is_safe_file_name(std::string_view name) {
  constexpr size_t kMaxPart = 255, kMaxName = 1024;
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; };
  if (name.size() > kMaxName || std::any_of(name.begin(), name.end(), is_bad)) return false;
  for (size_t begin = 0; begin <= name.size();) {
    const std::string_view part = name.substr(begin, name.find('/', begin) - begin);
    if (part.empty() || part == "." || part == ".." || part.size() > kMaxPart) return false;
    begin += part.size() + 1;
  }
  return true;
}

bool is_blob_digest(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && is_hexadecimal(text);
}

Listing parse_listing(std::string_view text, const std::string& where) {
  const Json reply = parse_json(text, where);
  Listing listing;
  listing.commit = json_string(json_member(reply, "sha", where), where + ": sha");
  require(is_commit(listing.commit), ErrorCode::corrupt, "{}: sha: got \"{}\", want a commit of 40 hexadecimal digits",
          where, printable(listing.commit));
  const Json& siblings = json_member(reply, "siblings", where);
  require(siblings.is_array(), ErrorCode::corrupt, "{}: siblings: want a list of files", where);
  for (size_t i = 0; i < siblings.size(); ++i) {
    listing.files.push_back(read_file(siblings[i], fmt::format("{}: siblings[{}]", where, i)));
  }
  return listing;
}

}  // namespace cortland
