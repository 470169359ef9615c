// Asks for the size and the digest of one file, without its content: the headers X-Repo-Commit, X-Linked-Etag and
// X-Linked-Size of the Hub, or ETag and Content-Length for what it keeps itself.
#pragma once

#include <string>

#include "hub/http.h"
#include "hub/listing.h"

namespace cortland {

class MetadataExchange : public Exchange {
 public:
  // Fills in `file`, which must outlive it. Errors of end(): corrupt.
  MetadataExchange(RepositoryFile& file, const std::string& url, const std::string& commit)
      : target_(file), url_(url), commit_(commit) {}

  HttpRequest request() override { return {.url = url_, .method = HttpMethod::head}; }
  bool follows(const std::string& url) override;  // not to where the content is: only the Hub itself knows the digest
  bool receive(std::span<const std::byte>) override { return true; }
  bool end(const HttpReply& reply) override;
  std::string file() const override { return target_.name; }

 private:
  RepositoryFile& target_;
  std::string url_, commit_;
};

}  // namespace cortland
