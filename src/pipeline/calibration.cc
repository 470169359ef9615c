#include "pipeline/calibration.h"

#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"
#include "pipeline/unwrap.h"
#include "pipeline/verify.h"
#include "tensor/matmul.h"
#include "text/text_file.h"
#include "text/tokenizer.h"

namespace cortland {
namespace {

constexpr size_t kPieceTokens = 512;
constexpr size_t kFewestPieces = 8;
constexpr size_t kHeldOut = 4;  // one piece of so many
constexpr size_t kFewestTokens = 64;

std::vector<int32_t> encode(const std::string& text, std::string_view text_file) {
  const text::TextFile file = unwrap(text::read_text_file(std::as_bytes(std::span(text_file))), ErrorCode::corrupt);
  const text::Tokenizer tokenizer = unwrap(text::Tokenizer::load(file.tokenizer), ErrorCode::corrupt);
  return unwrap(tokenizer.encode(text, {.add_special_tokens = true}), ErrorCode::invalid);
}

}  // namespace

std::vector<int32_t> read_calibration_ids(const FileSystem& files, const CalibrationOptions& options,
                                          std::string_view text_file) {
  const std::string text = files.read_text(options.file);
  const bool has_ids = options.file.ends_with(".ids") || options.file.ends_with(".json");
  require(
      has_ids || !text_file.empty(), ErrorCode::invalid,
      "--calibrate {}: the checkpoint has no tokenizer that can be read, want ids; hint: a file of ids ends in .ids or .json",
      printable(options.file));
  std::vector<int32_t> ids = has_ids ? parse_ids(text, options.file) : encode(text, text_file);
  require(ids.size() >= kFewestTokens, ErrorCode::invalid,
          "--calibrate {}: got {} tokens, want at least {}; hint: some thousand are better", printable(options.file),
          ids.size(), kFewestTokens);
  ids.resize(std::min(ids.size(), static_cast<size_t>(options.tokens)));
  return ids;
}

Calibration::Calibration(const ModelSpec& spec, const Weights& weights, int64_t context,
                         const std::vector<int32_t>& ids, size_t widest)
    : spec_(spec), widest_(widest), reference_(spec, weights, context) {
  const size_t size =
      std::min({kPieceTokens, static_cast<size_t>(context), (ids.size() + kFewestPieces - 1) / kFewestPieces});
  for (size_t first = 0; first < ids.size(); first += size) {
    pieces_.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(first),
                         ids.begin() + static_cast<std::ptrdiff_t>(std::min(first + size, ids.size())));
  }
  begin();
}

std::optional<Calibration::Site> Calibration::site_of(Role role) {
  switch (role) {
    case Role::query:
    case Role::key:
    case Role::value: return Site::attention;
    case Role::attention_output: return Site::attention_output;
    case Role::gate:
    case Role::up: return Site::mlp;
    case Role::down: return Site::down;
    case Role::embedding:  // of a tied head
    case Role::head: return Site::head;
    default: return std::nullopt;
  }
}

void Calibration::begin() const {
  inputs_.clear();
  streams_.clear();
  for (const auto& piece : pieces_) streams_.push_back(reference_.begin(piece));
  next_ = 0;
}

