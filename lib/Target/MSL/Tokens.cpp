// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Tokens.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace enigma::msl;
using llvm::SmallVector;
using llvm::StringRef;

static bool isWordBegin(char c) { return llvm::isAlpha(c) || c == '_'; }
static bool isWord(char c) { return llvm::isAlnum(c) || c == '_'; }

/// Takes a literal with its quotes.
static void skipQuoted(StringRef &text) {
  char quote = text.front();
  size_t end = 1;
  while (end < text.size() && text[end] != quote)
    end += text[end] == '\\' ? 2 : 1;
  text = text.drop_front(std::min(end + 1, text.size()));
}

/// The words and the marks of a text; a number counts as a word. What begins
/// with a `#` is left to \p skipDirective, if there is one.
static SmallVector<StringRef>
findTokens(StringRef text,
           llvm::function_ref<void(StringRef &)> skipDirective = {}) {
  SmallVector<StringRef> tokens;
  while (!text.empty()) {
    char c = text.front();
    if (text.starts_with("//")) {
      text = text.drop_front(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("/*")) {
      size_t end = text.find("*/", 2);
      text = end == StringRef::npos ? "" : text.drop_front(end + 2);
    } else if (c == '"' || c == '\'') {
      skipQuoted(text);
    } else if (llvm::isSpace(c)) {
      text = text.drop_front();
    } else if (c == '#' && skipDirective) {
      skipDirective(text);
    } else {
      size_t size = 1;
      if (isWord(c))
        size = text.take_while(isWord).size();
      else if (text.starts_with("->"))
        size = 2;
      tokens.push_back(text.take_front(size));
      text = text.drop_front(size);
    }
  }
  return tokens;
}

NameSet enigma::msl::findNames(StringRef text) {
  NameSet names;
  StringRef before;
  for (StringRef token : findTokens(text)) {
    if (isWordBegin(token.front()) && before != "." && before != "->")
      names.insert(token);
    before = token;
  }
  return names;
}

/// Takes a directive, which goes on where a line ends in a backslash.
static void skipDirective(StringRef &text) {
  size_t end = text.find('\n');
  while (end != StringRef::npos && text[end - 1] == '\\')
    end = text.find('\n', end + 1);
  text = text.drop_front(std::min(end, text.size()));
}

NameSet enigma::msl::findDefinitions(StringRef header) {
  NameSet names;
  SmallVector<StringRef> tokens = findTokens(header, [&](StringRef &text) {
    StringRef directive = text.drop_front().ltrim();
    if (directive.consume_front("define"))
      names.insert(directive.ltrim().take_while(isWord));
    skipDirective(text);
  });
  static const llvm::StringSet<> introducers = {"class",  "enum",  "namespace",
                                                "struct", "union", "using"};
  unsigned depth = 0;
  for (auto [i, token] : llvm::enumerate(tokens)) {
    StringRef next = i + 1 < tokens.size() ? tokens[i + 1] : "";
    if (token == "(" || token == "{" || token == "[")
      ++depth;
    else if (depth && (token == ")" || token == "}" || token == "]"))
      --depth;
    if (depth || !isWordBegin(token.front()))
      continue;
    bool isIntroduced = i && introducers.contains(tokens[i - 1]);
    bool isDeclared = i && (next == "(" || next == "[" || next == "=");
    if ((isIntroduced || isDeclared) && !introducers.contains(token))
      names.insert(token);
  }
  return names;
}
