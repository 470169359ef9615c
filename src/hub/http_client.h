// Carries exchanges with one Hub: a few at once, over several tries, through redirects.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "hub/http.h"
#include "hub/reference.h"
#include "hub/refusal.h"
#include "hub/settings.h"

namespace cortland {

class HttpClient {
 public:
  static constexpr size_t kParallel = 4;

  // Told before the wait for another try: what was wrong.
  using RetryReport = std::function<void(const std::string& problem, std::chrono::milliseconds delay)>;

  HttpClient(const HubSettings& settings, const HubReference& reference, const RetryReport& report);

  // Until all are done. `tick` is called several times a second; what it throws ends the work. Errors: as refusal.h,
  // and what the exchanges throw.
  void run(std::span<Exchange* const> exchanges, const std::function<void()>& tick);

  // The body of one reply. Errors: as run(); corrupt beyond `limit` bytes.
  std::string fetch_text(const std::string& url, size_t limit, const std::function<void()>& tick);

 private:
  struct Task;
  void launch(Task& task, const HttpRequest& request);
  void settle(Task& task, CURLcode result);
  void follow(Task& task, const std::string& target);
  void retry(Task& task);
  HubRequest describe(const Task& task) const;

  HubSettings settings_;
  HubReference reference_;
  RetryReport report_;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
};

}  // namespace cortland
