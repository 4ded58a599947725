# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the harness reads in MSL text, and what it rewrites for clang.

Clang has no threadgroup variables, function constants and kernel attributes of
its own, so the text is read as tokens: kernels' parameters are parsed, those
declarations are rewritten, and rules of Metal that clang cannot check are.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass


class CompileError(Exception):
    """MSL text that Metal would not accept, with the reason and the line."""


SCALAR_SIZES = {
    "bool": 1,
    "char": 1,
    "uchar": 1,
    "int8_t": 1,
    "uint8_t": 1,
    "short": 2,
    "ushort": 2,
    "int16_t": 2,
    "uint16_t": 2,
    "int": 4,
    "uint": 4,
    "int32_t": 4,
    "uint32_t": 4,
    "long": 8,
    "ulong": 8,
    "int64_t": 8,
    "uint64_t": 8,
    "size_t": 8,
    "half": 2,
    "bfloat": 2,
    "float": 4,
}
# The NumPy dtype of each scalar; a bfloat is its 16 bits.
SCALAR_DTYPES = {
    "bool": "bool",
    "char": "int8",
    "uchar": "uint8",
    "int8_t": "int8",
    "uint8_t": "uint8",
    "short": "int16",
    "ushort": "uint16",
    "int16_t": "int16",
    "uint16_t": "uint16",
    "int": "int32",
    "uint": "uint32",
    "int32_t": "int32",
    "uint32_t": "uint32",
    "long": "int64",
    "ulong": "uint64",
    "int64_t": "int64",
    "uint64_t": "uint64",
    "size_t": "uint64",
    "half": "float16",
    "bfloat": "uint16",
    "float": "float32",
    "atomic_int": "int32",
    "atomic_uint": "uint32",
    "atomic_bool": "bool",
    "atomic_ulong": "uint64",
    "atomic_float": "float32",
}

ADDRESS_SPACES = frozenset({"device", "constant", "threadgroup", "thread"})

POSITIONS = frozenset(
    {
        "thread_position_in_grid",
        "thread_position_in_threadgroup",
        "threadgroup_position_in_grid",
        "threads_per_threadgroup",
        "dispatch_threads_per_threadgroup",
        "threads_per_grid",
        "threadgroups_per_grid",
    }
)
INDICES = frozenset(
    {
        "thread_index_in_threadgroup",
        "thread_index_in_simdgroup",
        "simdgroup_index_in_threadgroup",
        "threads_per_simdgroup",
        "simdgroups_per_threadgroup",
        "dispatch_simdgroups_per_threadgroup",
        "thread_index_in_quadgroup",
        "quadgroup_index_in_threadgroup",
        "quadgroups_per_threadgroup",
    }
)
# Attributes that must have the same type if a kernel has both.
SAME_TYPE = (
    ("thread_position_in_grid", "threads_per_grid"),
    ("thread_position_in_threadgroup", "threads_per_threadgroup"),
)

# Words that <metal_stdlib> does not have, and the headers that do.
OWN_HEADERS = (
    (r"os_log\w*", "metal_logging"),
    (r"tensor_inline|dextents|cooperative_tensor", "metal_tensor"),
    (r"mpp", "MetalPerformancePrimitives/MetalPerformancePrimitives.h"),
)

# Words of C++ that Metal's dialect of it does not have.
FORBIDDEN = {
    "double": "Metal has no 8-byte floats",
    "goto": "Metal has no goto",
    "new": "Metal has no new",
    "delete": "Metal has no delete",
    "try": "Metal has no exceptions",
    "catch": "Metal has no exceptions",
    "throw": "Metal has no exceptions",
    "virtual": "Metal has no virtual functions",
    "dynamic_cast": "Metal has no run-time type information",
    "typeid": "Metal has no run-time type information",
    "thread_local": "Metal has no thread_local",
    "asm": "Metal has no asm",
}

MAX_BUFFER_INDEX = 30

