// Why the Hub did not give what was asked for, in one sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hub/http.h"
#include "hub/reference.h"

namespace cortland {

// What was asked for.
struct HubRequest {
  HubReference reference;
  std::string endpoint;
  std::string file;  // of the repository; empty: the repository itself
  bool has_token = false;
};

// A reply with a status that is no success, after `tries`. Errors: not_found for what is not there or closed to the
// caller, io for what may be better later.
[[noreturn]] void fail_refused(const HubRequest& request, const HttpReply& reply, std::optional<int64_t> retry_after,
                               int tries);

// No reply, or one that broke off: `problem` is what the connection died of, `state` how far it came. Errors: io.
[[noreturn]] void fail_connection(const HubRequest& request, const std::string& url, const std::string& problem,
                                  const std::string& state, int tries);

}  // namespace cortland
