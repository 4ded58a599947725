# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The explorer: what a run of a file tells, what the page shows, and what the server sends."""

from __future__ import annotations

import html
import http.client
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import enigma
from enigma import Layout, _highlight
from enigma.compiler.observers import AS_TRACED, Observer, observed, passes_of
from enigma.explorer import main
from enigma.explorer.content import Content
from enigma.explorer.page import whole_page
from enigma.explorer.process import Found, run
from enigma.explorer.server import Explorer, Server

#: Seconds that a run may take on a busy machine.
PATIENCE = 300.0

KERNELS = """\
import enigma
from enigma import Layout, Tensor
from helper import doubled


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32, C: enigma.f32):
    tid = enigma.thread_position_in_grid
    C[tid] = doubled(A[tid]) + B[tid]  # </script><b>


@enigma.kernel
def uneven(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    if A[i] > 0:
        B[i] = A[i]


@enigma.kernel
def copy_tile(A, B, tv, tiler):
    tid = enigma.thread_position_in_threadgroup.x
    memory = enigma.threadgroup_alloc(A.element_type, 128)
    shared = enigma.make_tensor(memory, Layout((8, 16), (16, 1)))
    to = enigma.tensor_composition(shared, tv, tiler)[tid, None]
    to.store(enigma.tensor_composition(A, tv, tiler)[tid, None].load())
    enigma.barrier()
    enigma.tensor_composition(B, tv, tiler)[tid, None].store(to.load())


@enigma.kernel
def unannotated(A, B):
    B[0] = A[0]


@enigma.jit
def copy(A, B):
    tiler, tv = enigma.make_layout_tv(Layout((8, 4), (4, 1)), Layout((1, 4)))
    copy_tile(A, B, tv, tiler).launch(grid=(1, 1, 1), block=(32, 1, 1))


@enigma.jit
def never(A):
    copy(A, A)


for dtype in ("float", "half"):
    tensors = [Tensor(n, i, dtype, Layout((8, 16), (16, 1))) for i, n in enumerate("AB")]
    enigma.compile(copy, *tensors)
    enigma.compile(copy, *tensors)
print("all", "compiled")
enigma.compile(uneven, vec_width=4)
"""
HELPER = """\
import enigma


@enigma.func
def doubled(x):
    return x * 2
"""


def line_of(text: str, part: str) -> int:
    """Give the number of the only line that has a part."""
    (number,) = (n for n, line in enumerate(text.splitlines(), 1) if part in line)
    return number


def found_in(path: Path) -> Found:
    found = run(str(path), PATIENCE)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Found]:
    folder = tmp_path_factory.mktemp("explored")
    path = folder / "kernels.py"
    path.write_text(KERNELS)
    (folder / "helper.py").write_text(HELPER)
    return path, found_in(path)


@pytest.fixture(scope="module")
def data(good: tuple[Path, Found]) -> dict[str, Any]:
    path, found = good
    return Content(str(path)).of(found)


def unit_of(data: dict[str, Any], title: str) -> dict[str, Any]:
    (unit,) = (unit for unit in data["units"] if unit["title"].startswith(title))
    return unit


def pane_of(unit: dict[str, Any], id: str) -> dict[str, Any]:
    (pane,) = (pane for pane in unit["panes"] if pane["id"] == id)
    return pane


def plain(line: str) -> str:
    """Give a line without its colours."""
    return html.unescape(re.sub(r"</?span[^>]*>", "", line))


# What is watched.


@pytest.mark.parametrize(
    ("pipeline", "passes"),
    [
        ("builtin.module(a)", ["a"]),
        ("builtin.module(a,b)", ["a", "b"]),
        ("builtin.module(k(a,b),c)", ["k(a)", "k(b)", "c"]),
        ("builtin.module(k(a{x=1,2 y=(3)},b))", ["k(a{x=1,2 y=(3)})", "k(b)"]),
        ("builtin.module(a{p=k(b,c)})", ["a{p=k(b,c)}"]),
        ("builtin.module(k(l(a,b)))", ["k(l(a))", "k(l(b))"]),
        ("builtin.module()", []),
    ],
)
def test_pipelines_are_split(pipeline: str, passes: list[str]) -> None:
    assert passes_of(pipeline) == passes


