# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is kept from run to run: whole, bounded, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma import _cache
from enigma.runtime.cpu_device import CpuDevice

KEY = _cache.key_of("a key")
DATA = bytes(range(256)) * 4


@pytest.fixture
def folder(tmp_path, monkeypatch):
    chosen = tmp_path / "kept"
    monkeypatch.setenv("ENIGMA_CACHE", "1")
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(chosen))
    return chosen


def file_of(folder: Path) -> Path:
    (file,) = folder.rglob("*.entry")
    return file


def test_what_is_kept_is_found(folder):
    assert _cache.find("cpu", KEY) is None
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) == DATA
    assert _cache.find("msl", KEY) is None
    assert _cache.find("cpu", _cache.key_of("another key")) is None
    _cache.keep("cpu", KEY, b"")
    assert _cache.find("cpu", KEY) == b""
    assert [entry.kind for entry in _cache.entries()] == ["cpu"]
    _cache.clear()
    assert _cache.find("cpu", KEY) is None
    assert list(_cache.entries()) == []


def test_keys_are_of_parts():
    keys = {_cache.key_of(*parts) for parts in (("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"))}
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)
    assert _cache.key_of("a") == _cache.key_of(b"a")
    with pytest.raises(TypeError):
        _cache.key_of(1)


@pytest.mark.parametrize("place", [0, 31, 32, 700, -1])
def test_damaged_files_are_none(folder, place):
    _cache.keep("cpu", KEY, DATA)
    content = bytearray(file_of(folder).read_bytes())
    content[place] ^= 1
    file_of(folder).write_bytes(content)
    assert _cache.find("cpu", KEY) is None
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) == DATA


@pytest.mark.parametrize("size", [0, 5, 32, 33, 600])
def test_truncated_files_are_none(folder, size):
    _cache.keep("cpu", KEY, DATA)
    file_of(folder).write_bytes(file_of(folder).read_bytes()[:size])
    assert _cache.find("cpu", KEY) is None


def test_the_file_of_another_entry_is_none(folder):
    _cache.keep("cpu", KEY, DATA)
    other = _cache.key_of("another key")
    file_of(folder).rename(file_of(folder).with_name(f"{other}.entry"))
    assert _cache.find("cpu", other) is None


def test_files_of_others_are_none(folder, monkeypatch):
    _cache.keep("cpu", KEY, DATA)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    owner = os.stat(file_of(folder)).st_uid
    assert (_cache.find("cpu", KEY) is None) == (owner != 0)
    os.chown(file_of(folder), 54321, -1) if owner == 0 else None
    assert _cache.find("cpu", KEY) is None


def test_a_folder_in_the_place_of_a_file_is_none(folder):
    _cache.keep("cpu", KEY, DATA)
    file = file_of(folder)
    file.unlink()
    (file / "within").mkdir(parents=True)
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda file: os.mkfifo(file),
        lambda file: file.symlink_to(file),
        lambda file: file.symlink_to("/dev/zero"),
        lambda file: file.symlink_to("nowhere"),
    ],
    ids=["pipe", "loop", "device", "nowhere"],
)
def test_what_is_no_entry_is_none_and_replaced(folder, make):
    _cache.keep("cpu", KEY, DATA)
    file = file_of(folder)
    file.unlink()
    make(file)
    assert _cache.find("cpu", KEY) is None
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) == DATA
    assert not file.is_symlink()


def test_a_file_longer_than_all_entries_is_not_read(folder, monkeypatch):
    _cache.keep("cpu", KEY, DATA)
    monkeypatch.setattr(_cache, "MOST_BYTES", len(DATA) + 31)
    assert _cache.find("cpu", KEY) is None
    monkeypatch.setattr(_cache, "MOST_BYTES", len(DATA) + 32)
    assert _cache.find("cpu", KEY) == DATA


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_others_cannot_write_what_is_kept(folder, mask):
    before = os.umask(mask)
    try:
        _cache.keep("cpu", KEY, DATA)
    finally:
        os.umask(before)
    file = file_of(folder)
    assert file.stat().st_mode & 0o777 == 0o600
    for mode, is_found in ((0o644, True), (0o660, False), (0o602, False)):
        file.chmod(mode)
        assert (_cache.find("cpu", KEY) == DATA) == is_found
    # What may not be trusted is replaced by what may be.
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) == DATA


@pytest.mark.parametrize("remove", ["clear", "shorten"])
def test_files_of_the_user_stay(folder, monkeypatch, remove):
    """The folder that was chosen may be one with other things in it."""
    others = [
        folder / name
        for name in ("notes", "a/notes", "a/b.entry", "cpu/c", f"cpu/{'x' * 64}.entry", "a/b/c")
    ]
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("of the user")
        os.utime(other, (1000, 1000))
    _cache.keep("cpu", KEY, DATA)
    if remove == "clear":
        _cache.clear()
    else:
        monkeypatch.setattr(_cache, "MOST_BYTES", 1)
        _cache.keep("cpu", _cache.key_of("another key"), DATA)
    assert list(_cache.entries()) == []
    assert [other.read_text() for other in others] == ["of the user"] * len(others)


def test_no_folder_is_no_cache(folder):
    folder.write_text("a file in its place")
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) is None
    assert list(_cache.entries()) == []
    _cache.clear()


