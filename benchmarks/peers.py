# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures compiles beside those of peers, of counterpart kernels: Python to text of MSL.

The peers are installed with pip into an environment of their own, `--env`; one that cannot be
installed or run is told, and left out. Figures are CPU times of fresh processes that take turns,
the best turn of each. Nothing is kept from one compile to the next but what some make of a
function's source, but for the column *kept*: the first compile of a process as it is by default, of
what an earlier process compiled and left on disk. Run it with
``python benchmarks/peers.py [--env FOLDER] [--turns N] [--only WORD] [--peers NAME ...]``.
"""

import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time
import venv

from processor import wake

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {
    "locomp": "locomp==1.0.0",
    "enceladus": "enceladus==0.1.76",
    "tilelang": "tilelang==0.1.15",
    "tinygrad": "tinygrad==0.14.0",
}
# The kernels and who has each. Enigma has all of them; `peers_NAME.py` are the others'.
OURS, KEPT, EXAMPLES = "enigma", "kept", "examples"
KERNELS = {
    "vector add": ("examples", "locomp", "enceladus", "tilelang", "tinygrad"),
    "vector add, any size": ("locomp", "enceladus", "tilelang"),
    "naive matmul": ("locomp", "enceladus"),
    "naive matmul of 256": ("tilelang", "tinygrad"),
    "tiled GEMM": ("examples", "locomp"),
    "tiled GEMM of 256": ("tilelang", "tinygrad"),
    "matrix GEMM, any size": ("enceladus",),
    "matrix GEMM of 256": ("tilelang",),
    "softmax": ("examples", "locomp"),
    "softmax of 1024": ("tilelang", "tinygrad"),
    "softmax in registers": ("enceladus",),
    "softmax of 1024 in registers": ("enceladus",),
    "transpose": ("examples", "locomp"),
    "transpose of 512 x 256": ("examples", "tilelang", "tinygrad"),
    "transpose in registers": ("enceladus",),
    "attention": ("examples", "locomp", "enceladus", "tilelang"),
}
WARM_UPS, REPEAT, SECONDS = 3, 40, 1.0


def measure(who: str, name: str, with_numpy: bool, kept: str | None) -> dict[str, float]:
    """CPU times of this process in milliseconds; of NumPy, where its import is to be counted.

    The folder `kept` is that of Enigma's cache; without one, all is compiled anew.
    """
    os.environ.update(ENIGMA_CACHE="0" if kept is None else "1", ENIGMA_EMIT_ONLY="1")
    os.environ["ENIGMA_CACHE_DIR"] = kept or ""
    if not with_numpy:
        import numpy  # noqa: F401

    wake()
    begin = time.process_time()
    compile_anew = importlib.import_module(f"peers_{who}").KERNELS[name]
    imported = time.process_time()
    text = compile_anew()
    first = time.process_time()
    times = {"import": (imported - begin) * 1e3, "first": (first - imported) * 1e3}
    if "kernel" not in text:
        raise SystemExit(f"{who} gives no kernel for {name}")
    if kept is not None:
        return times
    for _ in range(WARM_UPS):
        compile_anew()
    count, start = 0, time.process_time()
    while count < REPEAT and time.process_time() < start + SECONDS:
        compile_anew()
        count += 1
    return {**times, "warm": (time.process_time() - start) / count * 1e3}


def run(*command: str, path: str = "") -> str:
    """Give the output of a command; where it fails, raise with the last line of what it says."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # pip has compiled the peers' modules
    if path:
        environment["PYTHONPATH"] = path
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").split("\n")
        raise RuntimeError(said[-1])
    return done.stdout


class Peers:
    """Who takes part, and with which Python and search path."""

    def __init__(self, folder: pathlib.Path, names: list[str]) -> None:
        self.python = folder / "bin" / "python"
        if not self.python.exists():
            venv.create(folder, with_pip=True)
        self.path = ""
        self.names = [OURS, KEPT, EXAMPLES]
        for name in names:
            try:
                self.install(name, folder)
                self.names.append(name)
            except RuntimeError as error:
                print(f"{PEERS[name]} cannot be installed here: {error}")

    def install(self, name: str, folder: pathlib.Path) -> None:
        pip = (str(self.python), "-m", "pip")
        if name != "enceladus" or sys.platform == "darwin":
            run(*pip, "install", "-q", PEERS[name])
            return
        # Its extension is built on macOS alone: take the compiler, which is Python, as it is.
        release = PEERS[name].replace("==", "-")
        if not (folder / release).exists():
            where = ("--no-deps", "--no-binary", name, "-d", str(folder))
            run(*pip, "download", "-q", *where, PEERS[name])
            with tarfile.open(folder / f"{release}.tar.gz") as archive:
                archive.extractall(folder, filter="data")
        run(*pip, "install", "-q", "numpy", "ml_dtypes")
        self.path = str(folder / release / "src")

    def measure(self, who: str, name: str, with_numpy: bool = False) -> dict[str, float]:
        if who == KEPT:
            with tempfile.TemporaryDirectory() as folder:
                command = (__file__, "--measure", OURS, name, "--kept", folder)
                *_, found = [run(sys.executable, *command) for _ in range(2)]
            return {"first": json.loads(found.splitlines()[-1])["first"]}
        command = (__file__, "--measure", who, name, *(["--with-numpy"] if with_numpy else []))
        if who in (OURS, EXAMPLES):
            return dict(json.loads(run(sys.executable, *command).splitlines()[-1]))
        output = run(str(self.python), *command, path=self.path)
        return dict(json.loads(output.splitlines()[-1]))


