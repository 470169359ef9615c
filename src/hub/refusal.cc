#include "hub/refusal.h"

#include "base/error.h"
#include "hub/url.h"

namespace cortland {
namespace {

std::string tries_text(int tries) { return tries > 1 ? fmt::format(" after {} tries", tries) : ""; }

[[noreturn]] void fail_gated(const HubRequest& request, const HttpReply& reply) {
  fail(ErrorCode::not_found,
       "{}: is gated: its authors give it to those who accept their conditions; got status {} (GatedRepo), "
       "want access; hint: accept them at {}/{}, then {}",
       request.reference.id, reply.status, request.endpoint, request.reference.id,
       request.has_token ? "use the token of that account" : "set HF_TOKEN to a token of that account");
}

[[noreturn]] void fail_absent(const HubRequest& request, const HttpReply& reply) {
  // The Hub does not tell strangers which private repositories there are.
  fail(ErrorCode::not_found,
       "{}: there is no such model, or it is private; got status {}, want a model of {}; hint: check the "
       "spelling{}",
       request.reference.id, reply.status, request.endpoint,
       request.has_token ? ", and whether the token is valid and may read it" : ", or set HF_TOKEN if it is private");
}

[[noreturn]] void fail_limited(const HubRequest& request, std::optional<int64_t> retry_after, int tries) {
  const std::string when = retry_after && *retry_after > 0 ? fmt::format("try again in {} seconds", *retry_after)
                                                            : std::string("try again later");
  fail(ErrorCode::io, "{}: the Hub limits how often it may be asked; got status 429{}; hint: {}{}",
       request.reference.id, tries_text(tries), when,
       request.has_token ? "" : ", or set HF_TOKEN: with a token the limits are wider");
}

}  // namespace

void fail_refused(const HubRequest& request, const HttpReply& reply, std::optional<int64_t> retry_after, int tries) {
  const std::string& id = request.reference.id;
  const std::string_view code = reply.header("x-error-code");
  const std::string said = printable(reply.header("x-error-message"), 200);
  if (code == "GatedRepo") fail_gated(request, reply);
  if (code == "RepoNotFound") fail_absent(request, reply);
  require(code != "RevisionNotFound", ErrorCode::not_found,
          "{}: has no revision {}; got status {}; hint: {}/{}/tree/main lists "
          "branches and tags",
          id, request.reference.revision, reply.status, request.endpoint, id);
  require(code != "EntryNotFound", ErrorCode::not_found, "{}: has no file {} at this revision; got status {}", id,
          printable(request.file), reply.status);
  if (reply.status == 429) fail_limited(request, retry_after, tries);
  require(reply.status != 403, ErrorCode::not_found,
          "{}: the Hub forbids access; got status 403{}{}; hint: look at {}/{}", id, said.empty() ? "" : ", ", said,
          request.endpoint, id);
  if (reply.status == 401 || (reply.status == 404 && request.file.empty())) fail_absent(request, reply);
  require(reply.status >= 500, ErrorCode::io, "{}: {}: got status {}{}{}{}, want the file; hint: check HF_ENDPOINT", id,
          shown_url(reply.url), reply.status, tries_text(tries), said.empty() ? "" : ", ", said);
  fail(ErrorCode::io, "{}: {}: the Hub is out of order; got status {}{}; hint: try again later", id,
       shown_url(reply.url), reply.status, tries_text(tries));
}

void fail_connection(const HubRequest& request, const std::string& url, const std::string& problem,
                     const std::string& state, int tries) {
  fail(ErrorCode::io, "{}: {}: {}{}{}{}; hint: check the network; the same command goes on from here",
       request.reference.id, shown_url(url), printable(problem, 200), tries_text(tries), state.empty() ? "" : "; ",
       state);
}

}  // namespace cortland
