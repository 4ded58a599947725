# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The launcher of Metal, against a stand-in for the Objective-C runtime and Metal.

`driver.cpp` takes it through all it does; `standin.cpp` answers, and keeps a log of what Metal
would not forgive. That the log is worth something is shown by mutants: the launcher with one line
changed, which the driver has to find wrong.
"""

import re
import subprocess
import sys

import pytest
from standins import HERE, ROOT, SOURCES, build, compile_cpp

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in answers messages as x86-64 and aarch64 call them"
)

# What is changed in Metal.cpp: the place, what stands there then, and what must be said.
MUTANTS = {
    "objects are never released": (
        "    send<void>(object, selectors.release);",
        "    ;",
        "objects are left",
    ),
    "an encoder is not ended": (
        "  send<void>(encoder, selectors.endEncoding);",
        "",
        "encoder",
    ),
    "an encoder is ended twice": (
        "  send<void>(encoder, selectors.endEncoding);",
        "  send<void>(encoder, selectors.endEncoding);"
        "  send<void>(encoder, selectors.endEncoding);",
        "an encoder is ended twice",
    ),
    "a launch without a pool": (
        "  std::lock_guard lock(state->mutex);\n  Pool pool;\n  if (!state->recording) {",
        "  std::lock_guard lock(state->mutex);\n  if (!state->recording) {",
        "leaks: there is no pool",
    ),
    "a name without a pool": (
        "  Pool pool;\n  return getText(send(state->device.get(), selectors.name));",
        "  return getText(send(state->device.get(), selectors.name));",
        "leaks: there is no pool",
    ),
    "what is shared is not retained": (
        "  return take(send(object, selectors.retain));",
        "  return take(object);",
        "dead",
    ),
    "no wait": (
        "  send<void>(buffer.get(), selectors.waitUntilCompleted);",
        "",
        "a result before the end",
    ),
    "no commit": (
        "  send<void>(recording.get(), selectors.commit);",
        "",
        "a wait for what was not committed",
    ),
    "threadgroup memory as it is": (
        "kThreadgroupUnit = 16",
        "kThreadgroupUnit = 1",
        "threadgroup memory of 20 bytes",
    ),
    "memory that begins anywhere": (
        "address & ~(kPage - 1)",
        "address",
        "memory of no whole pages",
    ),
    "memory without its offset": (
        "  result.offset = address - first;",
        "",
        "expected: ",
    ),
    "no pipeline": (
        "  send<void, id>(encoder, selectors.setComputePipelineState,\n"
        "                 pipeline.state.get());",
        "",
        "a launch without a pipeline",
    ),
    "threads for threadgroups": (
        "threads ? selectors.dispatchThreads",
        "!threads ? selectors.dispatchThreads",
        "seenThreads == 0",
    ),
    "errors are not looked at": (
        "  if (id error = send(buffer.get(), selectors.error)) {",
        "  if (id error = nullptr) {",
        "expected an error: fail",
    ),
    "errors without their encoders": (
        "kErrorOptionEncoderStatus = 1",
        "kErrorOptionEncoderStatus = 0",
        'expected "fail: Caused GPU',
    ),
    "an error that stays": (
        "std::exchange(state->failure, {})",
        "state->failure",
        "Caused GPU",
    ),
    "a device that goes before its work": (
        "  Pool pool;\n  state->commit();\n  while (!state->committed.empty())\n"
        "    state->waitForOldest();\n}\n\nstd::string Device::name",
        "}\n\nstd::string Device::name",
        "launches that are never committed",
    ),
    "always fast": ("fastMath ? kMathModeFast", "true ? kMathModeFast", "seenFastMath == 0"),
}


@pytest.fixture(scope="module")
def standin(tmp_path_factory):
    return build(tmp_path_factory.mktemp("standin"))


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Object files of all but Metal.cpp."""
    folder = tmp_path_factory.mktemp("driver")
    return [
        compile_cpp(folder / f"{source.stem}.o", source, flags=("-c",))
        for source in (HERE / "driver.cpp", SOURCES / "ObjectiveC.cpp")
    ]


def run(folder, standin, driver, metal):
    program = compile_cpp(folder / "driver", metal, *driver)
    return subprocess.run([program, standin], capture_output=True, text=True, timeout=60)


def test_launcher(tmp_path, standin, driver):
    done = run(tmp_path, standin, driver, SOURCES / "Metal.cpp")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(("place", "change", "said"), MUTANTS.values(), ids=MUTANTS)
def test_mutants_are_found(tmp_path, standin, driver, place, change, said):
    text = (SOURCES / "Metal.cpp").read_text()
    assert text.count(place) == 1
    mutant = tmp_path / "Mutant.cpp"
    mutant.write_text(text.replace(place, change))
    done = run(tmp_path, standin, driver, mutant)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_all_selectors_are_known(standin):
    """The stand-in answers everything that the launcher may send."""
    header = (SOURCES / "ObjectiveC.h").read_text()
    known = (HERE / "standin.cpp").read_text()
    sent = re.findall(r'X\(\w+,\s*"([^"]+)"\)', header)
    assert len(sent) > 50
    # From before macOS 15, where there is a method of another name.
    missing = [name for name in sent if f'"{name}"' not in known]
    assert missing == ["setFastMathEnabled:"]


@pytest.mark.parametrize("source", ["Metal.cpp", "ObjectiveC.cpp"])
@pytest.mark.parametrize("target", ["aarch64-macos", "aarch64-linux-gnu"])
def test_builds_for(tmp_path, source, target):
    pytest.importorskip("ziglang")
    output = tmp_path / "launcher.o"
    subprocess.run(
        [
            *(sys.executable, "-m", "ziglang", "c++", "-target", target, "-std=c++17", "-c"),
            *(f"-I{ROOT / 'include'}", str(SOURCES / source), "-o", str(output)),
        ],
        check=True,
    )
    magic = {"aarch64-macos": b"\xcf\xfa\xed\xfe", "aarch64-linux-gnu": b"\x7fELF"}[target]
    assert output.read_bytes().startswith(magic)
