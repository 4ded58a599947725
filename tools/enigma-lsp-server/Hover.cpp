// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR keeps no documentation of operations, and its server has no hook for
// one, so its answers are completed on their way.

#include "Hover.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using llvm::StringRef;
namespace json = llvm::json;

namespace {
struct Documentation {
  StringRef operation, markdown;
};
} // namespace

/// Of the dialect's reference.
static const Documentation kDocumentation[] = {
#include "Documentation.inc"
};

static StringRef findDocumentation(StringRef operation) {
  const auto *found =
      llvm::find_if(kDocumentation, [&](const Documentation &each) {
        return each.operation == operation;
      });
  return found == std::end(kDocumentation) ? "" : found->markdown;
}

/// Puts documentation into an answer about an operation, which is
/// `"enigma.load"`, what is said of this one, and its generic form. Of other
/// messages it returns false.
static bool complete(json::Value &message) {
  auto *answer = message.getAsObject();
  auto *result = answer ? answer->getObject("result") : nullptr;
  auto *contents = result ? result->getObject("contents") : nullptr;
  std::optional<StringRef> text =
      contents ? contents->getString("value") : std::nullopt;
  if (!text || !text->consume_front("\""))
    return false;
  auto [title, rest] = text->split("\n\n");
  StringRef documentation = findDocumentation(title.split('"').first);
  if (documentation.empty())
    return false;
  std::string whole =
      llvm::formatv("\"{0}\n\n{1}\n\n{2}", title, documentation, rest);
  (*contents)["value"] = std::move(whole);
  return true;
}

/// Reads a message whose header begins with \p line, and writes it.
static void copyMessage(std::FILE *in, std::FILE *out, std::string line,
                        size_t size,
                        llvm::function_ref<bool(std::string &)> readLine) {
  std::string header = std::move(line);
  while (readLine(line)) {
    header += line;
    if (StringRef(line).trim().empty())
      break;
  }
  std::string body(size, '\0');
  body.resize(std::fread(body.data(), 1, size, in));
  llvm::Expected<json::Value> message = json::parse(body);
  if (!message) {
    llvm::consumeError(message.takeError());
  } else if (complete(*message)) {
    bool isPretty = StringRef(body).contains('\n');
    body = isPretty ? llvm::formatv("{0:2}", *message).str()
                    : llvm::formatv("{0}", *message).str();
    header = llvm::formatv("Content-Length: {0}\r\n\r\n", body.size());
  }
  std::fwrite(header.data(), 1, header.size(), out);
  std::fwrite(body.data(), 1, body.size(), out);
}

void enigma::addDocumentation(std::FILE *in, std::FILE *out) {
  auto readLine = [in](std::string &line) {
    line.clear();
    for (int c; (c = std::fgetc(in)) != EOF;) {
      line += static_cast<char>(c);
      if (c == '\n')
        break;
    }
    return !line.empty();
  };
  for (std::string line; readLine(line); std::fflush(out)) {
    StringRef value = line;
    size_t size;
    // What is no message is help, or the version.
    if (value.consume_front("Content-Length:") &&
        !value.trim().getAsInteger(10, size))
      copyMessage(in, out, std::move(line), size, readLine);
    else
      std::fwrite(line.data(), 1, line.size(), out);
  }
}
