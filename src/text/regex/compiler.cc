#include "text/regex/compiler.h"

#include <algorithm>
#include <string>

#include "text/regex/extent.h"
#include "text/regex/first.h"
#include "text/regex/limits.h"

namespace cortland::text::regex {
namespace {

// Behind the end of the pattern, of an atomic group or of a look-around there is nothing that could fail.
Follow anything() { return {.first = {}, .is_open = true, .is_sure = true}; }

// Whether the bytes of its UTF-8 form are all that it matches; U+FFFD also matches broken bytes.
bool is_one_letter(const Node& node) {
  if (node.kind != Node::Kind::kSet || node.set.ranges().size() != 1) return false;
  const CodePointSet::Range range = node.set.ranges()[0];
  return range.first == range.last && range.first != kReplacementCharacter;
}

bool excludes(const Follow& follow, const CodePointSet& set) {
  return follow.is_sure || (!follow.is_open && !follow.first.intersects(set));
}

class Compiler {
 public:
  portable::Result<Program> compile(const Node& root) {
    const Follow first = before(root, anything());
    program_.starts_anywhere = first.is_open;
    program_.starts = first_bytes(first.first);
    if (program_.starts.count() == 1) {
      size_t byte = 0;
      while (!program_.starts[byte]) ++byte;
      program_.only_start = static_cast<char>(static_cast<unsigned char>(byte));
    }
    emit(root, anything());
    emit({.op = Op::kAccept});
    if (!problem_.empty()) return portable::Failure{"regular expression: " + problem_};
    for (Instruction& instruction : program_.instructions) {
      if (instruction.op == Op::kJump && at(instruction.a).op == Op::kAccept) instruction.op = Op::kAccept;
    }
    for (const CodePointSet& set : sets_) program_.sets.emplace_back(set);
    return std::move(program_);
  }

 private:
  void stop(const char* problem) {
    if (problem_.empty()) problem_ = problem;
  }

  uint32_t here() const { return static_cast<uint32_t>(program_.instructions.size()); }
  Instruction& at(uint32_t index) { return program_.instructions[index]; }

  uint32_t emit(const Instruction& instruction) {
    if (program_.instructions.size() >= kMaxInstructions) {
      stop("too large; repeats of groups count as often as they repeat");
      return 0;
    }
    program_.instructions.push_back(instruction);
    return here() - 1;
  }

  uint32_t new_slot() { return program_.slots++; }

  uint32_t index_of(const CodePointSet& set) {
    const auto known = std::find(sets_.begin(), sets_.end(), set);
    if (known != sets_.end()) return static_cast<uint32_t>(known - sets_.begin());
    if (sets_.size() == kMaxSets) {
      stop("too many different classes");
      return 0;
    }
    sets_.push_back(set);
    return static_cast<uint32_t>(sets_.size() - 1);
  }

  uint32_t index_of(const ByteSet& bytes) {
    const auto known = std::find(program_.bytes.begin(), program_.bytes.end(), bytes);
    const auto index = static_cast<uint32_t>(known - program_.bytes.begin());
    if (known == program_.bytes.end()) program_.bytes.push_back(bytes);
    return index;
  }

  void emit(const Node& node, const Follow& follow) {
    if (!problem_.empty()) return;
    switch (node.kind) {
      case Node::Kind::kSequence: return emit_sequence(node, follow);
      case Node::Kind::kAlternatives: return emit_alternatives(node, follow);
      case Node::Kind::kSet:
        if (is_one_letter(node)) return emit_letters(&node, &node + 1);
        emit({.op = Op::kSet, .a = index_of(node.set)});
        return;
      case Node::Kind::kRepeat: return emit_repeat(node, follow);
      case Node::Kind::kAtomic: {
        const uint32_t slot = new_slot();
        emit({.op = Op::kSave, .a = slot});
        emit(node.children[0], anything());
        emit({.op = Op::kCut, .a = slot});
        return;
      }
      case Node::Kind::kLookAhead: return emit_look(node);
      case Node::Kind::kLookBehind: return emit_look(node);
      case Node::Kind::kAssertion: emit({.op = Op::kAssert, .assertion = node.assertion}); return;
    }
  }

  void emit_letters(const Node* begin, const Node* end) {
    const auto first = static_cast<uint32_t>(program_.literals.size());
    for (const Node* node = begin; node != end; ++node) append_utf8(node->set.ranges()[0].first, program_.literals);
    emit({.op = Op::kBytes, .a = first, .b = static_cast<uint32_t>(program_.literals.size()) - first});
  }