class Watching(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.lines: list[dict[int, tuple[str, int, int]]] = []
        self.texts: list[str] = []
        self.told: list[Any] = []

    def begins(self, function: Any, options: Any) -> None:
        self.told.append(function)

    def ran(self, session: Any, trace: Any, step: str) -> None:
        origins: dict[int, tuple[str, int, int]] = {}
        self.texts.append(session.ir.print_with_origins(trace.module, origins))
        self.lines.append(origins)
        self.steps.append(step)

    def ends(self, compiled: Any) -> None:
        self.told.append(compiled)


@enigma.kernel
def scaled(A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.u32)):
    i = enigma.thread_position_in_grid
    if i < n:
        B[i] = A[i] * 2


@pytest.mark.parametrize("width", [0, 4])
def test_watching_changes_nothing(width: int) -> None:
    unwatched = enigma.compile(scaled, vec_width=width, emit_only=True)
    scaled.compilations.clear()
    watching = Watching()
    with observed(watching):
        watched = enigma.compile(scaled, vec_width=width, emit_only=True)
    assert watched.metal_source == unwatched.metal_source
    assert watched.flat_ir == unwatched.flat_ir
    assert watching.told == [scaled, watched]
    assert watching.steps[0] == AS_TRACED
    assert all(step.startswith("enigma.kernel(enigma-") for step in watching.steps[1:])
    assert any("vectorize" in step for step in watching.steps) == bool(width)


def test_lines_of_the_dialect_know_their_origin() -> None:
    scaled.compilations.clear()
    watching = Watching()
    with observed(watching):
        enigma.compile(scaled, emit_only=True)
    code = scaled.function.__code__
    source = Path(__file__).read_text().splitlines()
    for text, origins in zip(watching.texts, watching.lines, strict=True):
        lines = text.splitlines()
        for number, (file, line, _) in origins.items():
            assert lines[number - 1].strip(" }")
            assert file == __file__
            assert code.co_firstlineno <= line <= code.co_firstlineno + 4
        (product,) = (n for n, line in enumerate(lines, 1) if "arith.mulf" in line)
        assert source[origins[product][1] - 1].strip() == "B[i] = A[i] * 2"


# What a run tells, as the page has it.


def test_everything_compiled_is_shown_once(data: dict[str, Any]) -> None:
    titles = [unit["title"] for unit in data["units"]]
    assert [title.split(",")[0] for title in titles] == [
        "copy",
        "copy",
        "uneven (vec_width=4)",
        "add",
    ]
    assert "f32" in titles[0]
    assert "f16" in titles[1]
    assert len({unit["id"] for unit in data["units"]}) == 4
    assert data["output"].strip() == "all compiled"


@pytest.mark.parametrize("id", ["ir0", "metal"])
@pytest.mark.parametrize(
    ("unit", "source", "python", "shown"),
    [
        ("add", 0, "C[tid] = doubled", {"ir0": "arith.addf", "metal": "C[tid] = A[tid] * 2.0f"}),
        ("uneven", 0, "B[i] = A[i]", {"ir0": "enigma.store", "metal": "B[i] = A[i];"}),
        ("uneven", 0, "if A[i] > 0", {"ir0": "scf.if", "metal": "if ("}),
        ("copy, A: f32", 0, "enigma.barrier", {"ir0": "barrier", "metal": "threadgroup_barrier"}),
    ],
)
def test_lines_are_matched(
    data: dict[str, Any], unit: str, source: int, python: str, shown: dict[str, str], id: str
) -> None:
    pane = pane_of(unit_of(data, unit), id)
    number = line_of("\n".join(map(plain, data["sources"][source]["lines"])), python)
    matched = [
        plain(line)
        for line, key in zip(pane["lines"], pane["keys"], strict=True)
        if key == f"{source}:{number}"
    ]
    assert any(shown[id] in line for line in matched), matched


@pytest.mark.parametrize("id", ["llvm_ir", "assembly"])
@pytest.mark.parametrize(
    ("unit", "source", "python", "shown"),
    [
        ("add", 0, "C[tid] = doubled", r"= fadd .* float>"),
        ("add", 1, "x * 2", r"= fmul .* float>"),
        ("uneven", 0, "B[i] = A[i]", r"call void @llvm\.masked\.store"),
        ("uneven", 0, "if A[i] > 0", r"= fcmp ogt "),
    ],
)
def test_lines_of_code_are_matched(
    data: dict[str, Any], unit: str, source: int, python: str, shown: str, id: str
) -> None:
    pane = pane_of(unit_of(data, unit), id)
    lines = list(map(plain, pane["lines"]))
    number = line_of("\n".join(map(plain, data["sources"][source]["lines"])), python)
    matched = [
        line for line, key in zip(lines, pane["keys"], strict=True) if key == f"{source}:{number}"
    ]
    # What a CPU's instructions are called is not ours to say.
    assert matched
    assert id == "assembly" or any(re.search(shown, line) for line in matched), matched
    # No line is matched that has no instruction.
    for line, key in zip(lines, pane["keys"], strict=True):
        assert not key or line.startswith(("  ", "\t")), line
    # The text is as it is without lines.
    assert not any(re.search(r"!dbg|!DI|^\t\.(?:loc|file\t\d)", line) for line in lines)


