#include "hub/http_client.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "base/error.h"
#include "hub/backoff.h"
#include "hub/flight.h"
#include "hub/url.h"

namespace cortland {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxRedirects = 8, kPollMilliseconds = 100;

bool is_redirect(const HttpReply& reply) {
  constexpr long kRedirects[] = {301, 302, 303, 307, 308};
  return std::find(std::begin(kRedirects), std::end(kRedirects), reply.status) != std::end(kRedirects) &&
         !reply.header("location").empty();
}

CURLM* start_library() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  require(started, ErrorCode::io, "libcurl cannot start");
  return curl_multi_init();
}

class TextExchange : public Exchange {
 public:
  TextExchange(const std::string& url, size_t limit) : url_(url), limit_(limit) {}
  HttpRequest request() override {
    HttpRequest request{.url = url_};
    request.time_limit = 120;
    return request;
  }
  void begin(const HttpReply&) override { text_.clear(); }
  bool receive(std::span<const std::byte> bytes) override {
    require(bytes.size() <= limit_ - text_.size(), ErrorCode::corrupt,
            "{}: the reply is too long; want {} bytes at the most", shown_url(url_), limit_);
    text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  bool end(const HttpReply&) override { return true; }
  std::string take() { return std::move(text_); }

 private:
  std::string url_;
  size_t limit_;
  std::string text_;
};

}  // namespace

struct HttpClient::Task {
  Exchange* exchange;
  Backoff backoff = {};
  std::optional<Flight> flight = {};
  HttpRequest request = {};  // of the flight
  Clock::time_point due = {};
  int redirects = 0;
  bool is_prepared = false, is_done = false;
};

HttpClient::HttpClient(const HubSettings& settings, const HubReference& reference, const RetryReport& report)
    : settings_(settings), reference_(reference), report_(report), multi_(start_library(), &curl_multi_cleanup) {
  require(multi_ != nullptr, ErrorCode::io, "libcurl cannot start");
  // With a connection each, several files come faster than through a shared one.
  curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

void HttpClient::run(std::span<Exchange* const> exchanges, const std::function<void()>& tick) {
  std::vector<std::unique_ptr<Task>> tasks;
  size_t next = 0;
  while (next < exchanges.size() || !tasks.empty()) {
    while (next < exchanges.size() && tasks.size() < kParallel) {
      tasks.push_back(std::make_unique<Task>(exchanges[next++]));
    }
    for (const auto& task : tasks) {
      if (task->flight || Clock::now() < task->due) continue;
      if (!task->is_prepared) {
        const Exchange::Readiness readiness = task->exchange->prepare();
        task->is_done = readiness == Exchange::Readiness::done;
        task->is_prepared = readiness == Exchange::Readiness::go;
      }
      if (task->is_prepared) launch(*task, task->exchange->request());
    }
    int running = 0;
    require(curl_multi_perform(multi_.get(), &running) == CURLM_OK, ErrorCode::io, "libcurl failed");
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      const auto is_its = [&](const auto& task) {
        return task->flight && task->flight->handle() == message->easy_handle;
      };
      const auto task = std::find_if(tasks.begin(), tasks.end(), is_its);
      if (task != tasks.end()) settle(**task, message->data.result);
    }
    const size_t before = tasks.size();
    std::erase_if(tasks, [](const auto& task) { return task->is_done; });
    tick();
    if (tasks.size() == before) curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
  }
}

std::string HttpClient::fetch_text(const std::string& url, size_t limit, const std::function<void()>& tick) {
  TextExchange exchange(url, limit);
  Exchange* const exchanges[] = {&exchange};
  run(exchanges, tick);
  return exchange.take();
}

HubRequest HttpClient::describe(const Task& task) const {
  return {reference_, settings_.endpoint, task.exchange->file(), !settings_.token.empty()};
}

void HttpClient::launch(Task& task, const HttpRequest& request) {
  task.request = request;
  task.flight.emplace(multi_.get(), settings_, task.request, *task.exchange);
}

void HttpClient::settle(Task& task, CURLcode result) {
  Flight& flight = *task.flight;
  flight.finish(result);
  const HttpReply& reply = flight.reply();
  if (is_redirect(reply)) {
    const std::string target = resolve_location(reply.url, std::string(reply.header("location")));
    if (task.exchange->follows(target)) return follow(task, target);
    task.is_done = task.exchange->end(reply);
  } else if (flight.is_success()) {
    task.is_done = task.exchange->end(reply);
  } else if (reply.status == 416) {
    task.exchange->refuse_range();
  }
  if (task.is_done) {
    task.flight.reset();
  } else {
    retry(task);
  }
}

void HttpClient::follow(Task& task, const std::string& target) {
  const std::string from = shown_url(task.request.url);
  require(!origin_of(target).empty(), ErrorCode::corrupt, "{}: leads to {}, want an address of http or https", from,
          shown_url(task.flight->reply().header("location")));
  require(target.starts_with("https://") || settings_.endpoint.starts_with("http://"), ErrorCode::corrupt,
          "{}: leads to {}, want https", from, shown_url(target));
  require(++task.redirects <= kMaxRedirects, ErrorCode::corrupt, "{}: leads on and on; want {} redirects at the most",
          from, kMaxRedirects);
  HttpRequest request = task.request;
  request.url = target;
  launch(task, request);
}

void HttpClient::retry(Task& task) {
  const Flight& flight = *task.flight;
  const HttpReply& reply = flight.reply();
  // The address of a file on another server is signed, and the signature runs out: the Hub gives a new one.
  const bool ran_out = reply.status == 403 && task.redirects > 0;
  const auto delay = flight.may_pass() || ran_out ? task.backoff.next(task.exchange->received(), flight.retry_after())
                                                  : std::nullopt;
  if (!delay) {
    const int tries = std::max(task.backoff.failures(), 1);
    if (reply.status >= 300) fail_refused(describe(task), reply, flight.retry_after(), tries);
    fail_connection(describe(task), reply.url, flight.problem(), task.exchange->state(), tries);
  }
  report_(fmt::format("{}: {}", shown_url(reply.url),
                      reply.status >= 300 ? fmt::format("status {}", reply.status) : flight.problem()),
          *delay);
  task.flight.reset();
  task.redirects = 0;
  task.due = Clock::now() + *delay;
}

}  // namespace cortland
