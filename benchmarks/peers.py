# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures compiles beside those of a peer, locomp, of counterpart kernels: Python to text of MSL.

The peer is installed with pip into an environment of its own, `--env`. Each figure is the CPU
time of a fresh process, the median of several that take turns. Nothing is kept from one compile
to the next. Run it with ``python benchmarks/peers.py [--env FOLDER] [--repeat N]``.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import venv

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
PEER = "locomp==1.0.0"
ROUNDS = 3
KERNELS = ("vector add", "naive matmul", "tiled GEMM", "softmax", "tiled transpose")


def ours(name: str):
    """Give a function that compiles a kernel anew."""
    sys.path.insert(0, str(EXAMPLES))
    import enigma
    from enigma.compiler.compilations import forget

    @enigma.kernel
    def matmul(A: enigma.f32, B: enigma.f32, C: enigma.f32, n: enigma.Scalar(enigma.u32)):
        place = enigma.thread_position_in_grid
        total = 0.0
        for k in enigma.range(n):
            total += A[place.y * n + k] * B[k * n + place.x]
        C[place.y * n + place.x] = total

    def compile_flat():
        if name == "naive matmul":
            return enigma.compile(matmul, emit_only=True)
        import vector_add

        return enigma.compile(vector_add.vector_add, emit_only=True)

    def compile_tiled():
        if name == "tiled GEMM":
            import tiled_gemm

            return tiled_gemm.any_size()
        if name == "softmax":
            import softmax

            return softmax.any_size()
        import tiled_transpose

        return tiled_transpose.compile_for(512, 256)

    build = compile_flat if name in KERNELS[:2] else compile_tiled

    def compile_anew() -> str:
        forget()
        return build().metal_source

    return compile_anew


def theirs(name: str):
    """Give a function that compiles the counterpart with locomp."""
    from locomp.backends.metal_codegen import compile_to_metal
    from locomp.frontend import compile_kernel
    from locomp.optimizer import optimize

    import peers_locomp

    function = getattr(peers_locomp, name.lower().replace(" ", "_"))
    return lambda: compile_to_metal(optimize(compile_kernel(function), target="metal"))[0]


def measure(who: str, name: str, repeat: int) -> dict[str, float]:
    """CPU times of this process in milliseconds; the first compile includes no import."""
    os.environ["ENIGMA_CACHE"] = "0"  # else the disk keeps what `forget` drops
    compile_anew = {"ours": ours, "theirs": theirs}[who](name)
    begin = time.process_time()
    text = compile_anew()
    first = time.process_time() - begin
    if "kernel void" not in text:
        raise SystemExit(f"{who} gives no kernel for {name}")
    for _ in range(3):
        compile_anew()
    begin = time.process_time()
    for _ in range(repeat):
        compile_anew()
    return {"first": first * 1e3, "warm": (time.process_time() - begin) / repeat * 1e3}


def install(folder: pathlib.Path) -> str | None:
    """Give the Python that has the peer, or nothing where it cannot be installed."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "-q", PEER]
    return str(python) if subprocess.run(command).returncode == 0 else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    home = pathlib.Path.home() / ".cache" / "enigma-peers"
    parser.add_argument("--env", type=pathlib.Path, default=home, help="where the peer is put")
    parser.add_argument("--repeat", type=int, default=30, help="warm compiles of a process")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure, arguments.repeat)))
        return

    peer = install(arguments.env)
    if peer is None:
        print(f"{PEER} cannot be installed here")
        return
    print(f"{'CPU ms':<18}{'what':<7}{'ours':>9}{'locomp':>9}{'ratio':>8}")
    ahead = []
    for name in KERNELS:
        figures: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            for who, python in (("ours", sys.executable), ("theirs", peer)):
                command = [python, __file__, "--repeat", str(arguments.repeat), "--measure"]
                output = subprocess.check_output([*command, who, name])
                figures[who].append(json.loads(output))
        for what in ("first", "warm"):
            own, other = (statistics.median(each[what] for each in figures[who]) for who in figures)
            print(f"{name:<18}{what:<7}{own:>9.2f}{other:>9.2f}{other / own:>8.2f}", flush=True)
            if other < own:
                ahead.append(f"{name} ({what})")
    print(f"locomp is ahead in: {', '.join(ahead) or 'no row'}")


if __name__ == "__main__":
    main()
