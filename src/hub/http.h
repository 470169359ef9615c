// What is asked over HTTP and what comes back, independent of the library that carries it.
#pragma once

#include <cstdint>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace cortland {

enum class HttpMethod { get, head };

struct HttpRequest {
  std::string url = {};
  HttpMethod method = HttpMethod::get;
  uint64_t offset = 0;    // asks for the bytes from here on
  std::string validator = {};  // the ETag of the bytes before them, where it is known
  long time_limit = 0;    // seconds for the whole reply; 0: as long as it moves
};

struct HttpReply {
  long status = 0;  // 0: none came
  std::string url;  // that gave it, after redirects
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case

  std::string_view header(std::string_view name) const {
    const auto it = headers.find(name);
    return it == headers.end() ? std::string_view() : it->second;
  }
};

// What the caller wants from a server, over as many tries as it takes.
class Exchange {
 public:
  enum class Readiness { wait, go, done };

  virtual ~Exchange() = default;
  // Asked before it starts: `wait` is asked again later, `done` needs no server.
  virtual Readiness prepare() { return Readiness::go; }
  // Asked before every try.
  virtual HttpRequest request() = 0;
  // Whether a redirect to `url` is followed. If not, the redirect itself is the reply.
  virtual bool follows(const std::string& /*url*/) { return true; }
  // The head of a reply of status 200 or 206; then its body.
  virtual void begin(const HttpReply&) {}
  // False: this reply is of no use, another try may be.
  virtual bool receive(std::span<const std::byte> bytes) = 0;
  // The reply is complete. False: something was wrong with it and another try makes sense.
  virtual bool end(const HttpReply& reply) = 0;
  // The server has nothing from the offset on (status 416).
  virtual void refuse_range() {}
  // Bytes so far: who gets on is tried longer.
  virtual uint64_t received() const { return 0; }
  // For messages: the file of the repository, and how far it came; empty when that says nothing.
  virtual std::string file() const { return ""; }
  virtual std::string state() const { return ""; }
};

}  // namespace cortland
