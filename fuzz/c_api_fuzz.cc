// The input is a text file and what is done with it through the C API. Its first byte chooses the file: an even number
// is one of two good files, with as many bytes of it changed as the second byte says (each u32 place, u8 value); an odd
// one is a file that follows as u32 size and bytes. The rest are calls, one byte each, then their arguments. Whatever
// comes, a call ends with a status that fits its result, and writes nothing beside its buffers.
#include <cortland/text.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "input.h"
#include "text/sections.h"
#include "text/text_file.h"
#include "text/tokenizer_compiler.h"

using namespace cortland;

namespace {

constexpr const char* kTokenizers[] = {
    R"({"model":{"type":"BPE","byte_fallback":true,"unk_token":"<unk>","vocab":{"<unk>":0,"<0x0A>":1,"H":2,"e":3,"l":4,
        "He":5,"ll":6,"Hell":7,"\u2581":8,"\u2581w":9,"w":10},"merges":["H e","l l","He ll","\u2581 w"]},
        "normalizer":{"type":"Replace","pattern":{"String":" "},"content":"\u2581"},
        "added_tokens":[{"id":11,"content":"<s>","special":true,"lstrip":true},
        {"id":12,"content":"l\u2581","rstrip":true}],
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"}]}})",
    R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["\u2581",-2],["H",-3],["He",-4],["l",-3.5],
        ["llo",-5],["\u2581world",-6]]},
        "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"},
        "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"}})"};
constexpr const char* kTemplate =
    "{{ bos_token }}{% for m in messages %}<s>{{ m.role }}\n{{ m.content | trim }}{% endfor %}{{ tools | tojson }}"
    "{% if enable_thinking %}<think>{% endif %}{{ strftime_now('%c') }}";
constexpr std::string_view kMessages = R"([{"role": "user", "content": "Hello <s> w\n"}])";

std::vector<std::string> good_files() {
  std::vector<std::string> files;
  for (const char* json : kTokenizers) {
    const portable::Result<std::string> image = text::compile_tokenizer(json, "");
    expect(static_cast<bool>(image), "the samples compile");
    files.push_back(text::write_text_file({.tokenizer = text::as_bytes(*image),
                                           .chat_template = kTemplate,
                                           .special_tokens = {{"bos", 11, "<s>"}, {"eos", 0, "<unk>"}},
                                           .generation = {{"temperature", {0.5}}, {"top_k", {3}}},
                                           .name = "sample"}));
  }
  return files;
}

// Arguments from the input; zeros behind its end.
class Arguments {
 public:
  Arguments(const uint8_t* data, size_t size) : rest_(text_of(data, size)) {}
  bool empty() const { return rest_.empty(); }

  template <typename T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof(T));
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  uint8_t byte() { return number<uint8_t>(); }
  std::string_view text() { return take(byte()); }
  std::string_view take(size_t size) {
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

 private:
  std::string_view rest_;
};

template <typename Handle, void (*release)(Handle*)>
struct Free {
  void operator()(Handle* handle) const { release(handle); }
};
template <typename Handle, void (*release)(Handle*) noexcept>
using Owner = std::unique_ptr<Handle, Free<Handle, release>>;

// A call's buffer, exactly as large as it is said to be, and what must be so behind the call.
template <typename T>
struct Buffer {
  explicit Buffer(size_t capacity_of_it) : capacity(capacity_of_it), items(new T[capacity_of_it]) {}

  void check(cortland_status status) const {
    if (status == CORTLAND_OK) expect(size <= capacity, "a result fits");
    if (status == CORTLAND_BUFFER_TOO_SMALL) expect(size > capacity, "a buffer is too small only when it is");
  }

  size_t capacity = 0, size = 0;
  std::unique_ptr<T[]> items;
};

class Session {
 public:
  explicit Session(cortland_text* text) : text_(text) {}

