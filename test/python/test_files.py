# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files that the package writes are whole or untouched, and paths that cannot be are refused."""

import os
import pathlib
import stat
import subprocess
import sys

import pytest

import enigma
from enigma import _files

unprivileged = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything"
)


@enigma.kernel
def add(A: enigma.f32, B: enigma.f32):
    tid = enigma.thread_position_in_grid
    B[tid] = A[tid] + 1


LAYOUT = enigma.Layout((4, 8), (8, 1))
# Everything that writes a file: what is called with a folder, and the file's name.
WRITERS = {
    "export": (lambda folder: enigma.compile(add).export_metal(folder / "k.metal"), "k.metal"),
    "keep_metal_source": (
        lambda folder: (
            enigma.compile(add, work_dir=folder, keep_metal_source=True, emit_only=True).metal_path
        ),
        "enigma_kernel_add.metal",
    ),
    "metallib": (
        lambda folder: enigma.compile(add, work_dir=folder, emit_only=False).metallib_path,
        "enigma_kernel_add.metallib",
    ),
    "picture": (lambda folder: LAYOUT.svg(folder / "k.svg"), "k.svg"),
}
each_writer = pytest.mark.parametrize(("write", "name"), WRITERS.values(), ids=WRITERS)


@pytest.fixture(autouse=True)
def xcrun(tmp_path, monkeypatch):
    """Put a stand-in for xcrun on PATH, whose library is of 10 000 bytes."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "xcrun"
    path.write_text(
        "#!/bin/sh\nwhile [ $# -gt 1 ]; do\n"
        '  if [ "$1" = -o ]; then head -c 10000 /dev/zero > "$2"; fi\n  shift\ndone\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@each_writer
def test_a_file_is_replaced_at_once(write, name, tmp_path, monkeypatch):
    target = tmp_path / name
    target.write_text("old")
    target.chmod(0o640)
    seen = []
    replace = os.replace

    def watch(source, destination):
        # All of it is there before the old file goes.
        seen.append((pathlib.Path(source).parent, os.path.getsize(source), target.read_text()))
        replace(source, destination)

    monkeypatch.setattr(os, "replace", watch)
    write(tmp_path)
    folder, size, before = seen[-1]
    assert folder == tmp_path
    assert before == "old"
    assert size == target.stat().st_size > 100
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"bin", name}


@each_writer
def test_a_new_file_has_the_permissions_of_any_other(write, name, tmp_path):
    write(tmp_path)
    (tmp_path / "other").touch()
    assert (tmp_path / name).stat().st_mode == (tmp_path / "other").stat().st_mode


@each_writer
@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_file(write, name, problem, tmp_path, monkeypatch):
    target = tmp_path / name
    target.write_text("precious")

    def fail(*_):
        raise problem

    monkeypatch.setattr(_files.os, "fsync", fail)
    expected = enigma.EnigmaError if isinstance(problem, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write(tmp_path)
    if isinstance(problem, OSError):
        assert "No space left on device" in str(caught.value)
        assert "help:" in str(caught.value)
        assert isinstance(caught.value, OSError)
    assert target.read_text() == "precious"
    assert {path.name for path in tmp_path.iterdir()} == {"bin", name}


FULL = """
import os, pathlib, resource, sys
import enigma
sys.path.insert(0, {tests!r})
import test_files
folder = pathlib.Path({folder!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
for write, name in test_files.WRITERS.values():
    if name.endswith("lib"):
        continue  # the stand-in could not write either
    try:
        write(folder)
    except enigma.EnigmaError as error:
        assert "File too large" in str(error), error
    else:
        raise SystemExit(name + " was written")
print(sorted(os.listdir(folder)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of files")
def test_a_disk_that_is_full(tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    for _, name in WRITERS.values():
        (folder / name).write_text("precious")
    script = tmp_path / "full.py"
    script.write_text(FULL.format(tests=os.path.dirname(__file__), folder=str(folder)))
    finished = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == str(sorted(name for _, name in WRITERS.values()))
    assert {path.read_text() for path in folder.iterdir()} == {"precious"}


@each_writer
def test_a_link_stays_a_link(write, name, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    original = tmp_path / "elsewhere" / "file"
    original.write_text("old")
    (tmp_path / name).symlink_to(original)
    write(tmp_path)
    assert (tmp_path / name).is_symlink()
    assert original.stat().st_size > 100


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_takes_what_is_written(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE, text=True)
    compiled = enigma.compile(add)
    compiled.export_metal(path)
    assert reader.communicate(timeout=60)[0] == compiled.metal_source
    assert path.is_fifo()


@each_writer
def test_a_folder_in_the_place_of_the_file(write, name, tmp_path):
    (tmp_path / "below" / name / "precious").mkdir(parents=True)
    if write is WRITERS["export"][0]:
        # That is an export into the folder.
        assert write(tmp_path / "below").endswith("k.metal/enigma_kernel_add.metal")
        return
    with pytest.raises(enigma.EnigmaError, match="Is a directory"):
        write(tmp_path / "below")
    assert (tmp_path / "below" / name / "precious").is_dir()


@each_writer
def test_folders_are_made(write, name, tmp_path):
    write(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder" / name).is_file()


@each_writer
def test_a_file_in_the_place_of_a_folder(write, name, tmp_path):
    (tmp_path / "file").write_text("precious")
    for folder in ("file", "file/below"):
        with pytest.raises(enigma.EnigmaError, match="cannot write"):
            write(tmp_path / folder)
    assert (tmp_path / "file").read_text() == "precious"


@unprivileged
@each_writer
def test_a_file_that_may_not_be_written(write, name, tmp_path):
    target = tmp_path / name
    target.write_text("precious")
    target.chmod(0o444)
    with pytest.raises(enigma.EnigmaError, match="Permission denied"):
        write(tmp_path)
    assert target.read_text() == "precious"


def test_a_library_leaves_the_text_that_was_kept(tmp_path):
    kept = enigma.compile(add, work_dir=tmp_path, keep_metal_source=True, emit_only=True)
    (tmp_path / "enigma_kernel_add.air").write_text("precious")
    enigma.compile(add, work_dir=tmp_path, emit_only=False, vec_width=4)
    assert pathlib.Path(kept.metal_path).read_text() == kept.metal_source
    assert (tmp_path / "enigma_kernel_add.air").read_text() == "precious"


# Paths.

NO_PATHS = [5, 2.5, b"bytes", ["list"], object(), "nul\0", "lone\ud800", pathlib.Path("nul\0")]


@pytest.mark.parametrize("path", NO_PATHS, ids=[ascii(path)[:20] for path in NO_PATHS])
def test_what_is_no_path(path):
    uses = {
        "work_dir": lambda: enigma.compile(add, work_dir=path),
        "path of an export": lambda: enigma.compile(add).export_metal(path),
        "path of a picture": lambda: LAYOUT.svg(path),
    }
    for what, use in uses.items():
        with pytest.raises(enigma.EnigmaError, match=what) as caught:
            use()
        assert isinstance(caught.value, ValueError)
        str(caught.value).encode()


@pytest.mark.skipif(sys.platform == "darwin", reason="its names of files are text")
def test_a_name_that_is_no_text(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9")
    assert enigma.compile(add).export_metal(path) == str(path)
    assert os.listdir(os.fsencode(tmp_path)).count(b"caf\xe9") == 1


GONE = """
import os, tempfile
import enigma
sys_path = {tests!r}
import sys
sys.path.insert(0, sys_path)
from test_files import LAYOUT, add
compiled = enigma.compile(add)
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
for use in (
    lambda: enigma.compile(add, work_dir="here"),
    lambda: compiled.export_metal(),
    lambda: compiled.export_metal("k.metal"),
    lambda: LAYOUT.svg("k.svg"),
):
    try:
        use()
    except enigma.EnigmaError as error:
        assert "the current folder is gone" in str(error), error
        assert "absolute path" in str(error), error
    else:
        raise SystemExit("written")
print(enigma.compile(add).kernel_name)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a current folder cannot be removed")
def test_a_current_folder_that_is_gone(tmp_path):
    script = tmp_path / "gone.py"
    script.write_text(GONE.format(tests=os.path.dirname(__file__)))
    finished = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert finished.stdout.strip() == "enigma_kernel_add", finished.stderr


def test_no_place_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    for options in ({"keep_metal_source": True, "emit_only": True}, {"emit_only": False}):
        with pytest.raises(enigma.EnigmaError, match="TMPDIR"):
            enigma.compile(add, **options)


# Other options.

CONSTANTS = [5, "c", ["c"], {"c"}, {3: 1}]


@pytest.mark.parametrize("constants", CONSTANTS, ids=repr)
def test_constants_that_are_no_mapping(constants):
    with pytest.raises(ValueError, match="constants must be a mapping"):
        enigma.compile(add, constants=constants)


def test_a_child_leaves_the_library_of_its_parent(tmp_path):
    compiled = enigma.compile(add, emit_only=False)
    if not hasattr(os, "fork"):
        pytest.skip("this system has no os.fork, which the test calls")
    child = os.fork()
    if child == 0:
        del compiled
        os._exit(0)
    os.waitpid(child, 0)
    assert os.path.isfile(compiled.metallib_path)


@pytest.mark.parametrize("target", ["cuda", "Metal", "", None, 3])
def test_targets_that_do_not_exist(target):
    with pytest.raises(ValueError, match="target must be 'metal'"):
        enigma.compile(add, target=target)