def test_lines_of_other_files_are_matched(data: dict[str, Any]) -> None:
    assert [source["name"] for source in data["sources"]] == ["kernels.py", "helper.py"]
    keys = pane_of(unit_of(data, "add"), "ir0")["keys"]
    assert f"1:{line_of(HELPER, 'x * 2')}" in keys


def test_the_page_has_all_forms(data: dict[str, Any]) -> None:
    panes = unit_of(data, "add")["panes"]
    assert panes[0]["title"] == "as traced"
    titles = [pane["title"] for pane in panes]
    assert "after enigma-lower-layouts{index-bits=32}" in titles
    assert titles[-3:] == ["MSL", "LLVM IR of the CPU", "Assembly of the CPU"]
    by_id = {pane["id"]: "\n".join(map(plain, pane["lines"])) for pane in panes}
    assert "define " in by_id["llvm_ir"]
    assert "enigma_kernel_add" in by_id["assembly"]
    # Of passes that change nothing there is no text, and of those that do there is.
    for pane in panes:
        assert bool(pane["lines"]) != pane.get("same", False)
        assert len(pane["lines"]) == len(pane["keys"])
    assert any(pane.get("same") for pane in panes)


def test_launch_and_parameters_are_shown(data: dict[str, Any]) -> None:
    facts = dict(unit_of(data, "copy, A: f32")["facts"])
    assert facts["launch"] == "grid (1, 1, 1), block (32, 1, 1), 512 bytes of threadgroup memory"
    assert facts["A"] == "f32 buffer read (8, 16)"
    assert facts["MSL"] == "2.4"


def test_layouts_are_shown_at_their_lines(data: dict[str, Any]) -> None:
    layouts = unit_of(data, "copy, A: f32")["layouts"]
    lines = {layout["title"].split(" = ")[1]: layout["key"] for layout in layouts}
    assert lines["make_tensor: banks"] == f"0:{line_of(KERNELS, 'shared =')}"
    # Views stand in the dialect where they are first used.
    seen = [n for n, line in enumerate(KERNELS.splitlines(), 1) if "tensor_composition" in line]
    assert lines["composition: threads and values"] in [f"0:{n}" for n in seen]
    assert len({(layout["title"], layout["svg"]) for layout in layouts}) == len(layouts)
    (plan,) = (layout for layout in layouts if "threads" in layout["title"])
    assert "T31" in plan["svg"]
    assert plan["svg"].startswith("<svg")


@pytest.mark.parametrize(
    ("kind", "python", "text", "remedy"),
    [
        ("warning", "if A[i] > 0", "is not vectorized", "without vec_width"),
        (
            "note",
            "@enigma.kernel\ndef unannotated",
            "'A' of kernel unannotated has no annotation",
            "",
        ),
        ("note", "@enigma.jit\ndef never", "never is not compiled here", "enigma.compile(never"),
    ],
)
def test_messages_are_beside_their_lines(
    data: dict[str, Any], kind: str, python: str, text: str, remedy: str
) -> None:
    (message,) = (each for each in data["messages"] if text in each["text"])
    assert message["kind"] == kind
    assert message["key"] == f"0:{KERNELS[: KERNELS.index(python)].count(chr(10)) + 1}"
    assert remedy in message["help"]


def test_the_files_of_a_result_are_known(good: tuple[Path, Found]) -> None:
    path, found = good
    assert str(path.with_name("helper.py")) in found.files
    assert found.is_done
    assert not found.has_failed


def test_what_an_earlier_process_compiled_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "again.py"
    path.write_text(SMALL + "\n\nenigma.compile(negate)\n")
    runs = [found_in(path) for _ in range(2)]
    for found in runs:
        assert [unit["title"] for unit in found.units.values()] == ["negate"]
        assert found.messages == []


# Files that go wrong.

