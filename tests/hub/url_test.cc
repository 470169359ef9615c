#include "hub/url.h"

#include <gtest/gtest.h>

#include "hub/flight.h"

namespace cortland {
namespace {

TEST(Url, Encoding) {
  EXPECT_EQ(encode_segment("refs/pr/1"), "refs%2Fpr%2F1");
  EXPECT_EQ(encode_path("a b/c?#%.txt~"), "a%20b/c%3F%23%25.txt~");
  EXPECT_EQ(encode_path("\xea\xb0\x80"), "%EA%B0%80");
}

TEST(Url, Origins) {
  EXPECT_EQ(origin_of("https://HuggingFace.co/a?b"), "https://huggingface.co:443");
  EXPECT_EQ(origin_of("HTTP://x:81"), "http://x:81");
  EXPECT_EQ(origin_of("https://x:443/"), origin_of("https://x"));
  EXPECT_NE(origin_of("http://x"), origin_of("https://x"));
  EXPECT_NE(origin_of("https://x.y"), origin_of("https://y"));
  for (const char* bad : {"", "x", "file:///etc", "ftp://x", "https://u:p@x/", "https://u@x", "//x"})
    EXPECT_EQ(origin_of(bad), "") << bad;
}

TEST(Url, Loopback) {
  for (const char* url : {"http://localhost:1/", "http://127.0.0.1", "http://[::1]:8/"})
    EXPECT_TRUE(is_loopback(url)) << url;
  for (const char* url : {"http://localhost.evil", "http://127.0.0.1.evil", "http://x/localhost", "localhost:x", ""}) {
    EXPECT_FALSE(is_loopback(url)) << url;
  }
}

TEST(Url, Locations) {
  EXPECT_EQ(resolve_location("https://a/b/c?d", "/e"), "https://a/e");
  EXPECT_EQ(resolve_location("https://a/b/c", "d"), "https://a/b/d");
  EXPECT_EQ(resolve_location("https://a/b", "http://c/d?e#f"), "http://c/d?e");
  EXPECT_EQ(resolve_location("https://a/b", "//c/d"), "https://c/d");
  EXPECT_EQ(resolve_location("https://a/b", "https://user@c/"), "");
}

TEST(Url, SignaturesAreNotShown) {
  EXPECT_EQ(shown_url("https://a/b?X-Signature=secret"), "https://a/b");
  EXPECT_EQ(shown_url("https://a/\x1b[31m"), "https://a/\\x1b[31m");
}

TEST(Token, GoesToTheEndpointAlone) {
  HubSettings settings;
  settings.token = "hf_x";
  EXPECT_TRUE(may_carry_token(settings, "https://huggingface.co/a/resolve/b"));
  for (const char* url :
       {"http://huggingface.co/a", "https://huggingface.co:444/a", "https://cdn.huggingface.co/a",
        "https://huggingface.co.evil/a", "https://huggingface.co@evil/a", "https://evil/huggingface.co"}) {
    EXPECT_FALSE(may_carry_token(settings, url)) << url;
  }
  // Without encryption only inside this machine.
  settings.endpoint = "http://mirror";
  EXPECT_FALSE(may_carry_token(settings, "http://mirror/a"));
  settings.endpoint = "http://127.0.0.1:8000";
  EXPECT_TRUE(may_carry_token(settings, "http://127.0.0.1:8000/a"));
  EXPECT_FALSE(may_carry_token(settings, "http://127.0.0.1:8001/a"));
  EXPECT_FALSE(may_carry_token(settings, "http://localhost:8000/a"));
  settings.token = "";
  EXPECT_FALSE(may_carry_token(settings, "http://127.0.0.1:8000/a"));
}

}  // namespace
}  // namespace cortland
