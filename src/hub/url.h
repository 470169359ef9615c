// Addresses: built, taken apart and shown.
#pragma once

#include <string>
#include <string_view>

namespace cortland {

// Percent-encodes all but letters, digits, '-', '_', '.' and '~'. encode_path() keeps '/' too.
std::string encode_segment(std::string_view text);
std::string encode_path(std::string_view text);

// "https://host:443", in lower case: who gets what is sent there. Empty for what is no http or https address, or
// carries a user name.
std::string origin_of(const std::string& url);

// Whether it leaves this machine neither by name nor by number: localhost, 127.0.0.1, [::1].
bool is_loopback(const std::string& url);

// `location` as a reply to `url` means it; empty when it is no address.
std::string resolve_location(const std::string& url, const std::string& location);

// Without the query, where signatures are, and printable.
std::string shown_url(std::string_view url);

}  // namespace cortland