START = "import enigma\nimport os, sys, ctypes\n\n\n"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x = (\n", "SyntaxError: '(' was never closed", 5),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero", 6),
        ("sys.exit(3)\n", "the file exits with 3", None),
        ("os._exit(4)\n", "the process ended early, with exit code 4", None),
        ("\nctypes.string_at(0)\n", "the process crashed: SIGSEGV", 6),
        (
            "@enigma.kernel\ndef k(A: enigma.f32):\n    A[0] = A[0] + 'a'\n",
            "the right operand is a str ('a')",
            7,
        ),
        (
            "@enigma.kernel\ndef k(A: enigma.i32):\n    A[0] = A[0] / 2\nenigma.compile(k)\n",
            "`/`",
            7,
        ),
    ],
)
def test_what_goes_wrong_is_told(tmp_path: Path, text: str, message: str, line: int | None) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(START + text)
    found = found_in(path)
    assert found.has_failed
    (told,) = (each for each in found.messages if each["kind"] == "error")
    assert message in told["text"]
    assert (told["place"] and told["place"][:2]) == ([str(path), line] if line else None) or (
        told["place"] and tuple(told["place"][:2]) == (str(path), line)
    )
    assert Content(str(path)).of(found)["messages"][0]["key"] == (f"0:{line}" if line else "")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # What is dead may wait for someone to ask about it.
    status = Path(f"/proc/{process}/status")
    return "zombie" not in (status.read_text() if status.exists() else "")


