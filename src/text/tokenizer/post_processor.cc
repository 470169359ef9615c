#include "text/tokenizer/post_processor.h"

#include "text/tokenizer/component.h"

namespace cortland::text {

using portable::Failure;
using portable::JsonValue;
using portable::Result;
namespace {

const std::string* text_of(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object == nullptr ? nullptr : object->find(key);
  return value == nullptr ? nullptr : value->text();
}

bool append_ids(const JsonValue* list, std::vector<int32_t>& ids) {
  if (list == nullptr || list->array() == nullptr) return false;
  for (const JsonValue& item : *list->array()) {
    const int64_t* id = item.integer();
    if (id == nullptr || *id < 0 || *id > kMaxId) return false;
    ids.push_back(static_cast<int32_t>(*id));
  }
  return true;
}

// What one processor puts around the text.
struct Around {
  std::vector<int32_t> before, after;
};

Result<bool> read_template(const JsonValue& json, const std::string& path, Around& around) {
  Component component(json, path);
  const JsonValue::Array& pieces = component.list("single");
  if (component.failed()) return component.failure();
  const JsonValue* specials = component.present("special_tokens");
  bool has_text = false;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const std::string at = path + ".single[" + std::to_string(i) + "]";
    if (const std::string* sequence = text_of(pieces[i].find("Sequence"), "id")) {
      if (*sequence != "A" || has_text) return Failure{at + ": want the sequence A, once"};
      has_text = true;
    } else if (const std::string* token = text_of(pieces[i].find("SpecialToken"), "id")) {
      const JsonValue* special = specials == nullptr ? nullptr : specials->find(*token);
      const bool good = special != nullptr &&
                        append_ids(special->find("ids"), has_text ? around.after : around.before);
      if (!good) return Failure{at + ": \"" + *token + "\" has no list of ids in special_tokens"};
    } else {
      return Failure{at + ": want a Sequence or a SpecialToken"};
    }
  }
  return has_text ? Result<bool>(true) : Result<bool>(Failure{path + ".single: want the sequence A, once"});
}

// [token, id]
bool append_named(const JsonValue* pair, std::vector<int32_t>& ids) {
  const JsonValue::Array* items = pair == nullptr ? nullptr : pair->array();
  if (items == nullptr || items->size() != 2) return false;
  const JsonValue id(JsonValue::Array{(*items)[1]});
  return append_ids(&id, ids);
}

Result<bool> read(const JsonValue& json, const std::string& path, TokenizerDraft& draft) {
  Component component(json, path);
  const std::string type = component.text("type");
  if (component.failed()) return component.failure();
  if (type == "ByteLevel") return true;  // it changes offsets only
  if (type == "Sequence") {
    const JsonValue::Array& items = component.list("processors");
    if (component.failed()) return component.failure();
    for (size_t i = 0; i < items.size(); ++i) {
      const Result<bool> good = read(items[i], component.path_of("processors[" + std::to_string(i) + "]"), draft);
      if (!good) return good;
    }
    return true;
  }
  Around around;
  if (type == "TemplateProcessing") {
    const Result<bool> good = read_template(json, path, around);
    if (!good) return good;
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    if (!append_named(json.find("cls"), around.before) || !append_named(json.find("sep"), around.after)) {
      return Failure{path + ": want cls and sep, each a token and its id"};
    }
  } else {
    return Failure{path + ".type: \"" + type + "\" is no post-processor that is supported"};
  }
  // Later ones put their tokens outside of those that are there.
  draft.before.insert(draft.before.begin(), around.before.begin(), around.before.end());
  draft.after.insert(draft.after.end(), around.after.begin(), around.after.end());
  return true;
}

}  // namespace

Result<bool> read_post_processor(const JsonValue& json, const std::string& path, TokenizerDraft& draft) {
  return json.is_null() ? Result<bool>(true) : read(json, path, draft);
}

}  // namespace cortland::text
