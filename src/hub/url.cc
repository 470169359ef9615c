#include "hub/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "hub/ascii.h"

namespace cortland {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parse(const std::string& text) {
  Url url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) url.reset();
  return url;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

std::string encode(std::string_view text, std::string_view kept) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string encode_segment(std::string_view text) { return encode(text, "-_.~"); }
std::string encode_path(std::string_view text) { return encode(text, "-_.~/"); }

std::string origin_of(const std::string& url) {
  const Url parsed = parse(url);
  const std::string scheme = lower_case(part(parsed, CURLUPART_SCHEME));
  const std::string host = lower_case(part(parsed, CURLUPART_HOST));
  if ((scheme != "https" && scheme != "http") || host.empty()) return "";
  return scheme + "://" + host + ":" + part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

bool is_loopback(const std::string& url) {
  const std::string host = lower_case(part(parse(url), CURLUPART_HOST));
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

std::string resolve_location(const std::string& url, const std::string& location) {
  const Url base = parse(url);
  if (!base || curl_url_set(base.get(), CURLUPART_URL, location.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK) return "";
  curl_url_set(base.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return part(base, CURLUPART_URL);
}

std::string shown_url(std::string_view url) { return printable(url.substr(0, url.find_first_of("?#")), 300); }

}  // namespace cortland
