// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading tuples and layouts.
//
//   layout ::= tuple (`:` tuple)?
//   tuple  ::= leaf | `(` tuple (`,` tuple)* `,`? `)`
//   leaf   ::= (integer | `?` (`{` `div` `=` integer `}`)? | `None`) basis?
//   basis  ::= `@` index (`.` index)*

#include "enigma/Layout/Layout.h"

#include "llvm/ADT/StringExtras.h"

using namespace enigma::layout;

namespace {
class Parser {
public:
  explicit Parser(llvm::StringRef text) : text(text) {}

  std::optional<IntTuple> tuple() {
    llvm::SmallVector<Profile::Node, 16> nodes;
    llvm::SmallVector<Int, 8> leaves;
    // The nodes of the tuples that are still open.
    llvm::SmallVector<unsigned, 8> open;
    while (true) {
      skipSpace();
      if (consume("(")) {
        if (open.size() == Profile::maxDepth)
          return fail(ErrorKind::Nesting, "tuples are nested more than " +
                                              llvm::Twine(Profile::maxDepth) +
                                              " deep");
        open.push_back(nodes.size());
        nodes.push_back(0);
        skipSpace();
        if (rest().starts_with(")"))
          return fail(ErrorKind::Empty, "a tuple has at least one mode");
        continue;
      }
      std::optional<Int> value = leaf();
      if (!value)
        return std::nullopt;
      nodes.push_back(Profile::leafNode);
      leaves.push_back(*value);
      // Close what ends here.
      while (true) {
        if (open.empty())
          return IntTuple(Profile::fromNodes(nodes), leaves);
        ++nodes[open.back()];
        skipSpace();
        bool comma = consume(",");
        skipSpace();
        if (consume(")")) {
          open.pop_back();
          continue;
        }
        if (comma)
          break;
        return fail(ErrorKind::Syntax, "expected ',' or ')' in a tuple");
      }
    }
  }

  bool consume(llvm::StringRef token) {
    if (!rest().starts_with(token))
      return false;
    position += token.size();
    return true;
  }
  void skipSpace() {
    while (position < text.size() && llvm::isSpace(text[position]))
      ++position;
  }
  bool atEnd() {
    skipSpace();
    return position == text.size();
  }
  std::nullopt_t fail(ErrorKind kind, const llvm::Twine &what) {
    if (!error)
      error =
          Error(kind, "column " + llvm::Twine(position + 1) + ": " + what +
                          (position < text.size()
                               ? ", found '" + printable(text[position]) + "'"
                               : std::string(", found the end of the text")) +
                          " in '" + excerpt() + "'");
    return std::nullopt;
  }
  /// The same about the whole text.
  Error about(const Error &cause) const {
    return cause.withMessage("column 1: " + cause.message() + " in '" +
                             excerpt() + "'");
  }
  const Error &getError() const { return *error; }

private:
  llvm::StringRef rest() const { return text.substr(position); }

  static std::string printable(char c) {
    if (llvm::isPrint(c))
      return std::string(1, c);
    return "\\x" + llvm::utohexstr(static_cast<unsigned char>(c), true, 2);
  }
  std::string excerpt() const {
    std::string shown;
    for (char c : text.take_front(60))
      shown += printable(c);
    return text.size() > 60 ? shown + "..." : shown;
  }

  std::optional<int64_t> integer(bool isSigned) {
    llvm::StringRef digits =
        rest().take_while([](char c) { return llvm::isDigit(c) || c == '-'; });
    int64_t value;
    if (digits.empty() || (!isSigned && digits.starts_with("-")))
      return fail(ErrorKind::Syntax, "expected an integer");
    if (digits.drop_front().contains('-') || digits == "-")
      return fail(ErrorKind::Syntax, "malformed integer");
    if (digits.getAsInteger(10, value))
      return fail(ErrorKind::Range, "the integer does not fit 64 bits");
    position += digits.size();
    return value;
  }

  std::optional<Int> leaf() {
    skipSpace();
    if (consume("None"))
      return Int::none();
    Int value;
    if (consume("?")) {
      int64_t div = 1;
      if (consume("{")) {
        skipSpace();
        if (!consume("div"))
          return fail(ErrorKind::Syntax, "expected 'div' in '?{div=...}'");
        skipSpace();
        if (!consume("="))
          return fail(ErrorKind::Syntax, "expected '=' in '?{div=...}'");
        skipSpace();
        std::optional<int64_t> divisor = integer(/*isSigned=*/false);
        if (!divisor)
          return std::nullopt;
        if (*divisor < 1)
          return fail(ErrorKind::Divisor, "a divisor is positive");
        div = *divisor;
        skipSpace();
        if (!consume("}"))
          return fail(ErrorKind::Syntax, "expected '}' in '?{div=...}'");
      }
      value = Int::dynamic(div);
    } else {
      std::optional<int64_t> number = integer(/*isSigned=*/true);
      if (!number)
        return std::nullopt;
      value = *number;
    }
    if (!consume("@"))
      return value;
    llvm::SmallVector<unsigned, Int::maxBasisDepth> path;
    do {
      std::optional<int64_t> index = integer(/*isSigned=*/false);
      if (!index)
        return std::nullopt;
      if (*index > Int::maxBasisIndex)
        return fail(ErrorKind::Nesting,
                    "a coordinate has at most " +
                        llvm::Twine(Int::maxBasisIndex + 1) + " modes");
      if (path.size() == Int::maxBasisDepth)
        return fail(ErrorKind::Nesting, "a coordinate is nested at most " +
                                            llvm::Twine(Int::maxBasisDepth) +
                                            " deep");
      path.push_back(*index);
    } while (consume("."));
    return value.along(path);
  }

  llvm::StringRef text;
  size_t position = 0;
  std::optional<Error> error;
};
} // namespace

Result<IntTuple> IntTuple::parse(llvm::StringRef text) {
  Parser parser(text);
  std::optional<IntTuple> result = parser.tuple();
  if (result && !parser.atEnd())
    result = parser.fail(ErrorKind::Syntax, "unexpected text after the tuple");
  if (!result)
    return parser.getError();
  return *result;
}

Result<Layout> Layout::parse(llvm::StringRef text) {
  Parser parser(text);
  std::optional<IntTuple> shape = parser.tuple(), stride;
  if (!shape)
    return parser.getError();
  parser.skipSpace();
  if (parser.consume(":")) {
    stride = parser.tuple();
    if (!stride)
      return parser.getError();
  }
  if (!parser.atEnd()) {
    parser.fail(ErrorKind::Syntax,
                stride ? "unexpected text after the layout"
                       : "expected ':' and a stride, or the end");
    return parser.getError();
  }
  Result<Layout> layout = stride ? make(*shape, *stride) : make(*shape);
  if (!layout)
    return parser.about(layout.error());
  return layout;
}
