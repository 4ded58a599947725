# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The language server, spoken to as editors do, and by one."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from json_rpc import decoded, encoded
from tools import path_of

ROOT = Path(__file__).resolve().parents[2]
URI = "test:///kernels.mlir"
KERNEL = """\
// Größe, 数, 🙂
enigma.kernel @scale%d(%%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %%c = arith.constant 0 : index
  %%x = enigma.load %%A[%%c] : !enigma.buffer<f32, device> -> f32
  %%y = arith.mulf %%x, %%x {note = "数"} : f32
  enigma.store %%y, %%A[%%c] : f32, !enigma.buffer<f32, device>
  enigma.return
}
"""


def converse(text, places, *, piece=None, arguments=()):
    """Open a text, and give the answers about places, lines and columns, and what else was said."""
    document = {"uri": URI, "languageId": "mlir", "version": 1, "text": text}
    messages = [
        {"id": "first", "method": "initialize", "params": {"capabilities": {}}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
    ]
    for number, (line, character) in enumerate(places):
        place = {"line": line, "character": character}
        params = {"textDocument": {"uri": URI}, "position": place}
        messages.append({"id": number, "method": "textDocument/hover", "params": params})
    messages += [{"id": "last", "method": "shutdown", "params": None}, {"method": "exit"}]
    given = b"".join(encoded(**message) for message in messages)
    server = subprocess.Popen(
        [path_of("enigma-lsp-server"), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    with server:
        if piece is not None:
            for start in range(0, len(given), piece):
                server.stdin.write(given[start : start + piece])
            given = None
        output, _ = server.communicate(given)
    assert server.returncode == 0
    stream = io.BytesIO(output)
    found = list(iter(lambda: decoded(stream), None))
    answers = {message["id"]: message["result"] for message in found if "id" in message}
    hovers = [answers[number] for number in range(len(places))]
    return [each and each["contents"]["value"] for each in hovers], found


def check_load(text):
    assert text.startswith(
        '"enigma.load"\n\n_Reads one element, or consecutive elements, of a buffer_'
    )
    for part in (
        "operation ::= `enigma.load` $buffer",
        "The result is the element at the subscript",
        "Constraints:\n1. ",
        "```mlir\nenigma.kernel @load(",
        "#### Attributes:\n\n| Attribute | Description |\n| :-------: | ----------- |\n| `index",
        "#### Operands:\n\n| Operand | Description |\n| :-----: | ----------- |\n| `buffer` | ",
        "#### Results:\n\n| Result | Description |",
        'Generic Form:\n\n```mlir\n%1 = "enigma.load"(%arg0, %0) : ',
    ):
        assert part in text
    assert "Traits:" not in text
    assert "<td>" not in text


@pytest.mark.parametrize("piece", [None, 1, 50])
@pytest.mark.parametrize("arguments", [[], ["--pretty"]])
def test_an_operation_has_its_documentation(piece, arguments):
    hovers, _ = converse(KERNEL % 0, [(3, 7), (3, 17), (5, 4)], piece=piece, arguments=arguments)
    check_load(hovers[0])
    assert hovers[0] == hovers[1]
    assert hovers[2].startswith('"enigma.store"\n\n_')


def test_a_symbol_stays_in_the_title():
    (hover,), _ = converse(KERNEL % 0, [(1, 2)])
    assert hover.startswith('"enigma.kernel" : public @scale0\n\n_A compute kernel_\n\n')


def test_what_the_dialect_has_no_documentation_of_is_as_it_was():
    hovers, _ = converse(KERNEL % 0, [(4, 8), (3, 3), (0, 1)])
    assert hovers[0].startswith('"arith.mulf"\n\nGeneric Form:\n\n```mlir\n')
    assert hovers[1] == 'Operation: "enigma.load"\n\nResult #0\n\nType: `f32`\n\n'
    assert hovers[2] is None


def test_large_messages():
    count = 2000
    text = "".join(KERNEL % number for number in range(count))
    lines = KERNEL.count("\n")
    hovers, _ = converse(text, [((count - 1) * lines + 3, 10)] * 200)
    assert len(text) > 2**19
    check_load(hovers[0])
    assert set(hovers) == {hovers[0]}


def test_errors_are_told():
    text = (KERNEL % 0).replace("%A[%c]", "%A[%größe]", 1)
    _, found = converse(text, [])
    (told,) = [each["params"] for each in found if "method" in each]
    assert told["uri"] == URI
    assert [each["range"]["start"]["line"] for each in told["diagnostics"]] == [3]


def test_every_operation_has_documentation():
    """Those of the examples that are whole kernels, which is most of them."""
    reference = ROOT / "build/docs/reference/dialect.md"
    if not reference.exists():
        pytest.skip("the reference of the dialect is not built")
    texts, places, names = [], [], []
    for part in re.split(r"^### ", reference.read_text(), flags=re.MULTILINE)[1:]:
        name = re.match(r"`(enigma\.\w+)`", part)
        for example in re.findall(r"```mlir\n(enigma\.kernel .*?)```", part, re.DOTALL):
            line = sum(text.count("\n") for text in texts)
            at = re.search(rf"\b{re.escape(name[1])}\b", example) if name else None
            if at is None or name[1] in names:
                continue
            before = example[: at.start()]
            places.append((line + before.count("\n"), len(before.rpartition("\n")[2]) + 1))
            names.append(name[1])
            texts.append(example.replace("@", f"@k{len(texts)}_", 1))
    hovers, _ = converse("".join(texts), places)
    assert len(names) > 100
    for name, hover in zip(names, hovers, strict=True):
        assert re.match(rf'"{re.escape(name)}"[^\n]*\n\n_\S.*_\n\n', hover), (name, hover)


def test_help_is_help():
    output = subprocess.check_output([path_of("enigma-lsp-server"), "--help"], text=True)
    assert "USAGE: enigma-lsp-server" in output
    assert "Enigma's language server" in output
    wrong = subprocess.run([path_of("enigma-lsp-server"), "--no-such"], capture_output=True)
    assert wrong.returncode == 1
    assert b"--no-such" in wrong.stderr


def test_a_server_that_is_told_nothing_ends():
    finished = subprocess.run([path_of("enigma-lsp-server")], input=b"", capture_output=True)
    assert finished.returncode != 0
    assert finished.stdout == b""


# What VS Code says of itself, of what the server can ask for.
VS_CODE = {
    "processId": None,
    "clientInfo": {"name": "Visual Studio Code", "version": "1.104.0"},
    "locale": "en",
    "rootUri": "file:///kernels",
    "capabilities": {
        "workspace": {"configuration": True, "workspaceFolders": True},
        "textDocument": {
            "synchronization": {"dynamicRegistration": True, "didSave": True},
            "hover": {"dynamicRegistration": True, "contentFormat": ["markdown", "plaintext"]},
            "definition": {"dynamicRegistration": True, "linkSupport": True},
            "references": {"dynamicRegistration": True},
            "completion": {"completionItem": {"snippetSupport": True}, "contextSupport": True},
            "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        },
        "window": {"workDoneProgress": True},
        "general": {"positionEncodings": ["utf-16"]},
    },
    "trace": "off",
    "workspaceFolders": [{"uri": "file:///kernels", "name": "kernels"}],
}


class Editor:
    """The server as VS Code's extension runs it: the command alone, message after message."""

    def __init__(self, text):
        self.process = subprocess.Popen(
            [path_of("enigma-lsp-server")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.last = 0
        self.told = []
        self.can = self.ask("initialize", VS_CODE)["capabilities"]
        self.tell("initialized", {})
        document = {"uri": URI, "languageId": "mlir", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def tell(self, method, params, **more):
        self.process.stdin.write(encoded(method=method, params=params, **more))
        self.process.stdin.flush()

    def read(self):
        message = decoded(self.process.stdout)
        assert message is not None, "the server has ended"
        return message

    def ask(self, method, params):
        self.last += 1
        self.tell(method, params, id=self.last)
        while (message := self.read()).get("id") != self.last:
            self.told.append(message)
        return message["result"]

    def at(self, method, line, column, **more):
        place = {"line": line, "character": column}
        return self.ask(method, {"textDocument": {"uri": URI}, "position": place, **more})

    def diagnostics(self, version):
        """Those of a version of the text, which the server says when it has read it."""
        while not self.told or self.told[-1]["params"].get("version") != version:
            self.told.append(self.read())
        return self.told[-1]["params"]["diagnostics"]


def lines_of(places):
    return sorted(each["range"]["start"]["line"] for each in places)


def test_vs_code_shows_it():
    page = (ROOT / "docs/compiler.md").read_text()
    (settings,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert json.loads(settings) == {"mlir.server_path": "enigma-lsp-server"}
    text = KERNEL % 0
    with Editor(text) as editor:
        for ability in ("hoverProvider", "definitionProvider", "referencesProvider"):
            assert editor.can[ability], ability
        assert editor.can["completionProvider"]
        assert editor.diagnostics(1) == []
        check_load(editor.at("textDocument/hover", 3, 10)["contents"]["value"])
        # %y is defined in line 4; %x in line 3, and used twice in line 4.
        assert lines_of(editor.at("textDocument/definition", 5, 17)) == [4]
        uses = editor.at("textDocument/references", 3, 3, context={"includeDeclaration": True})
        assert lines_of(uses) == [3, 4, 4]
        # An edit that leaves a use without its definition, and its correction.
        broken = text.replace("%c = arith.constant", "%d = arith.constant")
        for version, content, lines in ((2, broken, [3]), (3, text, [])):
            document = {"uri": URI, "version": version}
            changes = [{"text": content}]
            editor.tell(
                "textDocument/didChange", {"textDocument": document, "contentChanges": changes}
            )
            assert lines_of(editor.diagnostics(version))[:1] == lines


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        ("  enigma.", {"load", "store", "thread_position_in_grid"}),
        ("  %z = arith.addf %", {"%x", "%y"}),
        ("  %z = arith.constant 1 : ", {"f32", "index", "vector"}),
    ],
)
def test_it_completes(before, offered):
    lines = (KERNEL % 0).splitlines()
    lines.insert(5, before)
    with Editor("\n".join(lines) + "\n") as editor:
        found = editor.at("textDocument/completion", 5, len(before), context={"triggerKind": 1})
        items = found["items"] if isinstance(found, dict) else found
        assert offered <= {each["label"] for each in items}, [each["label"] for each in items]


# What an editor shows of a file, line by line: a hover, a definition, and errors once it is edited.
EDITOR = """
local function ask(method, line, column)
  local document = vim.lsp.util.make_text_document_params()
  local params = { textDocument = document, position = { line = line, character = column } }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 60000) or {}) do
    return answer.result
  end
end
local clients = vim.lsp.get_clients or vim.lsp.buf_get_clients
vim.cmd("edit kernels.mlir")
vim.wait(60000, function() return next(clients(vim.lsp.get_clients and { bufnr = 0 } or 0)) end)
print(vim.json.encode(ask("textDocument/hover", 3, 10)) .. "\\n")
print(vim.json.encode(ask("textDocument/definition", 4, 18)) .. "\\n")
vim.api.nvim_buf_set_lines(0, 2, 3, false, {})
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end)
print(vim.json.encode(vim.diagnostic.get(0)[1]) .. "\\n")
vim.cmd("qall!")
"""


def test_neovim_shows_it(tmp_path, monkeypatch):
    editor = shutil.which("nvim")
    if editor is None:
        pytest.skip("Neovim is not installed")
    version = subprocess.check_output([editor, "--version"], text=True)
    major, minor = map(int, re.match(r"NVIM v(\d+)\.(\d+)", version).groups())
    page = (ROOT / "docs/compiler.md").read_text()
    recent, older = re.findall(r"```lua\n(.*?)```", page, re.DOTALL)
    is_recent = (major, minor) >= (0, 11)
    (tmp_path / "init.lua").write_text(recent if is_recent else older)
    (tmp_path / "ask.lua").write_text(EDITOR)
    (tmp_path / "kernels.mlir").write_text(KERNEL % 0)
    monkeypatch.setenv("PATH", str(Path(path_of("enigma-lsp-server")).parent), prepend=":")
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    finished = subprocess.run(
        [editor, "--headless", "-u", "init.lua", "-c", "luafile ask.lua"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    # Where it prints to is its own choice.
    said = (finished.stdout + finished.stderr).splitlines()
    hover, definition, error = (json.loads(line) for line in said if line.startswith(("{", "[")))
    check_load(hover["contents"]["value"])
    assert definition[0]["range"]["start"] == {"line": 3, "character": 2}
    assert error["lnum"] == 2
    assert "undeclared" in error["message"]
