// Renders what compare.py sends: a line of JSON {"template": ..., "context": {...}} gives a line "ok N" or "error N"
// and then N bytes, the text or the message.
#include <iostream>

#include "text/chat_template.h"

using namespace cortland;

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const portable::Result<portable::JsonValue> request = portable::parse_json(line);
    if (!request) return 1;
    text::ChatTemplate::Context context;
    context.variables = *request->find("context")->object();
    context.now = {2025, 3, 4, 15, 6, 7};
    const auto parsed = text::ChatTemplate::parse(*request->find("template")->text());
    const portable::Result<std::string> rendered =
        parsed ? parsed->render(context) : portable::Result<std::string>(portable::Failure{parsed.message()});
    const std::string& text = rendered ? *rendered : rendered.message();
    std::cout << (rendered ? "ok " : "error ") << text.size() << '\n' << text << std::flush;
  }
  return 0;
}
