// Brings one file of a repository into the cache.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "hub/blob_writer.h"
#include "hub/cache.h"
#include "hub/file_lock.h"
#include "hub/http.h"

namespace cortland {

class BlobExchange : public Exchange {
 public:
  // `note` tells what the user may wonder about. Both functions may throw to stop. All must outlive it.
  struct Reports {
    std::function<void()> tick;
    std::function<void(const std::string&)> note;
  };

  // Whether the cache has the whole file: the name of a blob says what is in it.
  static bool is_there(const CacheLayout& layout, const RepositoryFile& file);

  BlobExchange(const CacheLayout& layout, const RepositoryFile& file, const std::string& url, const Reports& reports);

  Readiness prepare() override;
  HttpRequest request() override;
  void begin(const HttpReply& reply) override;
  bool receive(std::span<const std::byte> bytes) override;
  bool end(const HttpReply& reply) override;
  void refuse_range() override;
  uint64_t received() const override;
  std::string file() const override { return file_.name; }
  std::string state() const override;

 private:
  bool finish();
  void release();

  const CacheLayout& layout_;
  RepositoryFile file_;
  std::string url_, validator_;
  const Reports& reports_;
  std::optional<FileLock> lock_;
  std::optional<std::chrono::steady_clock::time_point> waiting_since_;
  std::optional<BlobWriter> writer_;
  bool is_useful_ = true;  // the reply that is being received
  bool is_whole_ = false;
  int wrong_contents_ = 0;
};

}  // namespace cortland