void Calibration::add(Inputs& inputs, std::span<const float> x, int64_t width, bool is_held_out) const {
  const auto n = static_cast<size_t>(width), tokens = x.size() / n;
  InputMoments& moments = inputs.moments;
  if (is_held_out) {
    moments.held_out.insert(moments.held_out.end(), x.begin(), x.end());
    return;
  }
  inputs.sums.resize(n);
  for (size_t i = 0; i < x.size(); ++i) inputs.sums[i % n] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  inputs.tokens += static_cast<int64_t>(tokens);
  moments.ranges = split_columns(n, widest_);
  moments.products.resize(moments.ranges.size());
  std::vector<float> columns(x.size());  // [n, tokens]
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t j = 0; j < n; ++j) columns[j * tokens + t] = x[t * n + j];
  }
  constexpr size_t kTile = 64;
  for (size_t r = 0; r < moments.ranges.size(); ++r) {
    const size_t side = moments.ranges[r].width;
    const float* const of_range = columns.data() + moments.ranges[r].first * tokens;
    std::vector<float>& products = moments.products[r];
    products.resize(side * side);
    parallel_for((side + kTile - 1) / kTile, 1, [&](size_t begin, size_t end) {
      for (size_t first = begin * kTile; first < std::min(end * kTile, side); first += kTile) {
        const size_t rows = std::min(kTile, side - first);
        std::vector<float> part(rows * side);
        matmul(of_range + first * tokens, Storage::plain, of_range, Storage::transposed, static_cast<int64_t>(rows),
               static_cast<int64_t>(side), static_cast<int64_t>(tokens), part.data());
        for (size_t i = 0; i < part.size(); ++i) products[first * side + i] += part[i];
      }
    });
  }
}

void Calibration::pass_next() const {
  const bool is_head = next_ == static_cast<int64_t>(spec_.layers.size());
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const bool is_held_out = i % kHeldOut == kHeldOut - 1;
    const auto tokens = static_cast<int64_t>(pieces_[i].size());
    const auto see = [&](const ParameterId& weight, std::span<const float> x, std::span<const float>) {
      // Of those that read the same, one tells what it is.
      if (weight.role == Role::key || weight.role == Role::value || weight.role == Role::gate) return;
      if (const auto site = site_of(weight.role)) {
        add(inputs_[{next_, *site}], x, static_cast<int64_t>(x.size()) / tokens, is_held_out);
      }
    };
    is_head ? see({Role::head}, reference_.head_input(streams_[i]), {})
            : reference_.pass_layer(static_cast<size_t>(next_), streams_[i], see);
  }
  for (auto it = inputs_.lower_bound({next_, Site{}}); it != inputs_.end(); ++it) {
    Inputs& inputs = it->second;
    const auto count = static_cast<double>(inputs.tokens);
    for (const double sum : inputs.sums) inputs.moments.energy.push_back(static_cast<float>(sum / count));
    for (std::vector<float>& products : inputs.moments.products) {
      for (float& product : products) product = static_cast<float>(static_cast<double>(product) / count);
    }
  }
  ++next_;
  const Place oldest{next_ - 2, Site{}};
  inputs_.erase(inputs_.begin(), inputs_.lower_bound(oldest));
  const std::lock_guard lock(finding_);
  statistics_.erase(statistics_.begin(), statistics_.lower_bound(oldest));
}

std::optional<Calibration::Place> Calibration::place_of(const ParameterId& weight) const {
  const std::optional<Site> site = site_of(weight.role);
  if (!site) return std::nullopt;
  return Place{*site == Site::head ? static_cast<int64_t>(spec_.layers.size()) : weight.layer, *site};
}

std::shared_ptr<const InputStatistics> Calibration::find(const Place& place) const {
  const std::lock_guard lock(finding_);
  const auto it = statistics_.find(place);
  return it == statistics_.end() ? nullptr : it->second;
}

std::shared_ptr<const InputStatistics> Calibration::statistics(const ParameterId& weight,
                                                               std::span<const float> divisors) const {
  const std::optional<Place> place = place_of(weight);
  if (!place) return nullptr;
  if (auto known = find(*place)) return known;
  const std::lock_guard passing(passing_);
  if (auto known = find(*place)) return known;
  if (place->first < next_ && inputs_.count(*place) == 0) begin();
  while (next_ <= place->first) pass_next();
  auto node = inputs_.extract(*place);
  InputMoments& moments = node.mapped().moments;
  if (!divisors.empty()) moments.divide(divisors);
  auto made = std::make_shared<const InputStatistics>(make_statistics(std::move(moments)));
  const std::lock_guard lock(finding_);
  statistics_[*place] = made;
  return made;
}

}  // namespace cortland