  void emit_sequence(const Node& node, const Follow& follow) {
    const std::vector<Node>& children = node.children;
    std::vector<Follow> follows(children.size());
    for (size_t i = children.size(); i-- > 0;) {
      follows[i] = i + 1 == children.size() ? follow : before(children[i + 1], follows[i + 1]);
    }
    for (size_t i = 0; i < children.size();) {
      size_t end = i;
      while (end < children.size() && is_one_letter(children[end])) ++end;
      if (end > i) {
        emit_letters(&children[i], &children[i] + (end - i));
        i = end;
      } else {
        emit(children[i], follows[i]);
        ++i;
      }
    }
  }

  // Room for an instruction that goes to one of several targets.
  uint32_t emit_choice() {
    if (program_.choices.size() == kMaxChoices) stop("too many alternatives");
    program_.choices.emplace_back();
    return emit({.op = Op::kChoice, .a = static_cast<uint32_t>(program_.choices.size() - 1)});
  }

  // What follows stands at the end of the program so far.
  void add_target(uint32_t choice_at, const Follow& first) {
    if (!problem_.empty()) return;
    Choice& choice = program_.choices[at(choice_at).a];
    const uint64_t bit = uint64_t{1} << choice.targets.size();
    choice.targets.push_back(here());
    const ByteSet bytes = first_bytes(first.first);
    for (size_t byte = 0; byte < choice.viable.size(); ++byte) {
      if (first.is_open || (byte < bytes.size() && bytes[byte])) choice.viable[byte] |= bit;
    }
  }

  void emit_alternatives(const Node& node, const Follow& follow) {
    std::vector<uint32_t> ends;
    uint32_t choice = emit_choice();
    for (size_t i = 0; i < node.children.size() && problem_.empty(); ++i) {
      if (i % (Choice::kMaxTargets - 1) == Choice::kMaxTargets - 2) {  // the last target of a full one is the next one
        add_target(choice, {.is_open = true});
        choice = emit_choice();
      }
      add_target(choice, before(node.children[i], follow));
      emit(node.children[i], follow);
      ends.push_back(emit({.op = Op::kJump}));
    }
    if (!problem_.empty()) return;
    for (const uint32_t end : ends) at(end).a = here();
  }

  void emit_repeat(const Node& node, const Follow& follow) {
    const Node& body = node.children[0];
    if (node.max == 0) return;
    if (body.kind == Node::Kind::kSet) return emit_run(node, follow);
    if (node.order == Node::Order::kPossessive) {
      const uint32_t slot = new_slot();
      emit({.op = Op::kSave, .a = slot});
      emit_copies(node, anything());
      emit({.op = Op::kCut, .a = slot});
    } else {
      emit_copies(node, follow);
    }
  }

  void emit_run(const Node& node, const Follow& follow) {
    const CodePointSet& set = node.children[0].set;
    Instruction run{.a = index_of(set), .min = node.min, .max = node.max};
    if (node.order == Node::Order::kLazy) {
      run.op = Op::kRunLazy;
    } else if (node.order == Node::Order::kPossessive || node.min == node.max || excludes(follow, set)) {
      run.op = Op::kRunPossessive;
    } else {
      run.op = Op::kRun;
      run.b = index_of(follow.is_open ? ByteSet().set() : first_bytes(follow.first));
    }
    emit(run);
  }

  void emit_copies(const Node& node, const Follow& follow) {
    const Node& body = node.children[0];
    Node more = node_of(Node::Kind::kRepeat, {body});
    more.max = Node::kUnlimited;
    const Follow next = before(more, follow);  // another copy or what follows
    Follow needed = next;
    needed.is_sure = false;
    for (uint32_t i = 0; i < node.min && problem_.empty(); ++i) {
      const uint32_t begin = here();
      emit(body, i + 1 < node.min ? needed : next);
      if (here() == begin) return;  // a body of nothing
    }
    if (node.max == Node::kUnlimited) {
      emit_loop(node, next, follow);
      return;
    }
    if (node.max - node.min == 1 && node.order == Node::Order::kGreedy) {
      const uint32_t choice = emit_choice();
      add_target(choice, before(body, follow));
      emit(body, follow);
      add_target(choice, follow);
      return;
    }
    std::vector<uint32_t> splits;
    for (uint32_t i = node.min; i < node.max && problem_.empty(); ++i) {
      splits.push_back(emit({.op = Op::kSplit}));
      emit(body, next);
    }
    for (const uint32_t split : splits) {
      if (problem_.empty()) set_ways(split, node.order, split + 1, here());
    }
  }

