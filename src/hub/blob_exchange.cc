#include "hub/blob_exchange.h"

#include <charconv>

#include "base/error.h"

namespace cortland {
namespace {

constexpr auto kMostWaiting = std::chrono::minutes(30);

// "bytes 5-99/100"
struct ContentRange {
  uint64_t first = 0, last = 0, total = 0;
};

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  if (!text.starts_with("bytes ")) return std::nullopt;
  const char* at = text.data() + 6;
  const char* const end = text.data() + text.size();
  const auto read = [&](uint64_t& number, std::string_view after) {
    const auto [rest, error] = std::from_chars(at, end, number);
    at = rest;
    if (error != std::errc() || !std::string_view(at, end).starts_with(after)) return false;
    at += after.size();
    return true;
  };
  if (!read(range.first, "-") || !read(range.last, "/") || !read(range.total, "") || at != end) return std::nullopt;
  return range;
}

}  // namespace

bool BlobExchange::is_there(const CacheLayout& layout, const RepositoryFile& file) {
  const std::string path = join_path(layout.blobs(), file.digest);
  return disk().kind(path) == FileKind::file && disk().open(path)->size() == file.size;
}

BlobExchange::BlobExchange(const CacheLayout& layout, const RepositoryFile& file, const std::string& url,
                           const Reports& reports)
    : layout_(layout), file_(file), url_(url), reports_(reports) {
  // Small files come from the Hub itself, with their digest for an ETag.
  if (file_.digest.size() == 40) validator_ = "\"" + file_.digest + "\"";
}

Exchange::Readiness BlobExchange::prepare() {
  if (!lock_) lock_ = FileLock::try_take(layout_.lock(file_.digest));
  if (!lock_) {
    const auto now = std::chrono::steady_clock::now();
    if (!waiting_since_) {
      waiting_since_ = now;
      reports_.note(fmt::format("{} is being downloaded by another program; waiting for it", printable(file_.name)));
    }
    require(now - *waiting_since_ < kMostWaiting, ErrorCode::io,
            "{}: another program has been holding this lock for {} minutes; "
            "hint: end it, then try again",
            layout_.lock(file_.digest), kMostWaiting.count());
    return Readiness::wait;
  }
  is_whole_ = is_there(layout_, file_);
  if (!is_whole_) {
    writer_.emplace(layout_.blobs(), file_, reports_.tick);
    if (writer_->is_full()) finish();
  }
  if (!is_whole_) return Readiness::go;
  release();
  return Readiness::done;
}

HttpRequest BlobExchange::request() {
  return {.url = url_, .offset = writer_->size(), .validator = validator_};
}

void BlobExchange::begin(const HttpReply& reply) {
  is_useful_ = true;
  if (reply.status == 206) {
    const auto range = parse_content_range(reply.header("content-range"));
    is_useful_ = range && range->first == writer_->size() && range->total == file_.size;
    if (!is_useful_) writer_->restart();
  } else {
    if (writer_->size() > 0) writer_->restart();  // the server has no ranges, or the file is another one by now
    const std::string_view length = reply.header("content-length");
    require(length.empty() || length == std::to_string(file_.size), ErrorCode::corrupt,
            "{}: got {} bytes from the server, want {}; hint: a proxy or a login page may be in the way",
            printable(file_.name), printable(length, 30), file_.size);
  }
  const std::string_view etag = reply.header("etag");
  if (etag.starts_with('"')) validator_ = std::string(etag);  // only a strong one vouches for bytes
}

bool BlobExchange::receive(std::span<const std::byte> bytes) {
  if (is_useful_) writer_->append(bytes);
  return is_useful_;
}

bool BlobExchange::end(const HttpReply&) {
  if (!is_useful_ || !writer_->is_full() || !finish()) return false;
  release();
  return true;
}

// Errors: corrupt when the content is wrong for the second time. The first may be the fault of an earlier run's part.
bool BlobExchange::finish() {
  is_whole_ = writer_->finish();
  if (is_whole_) return true;
  constexpr int kMostWrongContents = 2;
  require(++wrong_contents_ < kMostWrongContents, ErrorCode::corrupt,
          "{}: the content is wrong; got {} {}, want {}; hint: what came "
          "was dropped; try again later, or without the proxy that may have changed it",
          printable(file_.name), file_.digest.size() == 64 ? "sha256" : "sha1", writer_->wrong_digest(), file_.digest);
  return false;
}

void BlobExchange::release() {
  writer_.reset();
  lock_.reset();
}

void BlobExchange::refuse_range() { writer_->restart(); }

uint64_t BlobExchange::received() const { return is_whole_ ? file_.size : writer_ ? writer_->size() : 0; }

std::string BlobExchange::state() const { return fmt::format("got {} of {} bytes", received(), file_.size); }

}  // namespace cortland