def best_of_turns(peers: Peers, name: str, turns: int) -> dict[str, dict[str, float]]:
    """The least of each figure for all who have a kernel."""
    best: dict[str, dict[str, float]] = {}
    takers = [who for who in (OURS, KEPT, *KERNELS[name]) if who in peers.names]
    for _ in range(turns):
        for who in list(takers):
            try:
                figures = peers.measure(who, name)
            except RuntimeError as error:
                print(f"{who} cannot compile {name}: {error}")
                takers.remove(who)
                continue
            known = best.setdefault(who, figures)
            best[who] = {what: min(known[what], figures[what]) for what in figures}
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = pathlib.Path.home() / ".cache" / "enigma-peers"
    parser.add_argument("--env", type=pathlib.Path, default=home, help="where the peers are put")
    parser.add_argument("--turns", type=int, default=3, help="processes of each figure")
    parser.add_argument("--only", default="", help="the kernels with this word")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--with-numpy", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--kept", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure, arguments.with_numpy, arguments.kept)))
        return

    peers = Peers(arguments.env, arguments.peers)
    figures = {
        name: best_of_turns(peers, name, arguments.turns)
        for name in KERNELS
        if arguments.only in name
    }
    for what in ("warm", "first"):
        print_table(what, figures, peers.names)
    print_start(peers, arguments.turns)


def print_start(peers: Peers, turns: int) -> None:
    """What is waited for from the start of Python to the text of the first vector add."""
    print(f"\n{'CPU ms, vector add':<24}{'import':>9}{'first':>9}{'both':>9}")
    for who in peers.names:
        if who in (KEPT, EXAMPLES):
            continue
        for with_numpy in (False, True):
            label = f"{who}, {'all of it' if with_numpy else 'NumPy apart'}"
            try:
                rows = [peers.measure(who, "vector add", with_numpy) for _ in range(turns)]
            except RuntimeError as error:
                print(f"{label:<24}{error}")
                continue
            least = [min(row[what] for row in rows) for what in ("import", "first")]
            cells = "".join(f"{each:>9.1f}" for each in (*least, sum(least)))
            print(f"{label:<24}{cells}", flush=True)


def print_table(
    what: str, figures: dict[str, dict[str, dict[str, float]]], names: list[str]
) -> None:
    """A row a kernel; behind each time its ratio to ours; below, where peers are ahead."""
    names = [name for name in names if any(what in row.get(name, {}) for row in figures.values())]
    print(f"\n{'CPU ms, ' + what:<29}{OURS:>9}" + "".join(f"{name:>19}" for name in names[1:]))
    for name, row in figures.items():
        if OURS not in row:
            continue
        ours = row[OURS][what]
        cells = []
        for who in names[1:]:
            if who not in row:
                cells.append(f"{'-':>19}")
                continue
            ratio = row[who][what] / ours
            cells.append(f"{row[who][what]:>10.2f}{f'({ratio:.2f})':>9}")
        print(f"{name:<29}{ours:>9.2f}" + "".join(cells), flush=True)
    for own in (OURS, KEPT):
        if own in names:
            print_ahead(what, own, figures)


def print_ahead(what: str, own: str, figures: dict[str, dict[str, dict[str, float]]]) -> None:
    """Where peers take less than our time of that column."""
    behind: dict[str, list[str]] = {}
    for name, row in figures.items():
        for who in row:
            ratio = row[who][what] / row[own][what] if who in PEERS and own in row else 1
            if ratio < 1:
                behind.setdefault(who, []).append(f"{name} {ratio:.2f}")
    for who, rows in behind.items():
        print(f"{who} is ahead of {own}, in parts of its time: {', '.join(rows)}")
    if not behind:
        print(f"no peer is ahead of {own} in any row")


if __name__ == "__main__":
    main()
