# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What stays behind after compilations, and what threads, forks and sub-interpreters meet."""

import gc
import os
import pickle
import subprocess
import sys
import textwrap
import threading
from collections import Counter

import pytest

import enigma
from enigma import _layout
from enigma.compiler import compilations
from enigma.compiler.flat import FlatKernel
from enigma.tensors import arguments, symbols, tensor, views
from enigma.tracing import session as module
from enigma.tracing.session import Session, sessions


@enigma.kernel
def scale(A: enigma.f32, B: enigma.f32, factor: enigma.constexpr):
    tid = enigma.thread_position_in_grid
    x = A[tid] * factor
    if x > 3:
        x = x + 1
    B[tid] = x


@enigma.kernel
def fill(g, value):
    for i in enigma.range_constexpr(4):
        g[enigma.thread_position_in_grid.x % 4, i] = value


@enigma.jit
def filled(A, value):
    fill(enigma.local_tile(A, (4, 4), (0, 0)), value).launch(grid=1, block=32)


@enigma.kernel
def refused_by_tracing(A: enigma.f32):
    A[enigma.thread_position_in_grid] = "text"


@enigma.kernel
def refused_by_a_branch(A: enigma.f32, B: enigma.i32):
    if A[0] > 1:
        once = 1
    B[0] = once


def compile_kernel(number):
    enigma.compile(scale, constants={"factor": float(number)})


def compile_wide(number):
    enigma.compile(scale, constants={"factor": float(number)}, vec_width=4, dump_mlir=True)


def compile_jit(number):
    tensor = enigma.Tensor("A", 0, "float", enigma.Layout((64, 128), (1, 64)))
    enigma.compile(filled, tensor, float(number))


def refuse(kernel):
    def compile_it(number):
        with pytest.raises(enigma.EnigmaError):
            enigma.compile(kernel)

    return compile_it


WORK = {
    "kernel": compile_kernel,
    "vec_width": compile_wide,
    "jit": compile_jit,
    "tracing": refuse(refused_by_tracing),
    "branch": refuse(refused_by_a_branch),
}


def owned_objects():
    """The objects of the package that are alive, by their type."""
    gc.collect()
    return Counter(
        f"{type(o).__module__}.{type(o).__qualname__}"
        for o in gc.get_objects()
        if str(type(o).__module__).startswith("enigma")
    )


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_a_compilation_leaves_nothing_behind(work, capfd, no_sessions):
    for number in range(2):
        work(number)
    before, everything = owned_objects(), len(gc.get_objects())
    for number in range(20):
        work(number + 2)
    assert owned_objects() == before
    assert len(gc.get_objects()) - everything < 20


