#include "hub/flight.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "hub/ascii.h"
#include "hub/url.h"

namespace cortland {
namespace {

constexpr uint64_t kMaxHead = 128 << 10;    // bytes of headers
constexpr uint64_t kMaxRefusal = 1 << 20;   // bytes of a body that explains a refusal
constexpr long kLeastSpeed = 1000;          // bytes a second

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  require(curl_easy_setopt(easy, option, value) == CURLE_OK, ErrorCode::io, "libcurl does not know its option {}",
          static_cast<int>(option));
}

}  // namespace

bool may_carry_token(const HubSettings& settings, const std::string& url) {
  return !settings.token.empty() && origin_of(url) == origin_of(settings.endpoint) &&
         (url.starts_with("https://") || is_loopback(url));
}

Flight::Flight(CURLM* multi, const HubSettings& settings, const HttpRequest& request, Exchange& exchange)
    : multi_(multi),
      exchange_(exchange),
      headers_(nullptr, &curl_slist_free_all),
      easy_(curl_easy_init(), &curl_easy_cleanup),
      error_(CURL_ERROR_SIZE, '\0') {
  require(easy_ != nullptr, ErrorCode::io, "libcurl cannot start");
  reply_.url = request.url;
  set_options(settings, request);
  set_headers(settings, request);
  require(curl_multi_add_handle(multi_, easy_.get()) == CURLM_OK, ErrorCode::io,
          "libcurl cannot start another request");
}

Flight::~Flight() { curl_multi_remove_handle(multi_, easy_.get()); }

void Flight::set_options(const HubSettings& settings, const HttpRequest& request) {
  CURL* easy = easy_.get();
  const auto patience = static_cast<long>(settings.patience.count());
  set(easy, CURLOPT_URL, request.url.c_str());
  // Who asks a server by https is never led to one without.
  set(easy, CURLOPT_PROTOCOLS_STR, settings.endpoint.starts_with("http://") ? "http,https" : "https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);  // so that we decide who gets the token
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT, patience);
  set(easy, CURLOPT_LOW_SPEED_LIMIT, kLeastSpeed);
  set(easy, CURLOPT_LOW_SPEED_TIME, patience);
  set(easy, CURLOPT_TIMEOUT, request.time_limit);
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  set(easy, CURLOPT_ERRORBUFFER, error_.data());
  set(easy, CURLOPT_HEADERFUNCTION, &Flight::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, &Flight::on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (!settings.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (request.method == HttpMethod::head) set(easy, CURLOPT_NOBODY, 1L);
  if (request.offset > 0) set(easy, CURLOPT_RANGE, fmt::format("{}-", request.offset).c_str());
}

void Flight::set_headers(const HubSettings& settings, const HttpRequest& request) {
  add_header("User-Agent: cortland");
  add_header("Accept-Encoding: identity");  // sizes and ranges are those of the file itself
  if (may_carry_token(settings, request.url)) add_header("Authorization: Bearer " + settings.token);
  if (request.offset > 0 && !request.validator.empty()) add_header("If-Range: " + request.validator);
  set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void Flight::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  headers_.release();
  headers_.reset(longer);
}

// Exceptions must not pass through libcurl: they wait for finish().
size_t Flight::on_header(char* data, size_t size, size_t count, void* self) {
  auto& flight = *static_cast<Flight*>(self);
  try {
    flight.read_header({data, size * count});
    return size * count;
  } catch (...) {
    flight.thrown_ = std::current_exception();
    return 0;
  }
}

size_t Flight::on_body(char* data, size_t size, size_t count, void* self) {
  auto& flight = *static_cast<Flight*>(self);
  try {
    return flight.read_body(std::as_bytes(std::span(data, size * count))) ? size * count : 0;
  } catch (...) {
    flight.thrown_ = std::current_exception();
    return 0;
  }
}

void Flight::read_header(std::string_view line) {
  head_bytes_ += line.size();
  require(head_bytes_ <= kMaxHead, ErrorCode::corrupt, "{}: the reply has more than {} bytes of headers",
          shown_url(reply_.url), kMaxHead);
  if (line.starts_with("HTTP/")) {  // a reply of status 1xx may have come before
    reply_.headers.clear();
    reply_.status = 0;
    line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    std::from_chars(line.data(), line.data() + line.size(), reply_.status);
    return;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  reply_.headers[lower_case(line.substr(0, colon))] = std::string(trimmed(line.substr(colon + 1)));
}

bool Flight::read_body(std::span<const std::byte> bytes) {
  if (is_wanted()) {
    if (!has_begun_) begin();
    is_useless_ = !exchange_.receive(bytes);
    return !is_useless_;
  }
  refused_bytes_ += bytes.size();
  return refused_bytes_ <= kMaxRefusal;
}

void Flight::begin() {
  has_begun_ = true;
  exchange_.begin(reply_);
}

void Flight::finish(CURLcode result) {
  if (thrown_) std::rethrow_exception(thrown_);
  result_ = result;
  curl_off_t seconds = 0;
  if (!reply_.header("retry-after").empty() &&
      curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK) {
    retry_after_ = seconds;
  }
  if (is_success() && !has_begun_) begin();
}

bool Flight::may_pass() const {
  if (is_useless_) return true;
  if (reply_.status != 0 && !is_wanted()) {
    constexpr long kPassing[] = {408, 416, 429, 500, 502, 503, 504};
    return std::find(std::begin(kPassing), std::end(kPassing), reply_.status) != std::end(kPassing);
  }
  switch (result_) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
  }
}

std::string Flight::problem() const {
  switch (result_) {
    case CURLE_OK: return "the reply was not what was announced";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return "the name of the server cannot be found";
    case CURLE_COULDNT_CONNECT: return "the server cannot be reached";
    case CURLE_OPERATION_TIMEDOUT:
      if (reply_.status == 0) return "the server does not answer";
      return fmt::format("the server is too slow: less than {} bytes a second", kLeastSpeed);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("the certificate of the server is not trusted ({})", error_.c_str());
    case CURLE_WRITE_ERROR: return "the reply was of no use";
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING: return "the connection was cut";
    default: {
      const std::string detail = error_.c_str();
      return detail.empty() ? curl_easy_strerror(result_) : detail;
    }
  }
}

}  // namespace cortland