  void call(Arguments& in) {
    switch (in.byte() % 17) {
      case 0: return encode(in);
      case 1: return decode(in);
      case 2: return push(in);
      case 3: return finish_detokenizer(in);
      case 4: return start_detokenizer(in);
      case 5: return start_stop_strings(in);
      case 6: return add_to_stop_strings(in);
      case 7: return finish_stop_strings(in);
      case 8: return start_reasoning(in);
      case 9: return add_to_reasoning(in);
      case 10: return finish_reasoning(in);
      case 11: return chat(in);
      case 12: return start_sampler(in);
      case 13: return extend_sampler(in);
      case 14: return sample(in);
      case 15: return look_up(in);
      default: text_.reset();  // before what was made from it
    }
  }

 private:
  void done(cortland_status status) const {
    expect(status >= CORTLAND_OK && status < CORTLAND_OUT_OF_MEMORY, "a status is one of the foreseen");
    const size_t size = ::strnlen(error_.message, sizeof(error_.message));
    expect(size < sizeof(error_.message), "a message ends");
    expect((status == CORTLAND_OK) == (size == 0), "a failure has a message, a success none");
  }
  template <typename T>
  void done(cortland_status status, const Buffer<T>& buffer) const {
    done(status);
    buffer.check(status);
  }

  void encode(Arguments& in) {
    const std::string_view bytes = in.text();
    const int32_t control = in.byte() % 3, affixes = in.byte() % 2;
    Buffer<int32_t> ids(in.byte());
    done(cortland_text_encode(text_.get(), bytes.data(), bytes.size(), control, affixes, ids.items.get(), ids.capacity,
                              &ids.size, &error_), ids);
  }
  void decode(Arguments& in) {
    std::vector<int32_t> ids;
    for (size_t count = in.byte() % 32; count > 0; --count) ids.push_back(in.number<int16_t>());
    Buffer<char> out(in.byte());
    const int32_t shown = in.byte() % 2;
    done(cortland_text_decode(text_.get(), ids.data(), ids.size(), shown, out.items.get(), out.capacity, &out.size,
                              &error_), out);
  }
  void start_detokenizer(Arguments& in) {
    cortland_detokenizer* made = nullptr;
    done(cortland_detokenizer_create(text_.get(), in.byte() % 2, &made, &error_));
    detokenizer_.reset(made);
  }
  void push(Arguments& in) {
    const int32_t id = in.number<int16_t>();
    Buffer<char> out(in.byte() % 16);
    done(cortland_detokenizer_push(detokenizer_.get(), id, out.items.get(), out.capacity, &out.size, &error_), out);
  }
  void finish_detokenizer(Arguments& in) {
    Buffer<char> out(in.byte() % 16);
    done(cortland_detokenizer_finish(detokenizer_.get(), out.items.get(), out.capacity, &out.size, &error_), out);
  }
  void start_stop_strings(Arguments& in) {
    const std::string_view first = in.text(), second = in.text();
    const cortland_string strings[] = {{first.data(), first.size()}, {second.data(), second.size()}};
    cortland_stop_strings* made = nullptr;
    done(cortland_stop_strings_create(strings, in.byte() % 3, &made, &error_));
    stop_.reset(made);
  }
  void add_to_stop_strings(Arguments& in) {
    const std::string_view bytes = in.text();
    Buffer<char> out(in.byte());
    int32_t matched = -1;
    done(cortland_stop_strings_add(stop_.get(), bytes.data(), bytes.size(), out.items.get(), out.capacity, &out.size,
                                   &matched, &error_), out);
    expect(matched >= -1 && matched < 2, "a match is one of the strings");
  }
  void finish_stop_strings(Arguments& in) {
    Buffer<char> out(in.byte());
    done(cortland_stop_strings_finish(stop_.get(), out.items.get(), out.capacity, &out.size, &error_), out);
  }
  void start_reasoning(Arguments& in) {
    const std::string open(in.text()), close(in.text());
    const bool own = in.byte() % 2 == 1;
    cortland_reasoning* made = nullptr;
    done(cortland_reasoning_create(own ? open.c_str() : nullptr, own ? close.c_str() : nullptr, in.byte() % 3, &made,
                                   &error_));
    reasoning_.reset(made);
    cortland_reasoning_start_of(open.data(), open.size(), own ? close.c_str() : nullptr);
  }
  void add_to_reasoning(Arguments& in) {
    const std::string_view bytes = in.text();
    Buffer<char> out(in.byte());
    size_t inner = 0;
    done(cortland_reasoning_add(reasoning_.get(), bytes.data(), bytes.size(), out.items.get(), out.capacity, &out.size,
                                &inner, &error_), out);
    expect(inner <= out.size, "reasoning is a part");
  }
  void finish_reasoning(Arguments& in) {
    Buffer<char> out(in.byte());
    size_t inner = 0;
    done(cortland_reasoning_finish(reasoning_.get(), out.items.get(), out.capacity, &out.size, &inner, &error_), out);
    expect(inner <= out.size, "reasoning is a part");
  }
  void chat(Arguments& in) {
    cortland_chat chat = cortland_chat_default();
    const std::string_view messages = in.text(), tools = in.text(), variables = in.text();
    const std::string_view used = messages.empty() ? kMessages : messages;
    chat.messages = {used.data(), used.size()};
    chat.tools = {tools.data(), tools.size()};
    chat.variables = {variables.data(), variables.size()};
    chat.generation_prompt = in.byte() % 2;
    chat.control_tokens = in.byte() % 2;
    chat.now = {in.number<int16_t>(), in.byte() % 16, in.byte() % 40, in.byte() % 30, in.byte() % 64, in.byte() % 64};
    chat.step_limit = 20'000;  // so that an input takes milliseconds
    chat.memory_limit = 1u << 20;
    if (in.byte() % 8 == 0) chat.size += 1 + in.byte() % 2;  // reads a byte or two of what follows
    struct {
      cortland_chat chat;
      size_t behind;
    } given = {chat, 0};
    Buffer<char> shown(in.byte() * size_t{4});
    done(cortland_text_render_chat(text_.get(), &given.chat, shown.items.get(), shown.capacity, &shown.size, &error_),
         shown);
    Buffer<int32_t> ids(in.byte());
    done(cortland_text_encode_chat(text_.get(), &given.chat, ids.items.get(), ids.capacity, &ids.size, &error_), ids);
  }
  void start_sampler(Arguments& in) {
    cortland_sampling sampling = cortland_sampling_default();
    int64_t limit = 0;
    if (in.byte() % 2 == 0) done(cortland_text_sampling(text_.get(), in.byte() % 3, &sampling, &limit, &error_));
    const cortland_logit_bias bias = {in.number<double>(), in.byte(), 0};
    if (in.byte() % 2 == 0) {
      sampling = {.size = sizeof(sampling), .logit_bias = &bias, .logit_bias_count = 1,
                  .repetition_penalty = in.number<double>(), .frequency_penalty = in.number<double>(),
                  .presence_penalty = in.number<double>(), .no_repeat_ngram = in.number<int16_t>(),
                  .temperature = in.number<double>(), .top_k = in.number<int16_t>(), .top_p = in.number<double>(),
                  .min_p = in.number<double>(), .seed = in.number<uint64_t>()};
    }
    cortland_sampler* made = nullptr;
    vocabulary_ = in.number<uint16_t>() % 2000;
    done(cortland_sampler_create(&sampling, vocabulary_, &made, &error_));
    sampler_.reset(made);
  }
  void extend_sampler(Arguments& in) {
    const int32_t prompt[] = {in.byte(), in.number<int16_t>()};
    done(cortland_sampler_begin(sampler_.get(), prompt, in.byte() % 3, &error_));
    done(cortland_sampler_accept(sampler_.get(), in.number<int16_t>(), &error_));
  }
  void sample(Arguments& in) {
    const int32_t number = in.byte() % 2;
    const size_t stride = 1 + in.byte() % 2, width = number == CORTLAND_NUMBER_FP16 ? 2 : 4;
    std::vector<char> data(std::max<size_t>(vocabulary_, 1) * stride * width);
    const std::string_view bytes = in.text();
    std::copy_n(bytes.begin(), std::min(bytes.size(), data.size()), data.begin());
    const cortland_logits logits = {data.data(), vocabulary_, stride, number};
    int32_t id = -1;
    const cortland_status status = cortland_sampler_sample(sampler_.get(), &logits, &id, &error_);
    done(status);
    expect(status != CORTLAND_OK || (id >= 0 && static_cast<size_t>(id) < vocabulary_), "a token is of the vocabulary");
    Buffer<cortland_token_probability> top(in.byte() % 8);
    done(cortland_sampler_top(sampler_.get(), top.items.get(), top.capacity, &top.size, &error_), top);
    for (size_t i = 0; i < top.size && sampler_; ++i) {
      expect(top.items[i].probability >= 0 && top.items[i].probability <= 1, "a probability is one");
    }
  }
  void look_up(Arguments& in) {
    Buffer<char> out(in.byte());
    Buffer<int32_t> ids(in.byte() % 4);
    int32_t id = in.number<int16_t>();
    const std::string token(in.text());
    done(cortland_text_name(text_.get(), out.items.get(), out.capacity, &out.size, &error_), out);
    done(cortland_text_token(text_.get(), id, out.items.get(), out.capacity, &out.size, &error_));
    done(cortland_text_special_ids(text_.get(), token.c_str(), ids.items.get(), ids.capacity, &ids.size, &error_), ids);
    done(cortland_text_end_ids(text_.get(), ids.items.get(), ids.capacity, &ids.size, &error_), ids);
    cortland_text_is_special(text_.get(), id);
    const cortland_status status = cortland_text_find_token(text_.get(), token.data(), token.size(), &id, &error_);
    done(status);
    const auto known = static_cast<int64_t>(cortland_text_vocabulary_size(text_.get()));
    expect(status != CORTLAND_OK || (id >= 0 && id < known), "a token that was found is one");
  }