  void set_ways(uint32_t split, Node::Order order, uint32_t body, uint32_t exit) {
    at(split).a = order == Node::Order::kLazy ? exit : body;
    at(split).b = order == Node::Order::kLazy ? body : exit;
  }

  // As often as possible, then what follows, which may fail.
  void emit_loop(const Node& node, const Follow& next, const Follow& follow) {
    const bool is_lazy = node.order == Node::Order::kLazy;
    if (follow.is_sure && !is_lazy) return emit_sure_loop(node.children[0], next);
    const uint32_t begin = is_lazy ? emit({.op = Op::kSplit}) : emit_choice();
    if (!is_lazy) add_target(begin, before(node.children[0], next));
    emit_turn(node.children[0], next, [&] { emit({.op = Op::kJump, .a = begin}); });
    if (!problem_.empty()) return;
    if (is_lazy) {
      set_ways(begin, node.order, begin + 1, here());
    } else {
      add_target(begin, follow);
    }
  }

  // Where nothing behind the loop can fail, no turn is ever taken back.
  void emit_sure_loop(const Node& body, const Follow& next) {
    const bool begins_with_set = body.kind == Node::Kind::kSequence && !body.children.empty() &&
                                 body.children[0].kind == Node::Kind::kSet;
    uint32_t begin = 0;
    if (begins_with_set) {
      const Node rest = node_of(Node::Kind::kSequence, {body.children.begin() + 1, body.children.end()});
      if (before(rest, next).is_sure) {  // so that only the first code point decides
        begin = emit({.op = Op::kSetOrJump, .a = index_of(body.children[0].set)});
        emit(rest, next);
        emit({.op = Op::kJump, .a = begin});
        if (problem_.empty()) at(begin).b = here();
        return;
      }
    }
    const uint32_t slot = new_slot();
    const Follow first = before(body, next);
    begin = emit_save_or_jump(slot, extent_of(body).min == 0 || first.is_open ? anything() : first);
    emit_turn(body, next, [&] {
      emit({.op = Op::kCut, .a = slot});
      emit({.op = Op::kJump, .a = begin});
    });
    if (problem_.empty()) at(begin).b = here();
  }

  // One turn of a loop and the way to the next; a turn that takes no text is the last.
  template <typename GoOn>
  void emit_turn(const Node& body, const Follow& next, GoOn go_on) {
    const bool may_stand = extent_of(body).min == 0;
    const uint32_t mark = may_stand ? new_slot() : 0;
    if (may_stand) emit({.op = Op::kMark, .a = mark});
    emit(body, next);
    const uint32_t stands = may_stand ? emit({.op = Op::kIfStill, .a = mark}) : 0;
    go_on();
    if (may_stand && problem_.empty()) at(stands).b = here();
  }

  uint32_t emit_save_or_jump(uint32_t slot, const Follow& first) {
    const uint32_t bytes = first.is_open ? 0 : index_of(first_bytes(first.first)) + 1;
    return emit({.op = Op::kSaveOrJump, .a = slot, .min = bytes});
  }

  void emit_look(const Node& node) {
    const Node& body = node.children[0];
    const bool is_ahead = node.kind == Node::Kind::kLookAhead;
    if (is_ahead && body.kind == Node::Kind::kSet) {
      emit({.op = node.is_negative ? Op::kPeekNot : Op::kPeek, .a = index_of(body.set)});
      return;
    }
    const uint32_t slot = new_slot();
    const uint32_t begin = node.is_negative ? emit_save_or_jump(slot, anything()) : emit({.op = Op::kSave, .a = slot});
    if (is_ahead) {
      emit(body, anything());
    } else {
      const Extent extent = extent_of(body);
      if (extent.max > kMaxLookBehind) stop("a look-behind without a limit of length is not supported");
      emit({.op = Op::kBack, .min = extent.min, .max = extent.max});
      emit(body, {.is_open = true});
      emit({.op = Op::kIfAt, .a = slot});
    }
    emit({.op = node.is_negative ? Op::kRefuse : Op::kReturn, .a = slot});
    if (problem_.empty() && node.is_negative) at(begin).b = here();
  }

  Program program_;
  std::vector<CodePointSet> sets_;
  std::string problem_;
};

}  // namespace

portable::Result<Program> compile_regex(const Node& root) { return Compiler().compile(root); }

}  // namespace cortland::text::regex
