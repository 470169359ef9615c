#include "text/regex/matcher.h"

#include <algorithm>
#include <bit>

#include "text/regex/property.h"
#include "text/utf8.h"

namespace cortland::text::regex {
namespace {

constexpr uint64_t kSteps = 10'000'000, kStepsPerByte = 100;  // a tenth of a second, and a microsecond for each byte
constexpr size_t kMaxWays = size_t{1} << 21;                  // 50 MB
constexpr size_t kRunBytesPerStep = 16;

uint8_t byte_at(std::string_view text, size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

Matcher::Matcher(const Regex& regex) : program_(regex.program()), slots_(program_.slots), steps_(kSteps) {
  ways_.reserve(64);
}

void Matcher::start(std::string_view text) {
  text_ = text;
  steps_ += kStepsPerByte * text.size();
  from_ = 0;
  has_last_ = false;
}

bool Matcher::next(Match& match) {
  while (from_ <= text_.size() && find(from_, match)) {
    if (match.begin != match.end || !has_last_ || last_end_ != match.end) {
      from_ = last_end_ = match.end;
      has_last_ = true;
      return true;
    }
    from_ += from_ < text_.size() ? decode_utf8(text_, from_).length : 1;
  }
  return false;
}

bool Matcher::find(size_t from, Match& match) {
  for (size_t position = skip_to_start(from); position <= text_.size() && steps_ > 0;) {
    if (match_at(position, match.end)) {
      match.begin = position;
      return true;
    }
    position = skip_to_start(position + (position < text_.size() ? decode_utf8(text_, position).length : 1));
  }
  return false;
}

// Where a match may begin; behind the end when nowhere.
size_t Matcher::skip_to_start(size_t position) const {
  if (program_.starts_anywhere) return position;
  if (program_.only_start) return std::min(text_.find(*program_.only_start, position), text_.size() + 1);
  while (position < text_.size() && !program_.starts[byte_at(text_, position)]) {
    position += decode_utf8(text_, position).length;
  }
  return position < text_.size() ? position : text_.size() + 1;
}

inline bool Matcher::push(Way::Kind kind, uint32_t at, size_t position, size_t rest) {
  if (ways_.size() == kMaxWays) steps_ = 0;
  if (steps_ == 0) return false;
  --steps_;
  ways_.push_back({kind, at, position, rest});
  return true;
}

// The length of the code point at `position` when the set has it; otherwise 0. REQUIRES: position < text_.size().
inline size_t Matcher::step(const CodePointBits& set, size_t position) const {
  const uint8_t lead = byte_at(text_, position);
  if (lead < 0x80) return set.ascii(lead);
  // Hangul, Han and most other scripts: three bytes, decoded here without a call.
  if (lead > 0xE0 && lead < 0xED && position + 2 < text_.size()) {
    const uint32_t second = byte_at(text_, position + 1), third = byte_at(text_, position + 2);
    if ((second & 0xC0) == 0x80 && (third & 0xC0) == 0x80) {
      return set[(lead & 0xFu) << 12 | (second & 0x3F) << 6 | (third & 0x3F)] ? 3 : 0;
    }
  }
  const Decoded decoded = decode_utf8(text_, position);
  return set[decoded.code] ? decoded.length : 0;
}

// The position behind all code points of the set that follow.
inline size_t Matcher::run(const CodePointBits& set, size_t position) {
  const size_t begin = position, size = text_.size();
  for (;;) {
    while (position < size && set.ascii(byte_at(text_, position))) ++position;
    if (position == size || byte_at(text_, position) < 0x80) break;
    const size_t length = step(set, position);
    if (length == 0) break;
    position += length;
  }
  steps_ -= std::min<uint64_t>(steps_, (position - begin) / kRunBytesPerStep);
  return position;
}

// The position behind up to `max` of them.
size_t Matcher::run(const CodePointBits& set, size_t position, uint32_t max, uint32_t& count) {
  const size_t begin = position;
  for (count = 0; count < max && position < text_.size(); ++count) {
    const size_t length = step(set, position);
    if (length == 0) break;
    position += length;
  }
  steps_ -= std::min<uint64_t>(steps_, (position - begin) / kRunBytesPerStep);
  return position;
}

bool Matcher::match_at(size_t position, size_t& end) {
  ways_.clear();
  uint32_t at = 0, count = 0;
  for (;;) {
    const Instruction& instruction = program_.instructions[at];
    bool good = true;
    ++at;
    switch (instruction.op) {
      case Op::kAccept:
        end = position;
        return true;
      case Op::kBytes: {
        const std::string_view letters = std::string_view(program_.literals).substr(instruction.a, instruction.b);
        good = text_.substr(position).starts_with(letters);
        position += letters.size();
        break;
      }
      case Op::kSet: {
        const size_t length = position < text_.size() ? step(program_.sets[instruction.a], position) : 0;
        position += length;
        good = length > 0;
        break;
      }
      case Op::kSetOrJump: {
        const size_t length = position < text_.size() ? step(program_.sets[instruction.a], position) : 0;
        position += length;
        if (length == 0) at = instruction.b;
        break;
      }
      case Op::kRunPossessive: {
        const CodePointBits& set = program_.sets[instruction.a];
        if (instruction.max == Node::kUnlimited && instruction.min <= 1) {
          const size_t begin = position;
          position = run(set, position);
          good = instruction.min == 0 || position > begin;
        } else if (instruction.max == 1 && instruction.min == 0) {
          if (position < text_.size()) position += step(set, position);
        } else {
          position = run(set, position, instruction.max, count);
          good = count >= instruction.min;
        }
        break;
      }
      case Op::kRun: {
        const CodePointBits& set = program_.sets[instruction.a];
        const size_t low = run(set, position, instruction.min, count);
        good = count == instruction.min;
        if (!good) break;
        position = instruction.max == Node::kUnlimited ? run(set, low)
                                                       : run(set, low, instruction.max - instruction.min, count);
        if (position > low) good = push(Way::Kind::kRunLess, at, position, low);
        break;
      }
      case Op::kRunLazy:
        position = run(program_.sets[instruction.a], position, instruction.min, count);
        good = count == instruction.min;
        if (good && instruction.max > instruction.min) {
          good = push(Way::Kind::kRunMore, at, position, instruction.max - instruction.min);
        }
        break;
      case Op::kPeek:
      case Op::kPeekNot:
        good = (position < text_.size() && step(program_.sets[instruction.a], position) > 0) ==
               (instruction.op == Op::kPeek);
        break;
      case Op::kAssert:
        good = holds(instruction.assertion, position);
        break;
      case Op::kJump:
        at = instruction.a;
        good = steps_ > 0;
        steps_ -= good;
        break;
      case Op::kSplit:
        good = push(Way::Kind::kGo, instruction.b, position, 0);
        at = instruction.a;
        break;
      case Op::kChoice: {
        const Choice& choice = program_.choices[instruction.a];
        const uint64_t viable = choice.viable[position < text_.size() ? byte_at(text_, position) : Choice::kAtEnd];
        good = viable != 0;
        if (!good) break;
        if (const uint64_t rest = viable & (viable - 1)) good = push(Way::Kind::kChoice, instruction.a, position, rest);
        at = choice.targets[static_cast<size_t>(std::countr_zero(viable))];
        break;
      }
      case Op::kSave:
        slots_[instruction.a] = {position, ways_.size()};
        break;
      case Op::kSaveOrJump:
        if (instruction.min > 0 &&
            (position == text_.size() || !program_.bytes[instruction.min - 1][byte_at(text_, position)])) {
          at = instruction.b;
          break;
        }
        slots_[instruction.a] = {position, ways_.size()};
        good = push(Way::Kind::kGo, instruction.b, position, 0);
        break;
      case Op::kCut:
        ways_.resize(slots_[instruction.a].height);
        break;
      case Op::kReturn:
        ways_.resize(slots_[instruction.a].height);
        position = slots_[instruction.a].position;
        break;
      case Op::kRefuse:
        ways_.resize(slots_[instruction.a].height);
        good = false;
        break;
      case Op::kMark:
        good = push(Way::Kind::kRestore, instruction.a, slots_[instruction.a].position, 0);
        slots_[instruction.a].position = position;
        break;
      case Op::kIfStill:
        if (position == slots_[instruction.a].position) at = instruction.b;
        break;
      case Op::kBack:
        for (uint32_t i = 0; i < instruction.min && good; ++i) {
          good = position > 0;
          if (good) position = previous_code_point(text_, position);
        }
        if (good && instruction.max > instruction.min) {
          good = push(Way::Kind::kBack, at, position, instruction.max - instruction.min);
        }
        break;
      case Op::kIfAt:
        good = position == slots_[instruction.a].position;
        break;
    }
    if (!good && !fail(at, position)) return false;
  }
}

bool Matcher::fail(uint32_t& at, size_t& position) {
  while (!ways_.empty() && steps_ > 0) {
    --steps_;
    Way& way = ways_.back();
    switch (way.kind) {
      case Way::Kind::kGo:
        at = way.at;
        position = way.position;
        ways_.pop_back();
        return true;
      case Way::Kind::kRunLess:
        if (run_less(way, at, position)) return true;
        break;
      case Way::Kind::kRunMore:
        if (run_more(way, at, position)) return true;
        break;
      case Way::Kind::kChoice:
        return fail_choice(way, at, position);
      case Way::Kind::kRestore:
        slots_[way.at].position = way.position;
        ways_.pop_back();
        break;
      case Way::Kind::kBack:
        if (go_back(way, at, position)) return true;
        break;
    }
  }
  return false;
}

bool Matcher::fail_choice(Way& way, uint32_t& at, size_t& position) {
  at = program_.choices[way.at].targets[static_cast<size_t>(std::countr_zero(way.rest))];
  position = way.position;
  way.rest &= way.rest - 1;
  if (way.rest == 0) ways_.pop_back();
  return true;
}

bool Matcher::run_less(Way& way, uint32_t& at, size_t& position) {
  const ByteSet& bytes = program_.bytes[program_.instructions[way.at - 1].b];
  while (way.position > way.rest) {
    const bool is_ascii = byte_at(text_, way.position - 1) < 0x80;
    way.position = is_ascii ? way.position - 1 : previous_code_point(text_, way.position);
    steps_ -= steps_ > 0;
    if (!bytes[byte_at(text_, way.position)]) continue;
    at = way.at;
    position = way.position;
    if (way.position == way.rest) ways_.pop_back();
    return true;
  }
  ways_.pop_back();
  return false;
}

bool Matcher::run_more(Way& way, uint32_t& at, size_t& position) {
  uint32_t count = 0;
  way.position = run(program_.sets[program_.instructions[way.at - 1].a], way.position, 1, count);
  if (count == 0) {
    ways_.pop_back();
    return false;
  }
  at = way.at;
  position = way.position;
  if (--way.rest == 0) ways_.pop_back();
  return true;
}

bool Matcher::go_back(Way& way, uint32_t& at, size_t& position) {
  if (way.position == 0) {
    ways_.pop_back();
    return false;
  }
  way.position = previous_code_point(text_, way.position);
  at = way.at;
  position = way.position;
  if (--way.rest == 0) ways_.pop_back();
  return true;
}

bool Matcher::is_word_at(size_t position) const {
  static const CodePointBits kWord(bare_word_set());
  return kWord[decode_utf8(text_, position).code];
}

bool Matcher::holds(Assertion assertion, size_t position) const {
  const bool at_begin = position == 0, at_end = position == text_.size();
  switch (assertion) {
    case Assertion::kTextBegin: return at_begin;
    case Assertion::kTextEnd: return at_end;
    case Assertion::kTextEndBeforeNewline: return at_end || text_.substr(position) == "\n";
    case Assertion::kLineBegin: return at_begin || (!at_end && text_[position - 1] == '\n');
    case Assertion::kLineEnd: return at_end || text_[position] == '\n';
    case Assertion::kWordBoundary:
    case Assertion::kNoWordBoundary: break;
  }
  const bool word_before = !at_begin && is_word_at(previous_code_point(text_, position));
  const bool word_behind = !at_end && is_word_at(position);
  return (word_before != word_behind) == (assertion == Assertion::kWordBoundary);
}

}  // namespace cortland::text::regex
