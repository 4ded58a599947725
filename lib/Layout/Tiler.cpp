// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading tilers.
//
//   tiler ::= `None` | layout | `(` tiler (`,` tiler)* `)`

#include "enigma/Layout/Algebra.h"

#include "llvm/ADT/StringExtras.h"

using namespace enigma::layout;

namespace {
class TilerParser {
public:
  explicit TilerParser(llvm::StringRef whole) : whole(whole) {}

  Result<Tiler> parse(llvm::StringRef text, unsigned depth) const {
    text = trim(text);
    if (depth > Profile::maxDepth)
      return Error(ErrorKind::Nesting,
                   at(text, "tilers are nested more than " +
                                llvm::Twine(Profile::maxDepth) + " deep"));
    if (text == "None")
      return Tiler::none();
    if (!text.starts_with("(") || find(text, ':') != text.size())
      return layout(text);
    if (!text.ends_with(")") || find(text.drop_front(), ')') != text.size() - 2)
      return Error(ErrorKind::Syntax,
                   at(text, "expected a tuple of tilers, in parentheses"));
    llvm::StringRef rest = text.drop_front().drop_back();
    std::vector<Tiler> modes;
    while (true) {
      size_t length = find(rest, ',');
      Result<Tiler> mode = parse(rest.take_front(length), depth + 1);
      if (!mode)
        return mode;
      modes.push_back(*mode);
      if (length == rest.size())
        return Tiler::tuple(std::move(modes));
      rest = rest.drop_front(length + 1);
      // A comma may end the tuple, as in `(4,)`.
      if (trim(rest).empty())
        return Tiler::tuple(std::move(modes));
    }
  }

private:
  static llvm::StringRef trim(llvm::StringRef text) {
    return text.trim(" \t\n\v\f\r");
  }

  /// Where the character first stands outside of parentheses; the end if it
  /// does not.
  static size_t find(llvm::StringRef text, char wanted) {
    int64_t open = 0;
    for (auto [i, c] : llvm::enumerate(text)) {
      if (open == 0 && c == wanted)
        return i;
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return text.size();
  }

  std::string at(llvm::StringRef part, const llvm::Twine &what) const {
    return ("column " + llvm::Twine(part.data() - whole.data() + 1) + ": " +
            what)
        .str();
  }

  Result<Tiler> layout(llvm::StringRef text) const {
    Result<Layout> result = Layout::parse(text);
    if (result)
      return Tiler(*result);
    // The message counts columns from the layout's first.
    llvm::StringRef message = result.message();
    size_t column = 1;
    message.consume_front("column ");
    message.consumeInteger(10, column);
    message.consume_front(": ");
    return result.error().withMessage(
        at(text.drop_front(std::min(column - 1, text.size())), message));
  }

  llvm::StringRef whole;
};
} // namespace

Result<Tiler> Tiler::parse(llvm::StringRef text) {
  return TilerParser(text).parse(text, 0);
}