@enigma.kernel
def tiled(A, B, width):
    x, y, _ = enigma.arch.thread_idx()
    rows = enigma.Layout((x + width, 4), (4, 1))
    part = enigma.local_tile(A, (4, 8), (x, y // width))
    swizzled = enigma.swizzle(enigma.Layout((8, 8), (8, 1)), 2, 0, 3)
    shared = enigma.make_tensor(enigma.threadgroup_alloc("float", 64), swizzled)
    row = shared[x % 8, None]
    row[y % 8] = part[x % 4, y % 8]
    B[rows(x, y % 4), y] = row[x % 8]


@enigma.jit
def run_tiled(A, B, width):
    tiled(A, B, width).launch(grid=1, block=32)


def compile_tiled(number):
    n = enigma.dyn(f"n{number}", div=8)
    A = enigma.Tensor("A", 0, "float", enigma.Layout((n, 64), (64, 1)))
    B = enigma.Tensor("B", 1, "float", enigma.Layout((n, 32), (32, 1)))
    enigma.compile(run_tiled, A, B, number + 1, emit_only=True)


def live_expressions():
    """How many there are; what is kept of a bounded number of kernels is forgotten first."""
    sessions.idle.clear()
    compilations.forget()
    views._derivations.clear()
    for source in (arguments, symbols, tensor, views):
        for function in vars(source).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()
    gc.collect()
    return _layout.live_expressions()


def test_symbols_go_with_their_kernels(no_sessions):
    compile_tiled(0)
    before = live_expressions()
    for number in range(30):
        compile_tiled(number)
    assert live_expressions() <= before
    in_threads(8, compile_tiled)
    assert live_expressions() <= before


def test_what_is_kept_of_kernels_has_no_symbols_of_theirs(no_sessions):
    """What views are derived from is kept, in place of the coordinates that selected them."""

    @enigma.kernel
    def parts(A, B):
        x, y, _ = enigma.arch.thread_idx()
        part = enigma.local_tile(A, (4, 8), (x, y))
        B[x, y] = part[x % 4, y % 8]

    @enigma.jit
    def run(A, B):
        parts(A, B).launch(grid=1, block=32)

    gc.collect()
    found = []
    for number in range(3):
        layout = enigma.Layout((64, 64 + 8 * number), (64 + 8 * number, 1))
        A, B = (enigma.Tensor("AB"[i], i, "float", layout) for i in (0, 1))
        enigma.compile(run, A, B, emit_only=True)
        gc.collect()
        found.append(_layout.live_expressions())
    assert found[0] == found[1] == found[2]


def test_an_expression_lives_as_long_as_a_layout_has_it():
    before = _layout.live_expressions()
    layout = enigma.Layout((enigma.dyn("m_lifetime") * 3 + 1, 4), (4, 1))
    assert _layout.live_expressions() == before + 3
    extent = layout.shape[0]
    del layout
    assert str(extent) == "((m_lifetime*3) + 1)"
    assert hash(extent) == hash(enigma.dyn("m_lifetime") * 3 + 1)
    del extent
    assert _layout.live_expressions() == before


def make_repeated(statement):
    """A kernel that traces a statement `steps` times."""

    @enigma.kernel
    def repeated(
        A: enigma.f32, B: enigma.f32, n: enigma.Scalar(enigma.i32), steps: enigma.constexpr
    ):
        i = enigma.thread_position_in_grid
        x = A[i]
        pair = [x, x]
        for _ in enigma.range_constexpr(steps):
            x, pair = statement(A, x, pair, n)
        B[i] = x + pair[0]

    return repeated


@enigma.func
def branch(A, x, pair, n):
    if x > 1:
        x = x + 1
        pair[0] = x
    return x, pair


@enigma.func
def early_return(A, x, pair, n):
    if x > 1:
        return x * 2, [x, pair[1]]
    return x, pair


@enigma.func
def loop(A, x, pair, n):
    for _ in enigma.range(n):
        x = x * 2
        pair = [x, pair[0]]
        if x > 100:
            break
    return x, pair


@enigma.func
def repetition(A, x, pair, n):
    while x > 1:
        x = x / 2
        pair[1] = x
    return x, pair


@enigma.func
def choice(A, x, pair, n):
    x = x if x > 0 and x < 9 else -x
    return x, [pair[1], x]


@pytest.mark.parametrize("statement", [branch, early_return, loop, repetition, choice])
def test_tracing_makes_no_reference_cycles(statement, no_sessions):
    repeated = make_repeated(statement)
    found = []
    for steps in (2, 2, 12):
        gc.collect()
        gc.disable()
        try:
            enigma.compile(repeated, constants={"steps": steps}, emit_only=True)
            found.append(gc.collect())
        finally:
            gc.enable()
    assert found[2] <= found[1]


def live_contexts():
    from enigma import _mlir as ir

    gc.collect()
    return ir.Context.live_count()


@pytest.fixture
def no_sessions(monkeypatch):
    monkeypatch.setattr(sessions, "idle", [])
    compilations.forget()
    monkeypatch.setattr(compilations, "CAPACITY", 0)


def test_contexts_are_given_up(monkeypatch, no_sessions):
    before = live_contexts()
    monkeypatch.setattr(module, "CAPACITY", 5000)
    made = []
    start = Session.__init__
    monkeypatch.setattr(Session, "__init__", lambda self: (made.append(1), start(self))[1])
    for number in range(40):
        compile_kernel(number)
    assert 3 <= len(made) <= 39
    assert live_contexts() <= before + 1


def kept(number):
    return enigma.compile(scale, constants={"factor": float(number)})


def test_kernels_that_are_kept_keep_no_context(monkeypatch, no_sessions):
    before = live_contexts()
    monkeypatch.setattr(module, "CAPACITY", 5000)
    kernels = [kept(number) for number in range(40)]
    assert live_contexts() <= before + 1
    assert len({kernel.flat_ir for kernel in kernels}) == len(kernels)


def test_bytecode_is_the_same_whenever_it_is_written(no_sessions):
    asked = kept(1).flat_ir
    kernel = kept(1)
    copied = pickle.loads(pickle.dumps(kernel))
    waited = kept(1)
    kept(2)
    assert asked.startswith(b"ML")
    assert kernel.flat_ir == copied.flat_ir == waited.flat_ir == asked


def test_bytecode_that_nobody_asks_for_is_not_written(monkeypatch, no_sessions):
    monkeypatch.setenv("ENIGMA_CACHE", "0")
    written = []
    write = FlatKernel.written
    monkeypatch.setattr(FlatKernel, "written", lambda self: (written.append(1), write(self))[1])
    for number in range(3):
        kept(number)
    assert not written


def test_a_module_stays_while_somebody_needs_something_in_it():
    text = "enigma.kernel @k() { %0 = arith.constant 7 : i32 enigma.return }"
    with sessions.borrow() as session:
        module = session.ir.Operation.parse(text, session.context)
        needed = module.body.operations[0].body.operations[0].result
        del module
        assert "arith.constant 7" in str(needed.definition.parent)


def test_what_is_buried_may_use_what_is_not():
    body = "%0 = arith.constant 7 : i32 %1 = arith.addi %0, %0 : i32 enigma.return"
    text = f"enigma.kernel @k() {{ {body} }}"
    with sessions.borrow() as session:
        module = session.ir.Operation.parse(text, session.context)
        constant, sum, _ = module.body.operations[0].body.operations
        sum.bury()
        assert "addi" not in str(module)
        assert sum.operands == [constant.result] * 2
        module.destroy_buried()
        assert not constant.result.is_used
        constant.bury()
        with pytest.raises(ValueError, match="no block"):
            module.bury()
        del module, constant, sum


def test_an_operation_takes_its_owner_along():
    text = "enigma.kernel @k() { enigma.return }"
    with sessions.borrow() as session:
        module = session.ir.Operation.parse("module {}", session.context)
        copy = session.ir.Operation.parse(text, session.context).body.operations[0].clone()
        module.body.append(copy)
        del module
        assert "@k" in str(copy.parent)


def test_a_failure_counts(no_sessions):
    for number in range(module.CAPACITY // module.FAILURE + 1):
        refuse(refused_by_tracing)(number)
    with sessions.borrow() as session:
        assert session.spent < module.CAPACITY // 2


def in_threads(count, work):
    """Run `work` in threads, and give the contexts that live when all have done it."""
    done = threading.Barrier(count + 1)
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)
        done.wait()
        done.wait()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    done.wait()
    try:
        return live_contexts()
    finally:
        done.wait()
        for thread in threads:
            thread.join()
        assert not failures


def test_threads_share_few_contexts(no_sessions):
    before = live_contexts()
    assert in_threads(24, compile_kernel) <= before + module.MAX_SESSIONS
    assert sessions.used == 0


def test_threads_that_have_to_compile_at_once(monkeypatch, no_sessions):
    """Kernels whose code waits for one another: more than there are sessions."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    count = 2 * module.MAX_SESSIONS
    together = threading.Barrier(count)

    @enigma.kernel
    def waits(A: enigma.f32):
        together.wait()
        A[0] = 1.0

    before = live_contexts()
    assert in_threads(count, lambda number: enigma.compile(waits)) <= before + module.MAX_SESSIONS
    assert sessions.used == 0


# Processes.

SLOW_IMPORT = """
import importlib.abc, multiprocessing, sys, threading, time
import enigma

@enigma.kernel
def kernel(A: enigma.f32):
    A[enigma.thread_position_in_grid] = 1.0

def work(number):
    return enigma.compile(kernel).metal_source

def draw(number):
    return enigma.Layout((4, 8), (8, 1)).svg()

class Slow(importlib.abc.MetaPathFinder):
    importing = threading.Event()

    def find_spec(self, name, path, target=None):
        if name == LATE:
            self.importing.set()
            time.sleep(0.5)

if __name__ == "__main__":
    sys.meta_path.insert(0, Slow())
    first = threading.Thread(target=DO, args=(0,))
    first.start()
    assert Slow.importing.wait(60)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        texts = pool.map(DO, range(4))
    first.join()
    known = ("kernel void enigma_kernel_kernel(", "<svg")
    print(len(set(texts)), any(part in texts[0] for part in known))
"""


def run_script(tmp_path, text):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(text))
    return subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False
    )


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


@forks
@pytest.mark.parametrize(("late", "do"), [("enigma._mlir", "work"), ("enigma.pictures", "draw")])
def test_a_fork_while_a_thread_imports(tmp_path, late, do):
    text = SLOW_IMPORT.replace("LATE", repr(late)).replace("DO", do)
    finished = run_script(tmp_path, text)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == ["1", "True"]


HELD_LOCK = """
import os, sys, threading, time
from enigma._process import fork_lock

held = threading.Event()

def hold():
    with fork_lock:
        held.set()
        time.sleep(0.3)

holder = threading.Thread(target=hold)
holder.start()
held.wait()
child = os.fork()
if child == 0:
    os._exit(0 if fork_lock.acquire(timeout=5) else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), fork_lock.acquire(timeout=5))
"""


# Another thread traces a kernel while this one forks: the child has no such thread, but it may get
# one of the same number.
TRACED_ELSEWHERE = """
import os
import enigma
from enigma.tracing import builder

builder._builders[1] = object()
child = os.fork()
if child == 0:
    os._exit(len(builder._builders))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(builder._builders))