def test_a_folder_that_cannot_be_written_is_no_cache(folder, monkeypatch):
    _cache.keep("cpu", KEY, DATA)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "read-only")

    for name in ("open", "makedirs", "utime", "unlink", "replace"):
        monkeypatch.setattr(os, name, refuse)
    assert _cache.find("cpu", KEY) == DATA
    _cache.keep("cpu", _cache.key_of("another key"), DATA)
    _cache.clear()
    assert _cache.find("cpu", KEY) == DATA


def test_where_it_is(monkeypatch, tmp_path):
    for name in ("ENIGMA_CACHE", "ENIGMA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    assert _cache.folder() == str(tmp_path / default / "enigma")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert _cache.folder() == str(tmp_path / default / "enigma")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert _cache.folder() == str(tmp_path / "caches" / "enigma")
    monkeypatch.setenv("ENIGMA_CACHE_DIR", str(tmp_path / "own"))
    assert _cache.folder() == str(tmp_path / "own")
    monkeypatch.setenv("ENIGMA_CACHE", "0")
    assert _cache.folder() is None
    _cache.keep("cpu", KEY, DATA)
    assert _cache.find("cpu", KEY) is None
    assert not (tmp_path / "own").exists()


def test_without_a_home_there_is_none(monkeypatch):
    for name in ("ENIGMA_CACHE", "ENIGMA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert _cache.folder() is None


@pytest.mark.parametrize(
    ("limit", "most"), [("MOST_BYTES", 10 * (len(DATA) + 32)), ("MOST_ENTRIES", 10)]
)
def test_what_was_not_used_for_the_longest_time_goes_first(folder, monkeypatch, limit, most):
    monkeypatch.setattr(_cache, limit, most)
    keys = [_cache.key_of(str(i)) for i in range(10)]
    for age, key in enumerate(keys):
        _cache.keep("cpu", key, DATA)
        os.utime(folder / "cpu" / f"{key}.entry", (1000 + age, 1000 + age))
    assert len(list(_cache.entries())) == 10
    # What is found was used now.
    assert _cache.find("cpu", keys[0]) == DATA
    _cache.keep("msl", KEY, DATA)
    kept = [key for key in keys if _cache.find("cpu", key) is not None]
    assert kept == [keys[0], *keys[5:]]
    assert _cache.find("msl", KEY) == DATA


def test_what_a_process_left_is_removed(folder, monkeypatch):
    monkeypatch.setattr(_cache, "LOOKS", 1 << 20)
    _cache.keep("cpu", KEY, DATA)
    new, old = (folder / "cpu" / f".enigma-{name}" for name in ("new", "old"))
    for file in (new, old):
        file.write_bytes(DATA)
    os.utime(old, (1000, 1000))
    _cache.keep("cpu", _cache.key_of("another key"), DATA)
    assert new.exists()
    assert not old.exists()
    assert len(list(_cache.entries())) == 2


def test_what_a_process_left_goes_with_the_entries(folder):
    for kind in ("cpu", "msl"):
        _cache.keep(kind, KEY, DATA)
        (folder / kind / ".enigma-new").write_bytes(DATA)
    _cache.clear("cpu")
    assert list((folder / "cpu").iterdir()) == []
    assert len(list((folder / "msl").iterdir())) == 2
    _cache.clear()
    assert list((folder / "msl").iterdir()) == []


WRITER = """
import sys
from enigma import _cache
for i in range(200):
    _cache.keep("cpu", sys.argv[1], sys.argv[2].encode() * 5000)
    found = _cache.find("cpu", sys.argv[1])
    assert found in (b"a" * 5000, b"b" * 5000), found
"""


def test_processes_may_keep_one_entry(folder):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, KEY, text]) for text in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(list(folder.rglob("*"))) == 2


# Machine code of the CPU device.


@enigma.kernel
def tripled(A: enigma.f32):
    i = enigma.thread_position_in_grid
    enigma.print("at", i)
    A[i] = A[i] * enigma.function_constant(enigma.f32, 0, default=3.0)


def run(threads=40, block=32, **options):
    device, said = CpuDevice(), []
    device.log = lambda level, text: said.append(text)
    a = np.ones(threads, np.float32)
    compiled = enigma.compile(tripled, emit_only=True, debug=True)
    compiled.launch(a, threads=threads, block=block, device=device, **options)
    assert len(said) == threads
    return a[0]


@pytest.fixture
def compilations(folder, monkeypatch):
    """What is compiled, and not found."""
    from enigma._jit import Program

    made, original = [], Program.compile

    def compile(self, block, ragged):
        made.append((tuple(block), ragged))
        return original(self, block, ragged)

    monkeypatch.setattr(Program, "compile", compile)
    return made


def test_code_is_kept(compilations, folder):
    assert run() == 3
    assert compilations == [((32, 1, 1), False), ((32, 1, 1), True)]
    compilations.clear()
    assert run() == 3
    assert compilations == []
    name = enigma.compile(tripled, emit_only=True).function_constants[0].name
    assert run(constants={name: 5}) == 5
    assert run(block=16) == 3
    assert len(compilations) == 5 - 1
    compilations.clear()
    assert run(constants={name: 5}) == 5
    assert run(block=16) == 3
    assert compilations == []


def test_damaged_code_is_compiled_again(compilations, folder):
    run()
    for file in folder.rglob("*.entry"):
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    compilations.clear()
    assert run() == 3
    assert len(compilations) == 2


def test_launches_without_a_cache(compilations, folder, monkeypatch):
    monkeypatch.setenv("ENIGMA_CACHE", "0")
    run()
    run()
    assert len(compilations) == 4
    assert not folder.exists()