def test_what_hangs_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "hangs.py"
    # It also ignores what may be ignored, and leaves another process behind.
    path.write_text(
        "import signal, subprocess, sys\n"
        "import enigma\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"
        "print(other.pid, flush=True)\n"
        "while True:\n"
        "    pass\n"
    )
    began = time.monotonic()
    found = run(str(path), 20)
    assert found is not None
    assert time.monotonic() - began < 100
    (told,) = found.messages
    assert "still running after 20 seconds" in told["text"]
    assert "--timeout" in told["help"]
    assert told["place"][1] in (6, 7)
    other = int(found.output.split()[0])
    end = time.monotonic() + PATIENCE
    while is_running(other):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_is_not_wanted_any_more_ends(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("while True:\n    pass\n")
    assert run(str(path), PATIENCE, lambda: False) is None


def test_the_last_good_result_stays(good: tuple[Path, Found]) -> None:
    path, found = good
    content = Content(str(path))
    before = content.of(found)
    # Two lines more at the top, and the line of `add` is not what it was.
    now = "# One.\n# Two.\n" + KERNELS.replace(
        "C[tid] = doubled(A[tid])", "C[tid] = doubled(A[tid]"
    )
    message = {"kind": "error", "text": "SyntaxError", "help": "", "place": (str(path), 11, 1)}
    after = content.of(Found(source=now, messages=[message], is_over=True))
    assert [unit["id"] for unit in after["units"]] == [unit["id"] for unit in before["units"]]
    assert all(unit["stale"] for unit in after["units"])
    assert not any(unit["stale"] for unit in before["units"])
    assert after["messages"][0]["key"] == "0:11"
    old, new = (pane_of(unit_of(each, "uneven"), "metal") for each in (before, after))
    assert old["lines"] == new["lines"]
    for one, other in zip(old["keys"], new["keys"], strict=True):
        assert other == (f"0:{int(one[2:]) + 2}" if one.startswith("0:") else one)
    changed = f"0:{line_of(KERNELS, 'C[tid] =') + 2}"
    assert changed not in pane_of(unit_of(after, "add"), "metal")["keys"]
    # Once the file is right again, what it has not any more is gone.
    again = content.of(Found(source="", is_over=True))
    assert again["units"] == []


# The page as one file.


def data_in(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page)
    known: dict[str, Any] = json.loads(text)
    return known


def test_the_file_has_all_and_asks_for_nothing(data: dict[str, Any]) -> None:
    page = whole_page(data)
    assert data_in(page) == json.loads(json.dumps(data))
    frame = page.replace(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"), "")
    assert not re.search(r"https?:|//\w+\.\w|@import|url\(", frame)
    assert re.findall(r'(?:src|href)="([^"]*)"', frame) == ["data:,"]
    # The policy holds the browser to it.
    assert "default-src 'none'" in page
    # What the file of the user says is no part of the page.
    assert page.count("<script") == page.count("</script>") == 2


def test_html_from_the_command_line(
    good: tuple[Path, Found], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = good
    target = tmp_path / "folder" / "page.html"
    assert main([str(path), "--html", str(target), "--timeout", str(PATIENCE)]) == 0
    errors = capsys.readouterr().err
    line = line_of(KERNELS, "if A[i] > 0")
    assert errors.startswith(f"{path}:{line}: warning: kernel 'enigma_kernel_uneven' is not")
    assert len(data_in(target.read_text())["units"]) == 4


@pytest.mark.needs_positions
def test_errors_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("import enigma\nenigma.f33\n")
    target = tmp_path / "page.html"
    assert main([str(path), "--html", str(target), "--timeout", str(PATIENCE)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith(f"{path}:2:1: error: ")
    assert "\n    enigma.f33\n    ^" in errors
    assert data_in(target.read_text())["messages"][0]["kind"] == "error"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["{folder}/none.py"], 1, "cannot read '{folder}/none.py': No such file or directory"),
        (["{folder}"], 1, "cannot read '{folder}': Is a directory"),
        ([], 2, "FILE.py"),
        (["{file}", "--timeout", "long"], 2, "--timeout"),
        (["{file}", "--timeout", "-1"], 2, "--timeout is -1"),
        (["{file}", "--port", "70000"], 2, "port 70000 cannot be used: ports go from 0 to 65535"),
        (["{file}", "--port", "{taken}"], 2, "cannot be used: Address already in use"),
        (["{file}", "--html", "{file}/x.html", "--timeout", "300"], 1, "fine.py': it is a file"),
    ],
)
def test_wrong_command_lines(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    path = tmp_path / "fine.py"
    path.write_text("import enigma\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        names = {"folder": tmp_path, "file": path, "taken": taken.getsockname()[1]}
        assert main([each.format(**names) for each in arguments]) == code
    errors = capsys.readouterr().err
    assert errors.startswith("enigma: error: ")
    assert said.format(**names) in errors


# The server.


class Served:
    """A server that runs, of a file."""

    def __init__(self, path: Path) -> None:
        self.explorer = Explorer(str(path), PATIENCE)
        self.server = Server(self.explorer, 0)
        self.explorer.start()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        self.explorer.stop()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def get(
        self, path: str, host: str | None = "", method: str = "GET"
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        if host is not None:
            connection.putheader("Host", host or f"127.0.0.1:{self.server.server_port}")
        connection.endheaders()
        return connection.getresponse()

    def settled(self, after: int = 0) -> dict[str, Any]:
        """Wait for a result behind a version."""
        data = self.explorer.data
        end = time.monotonic() + PATIENCE
        while data["busy"] or data["version"] <= after:
            assert time.monotonic() < end
            data = self.explorer.news(data["version"], 1)
        return data


SMALL = """\
import enigma


@enigma.kernel
def negate(A: enigma.f32):
    i = enigma.thread_position_in_grid
    A[i] = -A[i]
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Served]]:
    path = tmp_path_factory.mktemp("served") / "small.py"
    path.write_text(SMALL)
    running = Served(path)
    yield path, running
    running.stop()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("127.0.0.1", 403),
        ("example.com:{port}", 403),
        ("localhost.example.com:{port}", 403),
        ("127.0.0.1:1", 403),
        ("[::1]:{port}", 403),
        (None, 403),
    ],
)
@pytest.mark.parametrize("path", ["/", "/data", "/explorer.js"])
def test_only_this_machine_is_answered(
    served: tuple[Path, Served], host: str | None, status: int, path: str
) -> None:
    _, running = served
    name = host and host.format(port=running.server.server_port)
    with running.get(path, name) as response:
        assert response.status == status
        assert (len(response.read()) > 50) == (status == 200)
    assert running.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/explorer.css", "text/css; charset=utf-8"),
        ("/explorer.js", "text/javascript; charset=utf-8"),
        ("/data", "application/json"),
    ],
)
def test_what_is_sent_stays_here(served: tuple[Path, Served], path: str, kind: str) -> None:
    with served[1].get(path) as response:
        assert response.headers["Content-Type"] == kind
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/none", "/../page.html", "/static/page.html", "/data/x"])
def test_there_is_nothing_else(served: tuple[Path, Served], path: str) -> None:
    with served[1].get(path) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("error", "told"), [(ConnectionResetError, False), (BrokenPipeError, False), (OSError, True)]
)
def test_a_page_that_is_closed_is_no_error(
    served: tuple[Path, Served],
    error: type[OSError],
    told: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = served[1].server
    is_over = threading.Event()

    def fail(request: Any, address: Any) -> None:
        raise error("the page is closed")

    def shut_down(request: Any) -> None:
        server.close_request(request)
        is_over.set()

    monkeypatch.setattr(server, "finish_request", fail)
    monkeypatch.setattr(server, "shutdown_request", shut_down)
    with socket.create_connection(server.server_address):
        assert is_over.wait(PATIENCE)
    assert ("the page is closed" in capsys.readouterr().err) == told


def test_nothing_can_be_sent_to_it(served: tuple[Path, Served]) -> None:
    for method in ("POST", "PUT", "DELETE"):
        with served[1].get("/data", method=method) as response:
            assert response.status == 501


def test_the_page_follows_the_file(served: tuple[Path, Served]) -> None:
    path, running = served
    first = running.settled()
    assert [unit["title"] for unit in first["units"]] == ["negate"]
    with running.get("/news") as news:
        assert news.headers["Content-Type"] == "text/event-stream"
        assert news.readline().startswith(b"data: ")

        # An editor writes a file of its own, and puts it in the place.
        other = path.with_suffix(".new")
        other.write_text(SMALL.replace("-A[i]", "-A[i] +"))
        other.replace(path)
        broken = running.settled(first["version"])
        assert "SyntaxError" in broken["messages"][0]["text"]
        assert broken["messages"][0]["key"] == "0:7"
        assert [(unit["title"], unit["stale"]) for unit in broken["units"]] == [("negate", True)]

        path.write_text(SMALL.replace("negate", "opposite"))
        right = running.settled(broken["version"])
        assert [(unit["title"], unit["stale"]) for unit in right["units"]] == [("opposite", False)]
        assert right["messages"] == []
        # There was word of it.
        assert next(line for line in iter(news.readline, b"") if line.startswith(b"data: "))
        with running.get("/data") as response:
            assert json.loads(response.read())["version"] == right["version"]


# Code in colours.

SAMPLES = {
    "python": "@enigma.kernel\ndef f(x: int) -> str:\n    return f'{x}' + \"<&>\"  # why\n",
    "mlir": '%0 = "a.b"(%x#1) {n = "s\\"", k = #enigma.d<f32>} : (!enigma.buffer<f32>) -> f32\n',
    "metal": "kernel void f(device const float4* A [[buffer(0)]]) { A[0] < A[1] && true; }\n\n",
    "llvm": "define void @f(ptr %0) {\n  ret void\n}",
    "assembly": "f:\n\tmovq\t%rdi, %rax\n\tretq\n",
    "text": "\n a <b> & c \n\n",
}


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.parametrize("has_pygments", [True, False])
def test_code_keeps_its_text(
    monkeypatch: pytest.MonkeyPatch, language: Any, has_pygments: bool
) -> None:
    if has_pygments:
        pytest.importorskip("pygments")
    else:
        monkeypatch.setattr(_highlight, "_lexer", lambda language: None)
    text = SAMPLES[language]
    lines = _highlight.lines_of(text, language)
    assert [plain(line) for line in lines] == text.split("\n")
    for line in lines:
        assert line.count("<span") == line.count("</span>")
    assert ("<span" in "".join(lines)) == (has_pygments and language != "text")


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", "return", "k"),
        ("python", "# why", "c"),
        ("mlir", "!enigma.buffer", "t"),
        ("mlir", "%x#1", "v"),
        ("metal", "kernel", "k"),
        ("metal", "float4", "t"),
        ("metal", "0", "n"),
        ("llvm", "@f", "v"),
    ],
)
def test_code_has_colours(language: Any, text: str, name: str) -> None:
    pytest.importorskip("pygments")
    assert f'<span class="{name}">{text}</span>' in "".join(
        _highlight.lines_of(SAMPLES[language], language)
    )


def test_pictures_of_unknown_sizes_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "sizes.py"
    path.write_text(
        "import enigma\nfrom enigma import Layout, Tensor\n\n\n"
        "@enigma.kernel\ndef k(A):\n    A[0, 0] = 1\n\n\n"
        "@enigma.jit\ndef j(A):\n    k(A).launch(grid=(1, 1, 1), block=(1, 1, 1))\n\n\n"
        "n = enigma.dyn('n')\nenigma.compile(j, Tensor('A', 0, 'float', Layout((n, 4), (4, 1))))\n"
    )
    (unit,) = Content(str(path)).of(found_in(path))["units"]
    assert unit["layouts"]
    for layout in unit["layouts"]:
        assert "svg" not in layout
        assert "needs static extents" in layout["why"]
    assert str(Layout((4, 4))) == "(4,4):(1,4)"
