// One request on its way, carried by libcurl.
#pragma once

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "hub/http.h"
#include "hub/settings.h"

namespace cortland {

// The token goes to the endpoint alone, and over plain http only inside this machine.
bool may_carry_token(const HubSettings& settings, const std::string& url);

class Flight {
 public:
  // Starts at once. `multi`, `settings` and `exchange` must outlive it.
  Flight(CURLM* multi, const HubSettings& settings, const HttpRequest& request, Exchange& exchange);
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight();

  CURL* handle() const { return easy_.get(); }
  // To be called when libcurl says that it is over. Throws what the exchange threw meanwhile.
  void finish(CURLcode result);

  // After finish().
  const HttpReply& reply() const { return reply_; }
  bool is_success() const { return result_ == CURLE_OK && is_wanted(); }  // the body came whole
  bool may_pass() const;                                                   // another try may do better
  std::string problem() const;
  std::optional<int64_t> retry_after() const { return retry_after_; }  // seconds

 private:
  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);
  void set_options(const HubSettings& settings, const HttpRequest& request);
  void set_headers(const HubSettings& settings, const HttpRequest& request);
  void add_header(const std::string& line);
  void read_header(std::string_view line);
  bool read_body(std::span<const std::byte> bytes);
  void begin();
  bool is_wanted() const { return reply_.status == 200 || reply_.status == 206; }

  CURLM* multi_;
  Exchange& exchange_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::string error_;  // filled by libcurl
  HttpReply reply_;
  CURLcode result_ = CURLE_OK;
  std::optional<int64_t> retry_after_;
  uint64_t head_bytes_ = 0, refused_bytes_ = 0;
  bool has_begun_ = false, is_useless_ = false;
  std::exception_ptr thrown_;
};

}  // namespace cortland
