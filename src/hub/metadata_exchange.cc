#include "hub/metadata_exchange.h"

#include <charconv>

#include "base/error.h"
#include "hub/url.h"

namespace cortland {
namespace {

// W/"abc" -> abc
std::string plain_etag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

}  // namespace

bool MetadataExchange::follows(const std::string& url) { return origin_of(url) == origin_of(url_); }

bool MetadataExchange::end(const HttpReply& reply) {
  const std::string where = shown_url(url_);
  const std::string_view commit = reply.header("x-repo-commit");
  require(commit == commit_, ErrorCode::corrupt,
          "{}: X-Repo-Commit: got \"{}\", want {}; hint: is HF_ENDPOINT a mirror of the Hub?", where, printable(commit),
          commit_);
  const bool is_linked = !reply.header("x-linked-etag").empty();
  target_.digest = plain_etag(reply.header(is_linked ? "x-linked-etag" : "etag"));
  require(is_blob_digest(target_.digest), ErrorCode::corrupt, "{}: ETag: got \"{}\", want 40 or 64 hexadecimal digits",
          where, printable(target_.digest));
  const std::string_view size = reply.header(is_linked ? "x-linked-size" : "content-length");
  const auto [rest, error] = std::from_chars(size.data(), size.data() + size.size(), target_.size);
  require(error == std::errc() && rest == size.data() + size.size() && target_.size <= kMaxRepositoryFile,
          ErrorCode::corrupt, "{}: the size is \"{}\", want 0 to {} bytes", where, printable(size, 30),
          kMaxRepositoryFile);
  return true;
}

}  // namespace cortland