  Owner<cortland_text, cortland_text_free> text_;
  Owner<cortland_detokenizer, cortland_detokenizer_free> detokenizer_;
  Owner<cortland_stop_strings, cortland_stop_strings_free> stop_;
  Owner<cortland_reasoning, cortland_reasoning_free> reasoning_;
  Owner<cortland_sampler, cortland_sampler_free> sampler_;
  size_t vocabulary_ = 0;
  cortland_error error_ = {};
};

std::string read_file(Arguments& in) {
  static const std::vector<std::string> kFiles = good_files();
  const uint8_t which = in.byte();
  if (which % 2 == 1) return std::string(in.take(in.number<uint32_t>()));
  std::string file = kFiles[which / 2 % kFiles.size()];
  for (size_t edits = in.byte(); edits > 0 && !in.empty(); --edits) {
    const auto place = in.number<uint32_t>();
    file[place % file.size()] = static_cast<char>(in.byte());
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Arguments in(data, size);
  const std::string file = read_file(in);
  const std::unique_ptr<char[]> bytes(new char[file.size()]);  // exactly as large
  std::copy(file.begin(), file.end(), bytes.get());
  cortland_text* text = nullptr;
  cortland_error error;
  const cortland_status status = cortland_text_open_memory(bytes.get(), file.size(), &text, &error);
  expect(status == CORTLAND_OK || status == CORTLAND_CORRUPT, "a file is good or damaged");
  expect((status == CORTLAND_OK) == (text != nullptr), "a handle comes with success");
  if (text == nullptr) return 0;
  Session session(text);
  for (int calls = 0; calls < 64 && !in.empty(); ++calls) session.call(in);
  return 0;
}