"""


@forks
def test_the_child_of_a_fork_does_not_trace_what_another_thread_did(tmp_path):
    finished = run_script(tmp_path, TRACED_ELSEWHERE)
    assert finished.stdout.split() == ["0", "1"], finished.stderr


@forks
def test_a_fork_waits_for_what_must_not_be_half_done(tmp_path):
    finished = run_script(tmp_path, HELD_LOCK)
    assert finished.stdout.split() == ["0", "True"], finished.stderr


FORK_WHILE_COMPILING = """
import os, sys, threading
import enigma

@enigma.kernel
def kernel(A: enigma.f32, factor: enigma.constexpr):
    tid = enigma.thread_position_in_grid
    x = A[tid]
    for _ in range(20):
        x = x * factor + A[tid + 1]
    A[tid] = x

def work(count):
    for number in range(count):
        enigma.compile(kernel, constants={"factor": float(number)})

stop = threading.Event()

def forever():
    while not stop.is_set():
        work(1)

threads = [threading.Thread(target=forever) for _ in range(3)]
for thread in threads:
    thread.start()
codes = []
for _ in range(12):
    child = os.fork()
    if child == 0:
        work(2)
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
for thread in threads:
    thread.join()
print(set(codes))
"""


@forks
def test_forks_while_threads_compile(tmp_path):
    finished = run_script(tmp_path, FORK_WHILE_COMPILING)
    assert finished.stdout.strip() == "{0}", finished.stderr


SUBINTERPRETER = """
import importlib, sys
name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
interpreters = importlib.import_module(name)
paths = sys.path
for before in (False, True):
    if before:
        import enigma
    code = f'''
import sys
sys.path[:] = {paths!r}
try:
    import enigma
except ImportError as error:
    assert type(error).__name__ == "SubinterpreterError", error
    assert "main interpreter" in str(error)
else:
    raise AssertionError("imported")
'''
    interpreter = interpreters.create()
    failure = interpreters.run_string(interpreter, code)
    assert failure is None, failure
print("refused")
"""


def test_subinterpreters_are_refused_at_import(tmp_path):
    finished = run_script(tmp_path, SUBINTERPRETER)
    assert finished.stdout.strip() == "refused", finished.stderr