_VECTOR = re.compile(r"(?:packed_)?([a-z]+)([234])$")
_SWIZZLE = re.compile("[xyzw]{2,4}")
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[\w.'])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark>::|->|&&|\|\||<<|>>|[-+*/%&|^<>=!]=|.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Token:
    """A word, number or mark of the text, and where it stands."""

    text: str
    kind: str
    begin: int
    end: int


@dataclass(frozen=True)
class Parameter:
    """A parameter of a kernel.

    Attributes
    ----------
    type
        The type as written, without attribute and name.
    element
        The type that a buffer's pointer or reference is of: `float4`.
    attribute, index
        `buffer` and its index, `threadgroup` and its index, or a position.
    """

    name: str
    type: str
    element: str
    space: str
    is_const: bool
    is_pointer: bool
    is_reference: bool
    attribute: str
    index: int

    @property
    def writable(self) -> bool:
        """Whether the kernel may write the buffer."""
        return self.space == "device" and not self.is_const


@dataclass(frozen=True)
class Kernel:
    """An entry point: its name and parameters."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def buffers(self) -> list[Parameter]:
        """The parameters that are arguments, by buffer index."""
        found = [p for p in self.parameters if p.attribute == "buffer"]
        return sorted(found, key=lambda p: p.index)


@dataclass(frozen=True)
class FunctionConstant:
    """`constant T name [[function_constant(index)]];`."""

    name: str
    type: str
    index: int


@dataclass(frozen=True)
class Program:
    """MSL text, read.

    Attributes
    ----------
    rewritten
        The text for clang, with the same lines as the original.
    wide
        Whether it accesses memory as vectors, so that buffers need the
        alignment of one.
    derived
        The number of constants that are computed from function constants.
    """

    rewritten: str
    kernels: tuple[Kernel, ...]
    constants: tuple[FunctionConstant, ...]
    wide: bool
    derived: int


def scalar_of(name: str) -> tuple[str, int] | None:
    """The scalar and the number of components of a type, None if unknown."""
    name = name.removeprefix("metal::")
    if name in SCALAR_DTYPES:
        return name, 1
    match = _VECTOR.match(name)
    if match and match[1] in SCALAR_SIZES:
        return match[1], int(match[2])
    return None


def size_of(name: str) -> int:
    """The bytes that an element of a buffer takes.

    Raises
    ------
    CompileError
        For a type that is no scalar, vector or atomic.
    """
    found = scalar_of(name)
    if found is None:
        raise CompileError(f"the harness knows no buffer of '{name}'")
    scalar, count = found
    size = 4 if scalar.startswith("atomic_") else SCALAR_SIZES[scalar]
    if scalar == "atomic_ulong":
        size = 8
    elif scalar == "atomic_bool":
        size = 1
    packed = name.removeprefix("metal::").startswith("packed_")
    return size * (4 if count == 3 and not packed else count)


def alignment_of(name: str) -> int:
    """The bytes at whose multiples an element of a buffer stands."""
    found = scalar_of(name)
    if found is not None and name.removeprefix("metal::").startswith("packed_"):
        return size_of(found[0])
    return size_of(name)


@functools.cache
def headers_of(word: str) -> list[str]:
    """The headers that a word needs, besides the standard library."""
    return [header for words, header in OWN_HEADERS if re.fullmatch(words, word)]


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, less comments and preprocessor directives."""
    return [
        Token(match[0], str(match.lastgroup), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup not in ("space", "directive")
    ]


def line_of(text: str, position: int) -> int:
    """The line, from 1, of a position in the text."""
    return text.count("\n", 0, position) + 1


class _Reader:
    """Reads one MSL text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.edits: list[tuple[int, int, str]] = []
        self.slots = 0
        self.derived = 0
        self.wide = any(
            token.text in ("*", "&") and (scalar_of(self.at(i - 1)) or ("", 1))[1] > 1
            for i, token in enumerate(self.tokens)
        )

    def error(self, token: Token, message: str) -> CompileError:
        return CompileError(f"line {line_of(self.text, token.begin)}: {message}")

    def at(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def join(self, begin: int, end: int) -> str:
        """The text of tokens [begin, end), on one line."""
        return " ".join(token.text for token in self.tokens[begin:end])

    def closing(self, index: int) -> int:
        """The index of the token that closes the bracket at `index`."""
        pairs = {"(": ")", "{": "}", "[": "]"}
        opens, closes = self.at(index), pairs[self.at(index)]
        depth = 0
        for i in range(index, len(self.tokens)):
            if self.at(i) == opens:
                depth += 1
            elif self.at(i) == closes:
                depth -= 1
                if depth == 0:
                    return i
        raise self.error(self.tokens[index], f"'{opens}' is never closed")

    def read(self) -> Program:
        self.check_words()
        self.check_pointers()
        kernels: list[Kernel] = []
        constants: list[FunctionConstant] = []
        for i, token in enumerate(self.tokens):
            if token.text == "kernel":
                attribute = self.at(i - 1) == "["
                kernels.append(self.kernel(i + 3 if attribute else i + 1))
            elif token.text == "function_constant":
                constants.append(self.function_constant(i))
            elif token.text == "is_function_constant_defined":
                self.derived_constant(i)
            elif token.text == "threadgroup":
                self.threadgroup_variable(i)
            elif token.text == "(":
                self.pointer_cast(i)
            elif token.text == "?":
                self.chosen_swizzle(i)
        rewritten = self.text
        for begin, end, new in sorted(self.edits, reverse=True):
            # A rewritten declaration keeps its line breaks, so that clang's
            # line numbers are those of the text.
            lines = rewritten.count("\n", begin, end)
            rewritten = rewritten[:begin] + new + "\n" * lines + rewritten[end:]
        return Program(rewritten, tuple(kernels), tuple(constants), self.wide, self.derived)

    # Rules that clang does not know.

    def check_words(self) -> None:
        included = set(re.findall(r"^\s*#\s*include\s*<([^>]*)>", self.text, re.MULTILINE))
        for i, token in enumerate(self.tokens):
            for header in headers_of(token.text) if token.kind == "word" else ():
                if header not in included:
                    raise self.error(token, f"'{token.text}' needs #include <{header}>")
            if token.kind == "word" and token.text in FORBIDDEN:
                raise self.error(token, f"'{token.text}': {FORBIDDEN[token.text]}")
            if token.kind == "number":
                self.check_number(token)
            # After these a bracket is neither a subscript nor an attribute.
            if (
                token.text == "["
                and self.at(i - 1) in ("=", "(", ",", "return")
                and self.at(i + 1) != "["
            ):
                raise self.error(token, "Metal has no lambdas")

    def check_number(self, token: Token) -> None:
        text = token.text.lower()
        is_hex = text.startswith("0x")
        # The digits of 0xbf are no suffix.
        if text.endswith("bf") and not (is_hex and "p" not in text):
            # Clang has another suffix for it.
            self.edits.append((token.begin, token.end, f"bfloat({text[:-2]})"))
            return
        is_float = "." in text or ("p" if is_hex else "e") in text
        suffixed = text.endswith(("f", "h")) and not (is_hex and "p" not in text)
        if is_float and not suffixed:
            raise self.error(
                token, f"'{token.text}' has no suffix: write {token.text}f or {token.text}h"
            )

    def check_pointers(self) -> None:
        """Every pointer and reference names the address space it points to."""
        for i, token in enumerate(self.tokens):
            if token.text not in ("*", "&") or i == 0:
                continue
            j = i - 1
            if self.at(j) == "const":
                j -= 1
            if scalar_of(self.at(j)) is None:
                continue
            while j >= 0 and (
                self.at(j) in ("const", "volatile", "::", "metal", "static", "inline")
                or self.at(j) in ADDRESS_SPACES
                or scalar_of(self.at(j)) is not None
            ):
                if self.at(j) in ADDRESS_SPACES:
                    break
                j -= 1
            if self.at(j) not in ADDRESS_SPACES:
                kind = "pointer" if token.text == "*" else "reference"
                raise self.error(
                    token,
                    f"a {kind} to '{self.at(i - 1)}' names no address space: write "
                    "device, constant, threadgroup or thread before the type",
                )

    # Declarations.

    def kernel(self, index: int) -> Kernel:
        """Reads the kernel whose return type stands at `index`."""
        head = self.tokens[min(index, len(self.tokens) - 1)]
        if self.at(index) != "void":
            raise self.error(head, "a kernel returns void")
        name = self.at(index + 1)
        if self.at(index + 2) != "(":
            raise self.error(head, f"kernel '{name}' has no parameter list")
        close = self.closing(index + 2)
        parameters: list[Parameter] = []
        begin = index + 3
        depth = 0
        for i in range(begin, close + 1):
            text = self.at(i)
            if i == close or (text == "," and depth == 0):
                if i > begin:
                    parameters.append(self.parameter(begin, i))
                begin = i + 1
            elif text in ("(", "[", "<"):
                depth += 1
            elif text in (")", "]", ">"):
                depth -= 1
        kernel = Kernel(name, tuple(parameters))
        self.check_parameters(kernel, head)
        return kernel

    def parameter(self, begin: int, end: int) -> Parameter:
        head = self.tokens[begin]
        attribute, index = "", -1
        stop = end
        for i in range(begin, end):
            if self.at(i) == "[" and self.at(i + 1) == "[":
                attribute = self.at(i + 2)
                if self.at(i + 3) == "(":
                    index = self.number(self.at(i + 4))
                # Clang would read `[[threadgroup(0)]]` as an address space.
                last = self.tokens[self.closing(i)]
                self.edits.append((self.tokens[i].begin, last.end, ""))
                stop = min(stop, i)
        name = self.at(stop - 1)
        words = [self.at(i) for i in range(begin, stop - 1)]
        if not attribute:
            raise self.error(head, f"parameter '{name}' has no attribute")
        pointer, reference = "*" in words, "&" in words
        # A const after the star is of the pointer, not of the buffer.
        target = words[: words.index("*")] if pointer else words
        element = "".join(
            word
            for word in target
            if word not in ("const", "volatile", "&", "*", "restrict")
            and word not in ADDRESS_SPACES
        )
        spaces = [word for word in target if word in ADDRESS_SPACES]
        parameter = Parameter(
            name=name,
            type=" ".join(words),
            element=element,
            space=spaces[0] if spaces else "",
            is_const="const" in target or "constant" in spaces,
            is_pointer=pointer,
            is_reference=reference,
            attribute=attribute,
            index=index,
        )
        self.check_parameter(parameter, head)
        return parameter

    def number(self, text: str) -> int:
        return int(text) if text.isdigit() else -1

    def check_parameter(self, parameter: Parameter, head: Token) -> None:
        name, attribute = parameter.name, parameter.attribute
        if attribute == "buffer":
            if not 0 <= parameter.index <= MAX_BUFFER_INDEX:
                raise self.error(head, f"'{name}': a buffer index is 0 to {MAX_BUFFER_INDEX}")
            if not (parameter.is_pointer or parameter.is_reference):
                raise self.error(
                    head,
                    f"'{name}' is passed by value: a scalar is 'constant {parameter.element}&'",
                )
            if parameter.space not in ("device", "constant"):
                raise self.error(head, f"'{name}': a buffer is in address space device or constant")
            size_of(parameter.element)
        elif attribute == "threadgroup":
            if parameter.space != "threadgroup" or not parameter.is_pointer:
                raise self.error(head, f"'{name}' is to be a threadgroup pointer")
        elif attribute in POSITIONS or attribute in INDICES:
            allowed = {"uint", "ushort"}
            if attribute in POSITIONS:
                allowed |= {f"{t}{n}" for t in ("uint", "ushort") for n in (2, 3)}
            if parameter.type.replace(" ", "").removeprefix("metal::") not in allowed:
                raise self.error(
                    head,
                    f"'{name}' of type '{parameter.type}': {attribute} is of type "
                    + ", ".join(sorted(allowed)),
                )
        else:
            raise self.error(head, f"'{name}': unknown attribute '{attribute}'")

    def check_parameters(self, kernel: Kernel, head: Token) -> None:
        taken: dict[tuple[str, int], str] = {}
        types: dict[str, str] = {}
        lanes: dict[int, str] = {}
        for parameter in kernel.parameters:
            key = (parameter.attribute, parameter.index)
            if key in taken:
                raise self.error(
                    head,
                    f"'{parameter.name}' and '{taken[key]}' have the same attribute",
                )
            taken[key] = parameter.name
            if parameter.attribute in POSITIONS:
                types[parameter.attribute] = parameter.type
                found = scalar_of(parameter.element)
                if found is not None and found[1] > 1:
                    lanes[found[1]] = parameter.name
        if len(lanes) > 1:
            names = " and ".join(f"'{name}'" for name in lanes.values())
            raise self.error(head, f"{names} are vectors with different numbers of components")
        for first, second in SAME_TYPE:
            if first in types and second in types and types[first] != types[second]:
                raise self.error(
                    head,
                    f"{first} is '{types[first]}' and {second} is '{types[second]}': "
                    "they must have the same type",
                )

    def function_constant(self, index: int) -> FunctionConstant:
        name, open_index = self.at(index - 3), index - 2
        begin = open_index - 1
        while begin > 0 and self.at(begin - 1) not in (";", "}", "{"):
            begin -= 1
        head = self.tokens[begin]
        words = [self.at(i) for i in range(begin, open_index - 1)]
        if "constant" not in words:
            raise self.error(head, f"function constant '{name}' is not 'constant'")
        type_name = "".join(w for w in words if w not in ("constant", "const"))
        found = scalar_of(type_name)
        if found is None or found[0].startswith("atomic_"):
            raise self.error(head, f"a function constant is no '{type_name}'")
        number = self.number(self.at(index + 2))
        end = self.closing(open_index)
        if self.at(end + 1) != ";":
            raise self.error(head, f"function constant '{name}' is initialized")
        symbol = f"ENIGMA_CONSTANT({number})"
        self.edits.append(
            (
                head.begin,
                self.tokens[end + 1].end,
                f'extern "C" {{ __attribute__((visibility("default"), used, aligned(16))) '
                f"unsigned char {symbol}[32]; }} "
                f"static constant {type_name} &{name} = "
                f"*(constant {type_name} *){symbol};",
            )
        )
        return FunctionConstant(name, type_name, number)

    def derived_constant(self, index: int) -> None:
        """Rewrites `constant T name = is_function_constant_defined(other) ? other : 1;`.

        It is computed when the function constants have their values.
        """
        if self.depth_of(index) != 0:
            return
        begin = end = index
        while begin > 0 and self.at(begin - 1) not in (";", "}", "]"):
            begin -= 1
        while self.at(end) != ";":
            end += 1
        equals = next((i for i in range(begin, end) if self.at(i) == "="), end)
        head = self.tokens[begin]
        words = [self.at(i) for i in range(begin, equals)]
        if words[0] != "constant" or equals == end or len(words) != 3:
            raise self.error(head, "what asks for function constants is no constant itself")
        _, type_name, name = words
        symbol = f"ENIGMA_DERIVED({self.derived})"
        visible = '__attribute__((visibility("default"), used, aligned(16)))'
        self.derived += 1
        self.edits.append(
            (
                head.begin,
                self.tokens[equals].end,
                f'extern "C" {{ {visible} unsigned char {symbol}[16]; }} '
                f"static constant {type_name} &{name} = *(constant {type_name} *){symbol}; "
                f'extern "C" {visible} void {symbol}_compute() {{ *({type_name} *){symbol} = ',
            )
        )
        self.edits.append((self.tokens[end].begin, self.tokens[end].end, "; }"))

    def threadgroup_variable(self, index: int) -> None:
        """Rewrites `alignas(16) threadgroup float tile[256];` into a reference."""
        begin_index, alignment = index, 1
        if self.at(index - 1) == ")" and self.at(index - 4) == "alignas":
            begin_index, alignment = index - 4, self.number(self.at(index - 2))
        elif self.at(index - 1) not in ("{", "}", ";", ")"):
            return
        end = index
        while self.at(end) not in (";", "", "(", "="):
            end += 1
        words = [self.at(i) for i in range(index + 1, end)]
        if self.at(end) in ("", "(") or "*" in words or "&" in words:
            return
        head = self.tokens[begin_index]
        if self.at(end) == "=":
            raise self.error(head, "a threadgroup variable cannot be initialized")
        if self.depth_of(index) == 0:
            raise self.error(head, "a threadgroup variable is declared in a kernel")
        # The type ends before the name, which stands before a '[', ',' or ';'.
        first = index + 2
        angle = 0
        while first < end:
            text = self.at(first)
            angle += (text == "<") - (text == ">")
            if angle == 0 and self.at(first + 1) in ("[", ",", ";"):
                break
            first += 1
        type_name = self.join(index + 1, first)
        declared: list[str] = []
        position = first
        while position < end:
            name = self.at(position)
            position += 1
            begin = position
            while self.at(position) == "[":
                position = self.closing(position) + 1
            dims = self.join(begin, position)
            declared.append(
                f"threadgroup {type_name} (&{name}){dims} = "
                f"::metal::detail::threadgroup_variable<{type_name}{dims}, "
                f"{self.slots}, {alignment}>();"
            )
            self.slots += 1
            position += 1
        self.edits.append((head.begin, self.tokens[end].end, " ".join(declared)))

    def depth_of(self, index: int) -> int:
        return sum((t.text == "{") - (t.text == "}") for t in self.tokens[:index])

    def pointer_cast(self, index: int) -> None:
        """Rewrites `(device float4*)p` so that clang keeps the address space."""
        before = self.tokens[index - 1] if index > 0 else None
        if before is not None and (
            (before.kind == "word" and before.text != "return") or before.text == ">"
        ):
            return
        close = self.closing(index)
        words = [self.at(i) for i in range(index + 1, close)]
        if "*" not in words or words[0] in ("*", "&"):
            return
        rest = [w for w in words if w not in ("const", "volatile", "*", "::", "metal")]
        if not rest or any(w not in ADDRESS_SPACES and scalar_of(w) is None for w in rest):
            return
        self.edits.append(
            (
                self.tokens[index].begin,
                self.tokens[close].end,
                f"(::metal::detail::pointer_cast<{' '.join(words)}>)",
            )
        )

    def chosen_swizzle(self, index: int) -> None:
        """Rewrites `c ? v.xy : w.yx`, since the two are of one type in Metal only."""
        name, letters, end = self.tokens[index + 1], self.tokens[index + 3], self.at(index + 4)
        is_swizzle = self.at(index + 2) == "." and _SWIZZLE.fullmatch(letters.text)
        if name.kind == "word" and is_swizzle and end == ":":
            text = f"::metal::detail::plain({name.text}.{letters.text})"
            self.edits.append((name.begin, letters.end, text))


@functools.cache
def read(text: str) -> Program:
    """Read MSL text.

    Raises
    ------
    CompileError
        Where the text breaks a rule of Metal that clang does not check.
    """
    return _Reader(text).read()
