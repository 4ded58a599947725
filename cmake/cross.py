# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Build a wheel for another platform on this one (Linux), and check what it needs there.

    python cmake/cross.py macos-arm64
    python cmake/cross.py linux-aarch64

The compiler is the clang of ``ziglang``, which brings the headers of macOS and of
glibc; the archives of LLVM and MLIR come from the wheels of the other platform, and
what runs in a build, ``mlir-tblgen`` and Python, is this platform's. All of it is in
``build/cross/<platform>``, which the toolchain files in ``cmake/cross`` name.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing
import zipfile

import ziglang

SOURCE = pathlib.Path(__file__).resolve().parent.parent
ZIG = pathlib.Path(ziglang.__file__).parent
HEADERS = ZIG / "lib/libc/include"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
SOABI = f"cpython-{sys.version_info.major}{sys.version_info.minor}"


def run(*command: object, **options: object) -> str:
    """Run a command, and return what it printed; stop where it fails."""
    arguments = [str(c) for c in command]
    result = subprocess.run(
        arguments,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    )
    if result.returncode:
        sys.exit(f"{result.stdout}cross.py: {' '.join(arguments)} failed")
    return str(result.stdout)


def find_linker(name: str) -> str:
    """The newest of the linkers of LLVM that are installed, as ``name`` or ``name-<version>``."""
    found = [
        p
        for folder in os.environ["PATH"].split(os.pathsep)
        for p in pathlib.Path(folder).glob(f"{name}*")
        if re.fullmatch(re.escape(name) + r"(-\d+)?", p.name)
    ]
    if not found:
        sys.exit(f"cross.py needs {name}. Install it (Debian, Ubuntu: apt install lld).")
    return str(max(found, key=lambda p: int(re.sub(r"\D", "", p.name[len(name) :]) or 0)))


def link(target: pathlib.Path, place: pathlib.Path) -> None:
    """Make ``place`` a symbolic link to ``target``."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def merge(folders: list[pathlib.Path], place: pathlib.Path) -> None:
    """Make ``place`` a folder of links to the files of folders, of which the first wins."""
    for folder in reversed(folders):
        for file in folder.rglob("*"):
            if file.is_file():
                link(file, place / file.relative_to(folder))


def write(place: pathlib.Path, text: str) -> None:
    """Write a file that ninja and ccache know by its time, where its text changes."""
    if place.exists() and place.read_text() == text:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def script(place: pathlib.Path, words: list[object]) -> None:
    """Make ``place`` a program that runs ``words`` and its own arguments."""
    write(place, f'#!/bin/sh\nexec {" ".join(map(str, words))} "$@"\n')
    place.chmod(0o755)


class Platform:
    """What is built for, in ``build/cross/<name>``."""

    name: str
    linker: str
    system: str
    platform_tag: str
    extension: str

    def __init__(self) -> None:
        self.root = SOURCE / "build/cross" / self.name
        self.llvm = self.root / "llvm/bin"

    def fetch(self) -> None:
        """Unpack the platform's wheels of LLVM and MLIR; programs are this platform's."""
        import llvm

        needs = run(sys.executable, SOURCE / "cmake/requirements.py").split()
        wanted = [r for r in needs if r.startswith("xtc-")]
        stamp = self.root / "wheels.txt"
        if stamp.exists() and stamp.read_text() == "\n".join(wanted):
            return
        wheels = self.root / "wheels"
        run(
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--only-binary=:all:", "--platform", self.platform_tag, "-d", wheels, *wanted),
        )
        for project in ("llvm", "mlir"):
            shutil.rmtree(self.root / project, ignore_errors=True)
        for wheel in wheels.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                members = [n for n in archive.namelist() if re.match("(llvm|mlir)/", n)]
                archive.extractall(self.root, members)
        shutil.rmtree(wheels)
        native = pathlib.Path(llvm.__file__).parent.parent
        for program in (*native.glob("llvm/bin/*"), *native.glob("mlir/bin/*")):
            link(program, self.root / program.relative_to(native))
        stamp.write_text("\n".join(wanted))

    def compiler(self, *options: object) -> None:
        """Write the compilers: clang with the options that its target needs."""
        for name, mode in (("clang", "gcc"), ("clang++", "g++")):
            words = [ZIG / "zig", "clang", f"--driver-mode={mode}", f"-resource-dir={ZIG / 'lib'}"]
            words += [f"--ld-path={find_linker(self.linker)}", "-Wno-unused-command-line-argument"]
            script(self.root / "bin" / name, [*words, *options])

    def ask_zig(self, compiler: str, target: str, *arguments: object) -> list[str]:
        """The words that zig runs its compiler and linker with, for a small program."""
        program = self.root / "program.c"
        program.write_text("int main(void) { return 0; }\n")
        command = [ZIG / "zig", compiler, "-v", "-g0", "-target", target, program, *arguments]
        return run(*command, "-o", self.root / "program", stderr=subprocess.STDOUT).split()

    def build(self, build_type: str) -> pathlib.Path:
        """Build the wheel as `pip wheel` does."""
        wheels = self.root / "wheel"
        shutil.rmtree(wheels, ignore_errors=True)
        settings = {
            "build-dir": self.root / "build",
            "cmake.build-type": build_type,
            "cmake.toolchain-file": SOURCE / "cmake/cross" / f"{self.name}.cmake",
            "cmake.define.ENIGMA_NATIVE_PACKAGE": SOURCE / "build/python/enigma",
        }
        environment = {
            "_PYTHON_HOST_PLATFORM": self.system,
            "SETUPTOOLS_EXT_SUFFIX": f".{SOABI}-{self.extension}.so",
        }
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "wheel", SOURCE, "--no-build-isolation"),
                *("--no-deps", "--quiet", "-w", wheels),
                *(f"--config-settings={k}={v}" for k, v in settings.items()),
            ],
            check=True,
            env=os.environ | environment,
        )
        (wheel,) = wheels.glob("*.whl")
        return wheel

    def binaries(self, wheel: pathlib.Path) -> list[pathlib.Path]:
        """Unpack a wheel, and find the modules, libraries and tools in it."""
        folder = self.root / "unpacked"
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        magic = (b"\x7fELF", b"\xcf\xfa\xed\xfe")
        return [
            p for p in sorted(folder.rglob("*")) if p.is_file() and p.open("rb").read(4) in magic
        ]

    def test(self, wheel: pathlib.Path) -> None:
        """Run what can be run here."""


class MacOS(Platform):
    """Apple silicon. The linker is LLVM's, and the SDK is made of what zig has of one."""

    name = "macos-arm64"
    linker = "ld64.lld"
    platform_tag = system = "macosx_14_0_arm64"
    extension = "darwin"
    libraries = ("/usr/lib/libSystem.B.dylib", "/usr/lib/libc++.1.dylib", "@rpath/")

    def prepare(self) -> None:
        """Make the SDK and the compilers."""
        sdk = self.root / "sdk"
        headers = [HEADERS / "any-darwin-any", ZIG / "lib/libcxxabi/include"]
        merge(headers, sdk / "usr/include")
        link(ZIG / "lib/libcxx/include", sdk / "usr/include/c++/v1")
        settings = {"CanonicalName": "macosx14.0", "Version": "14.0"}
        settings |= {"MaximumDeploymentTarget": "14.99"}
        write(sdk / "SDKSettings.json", json.dumps(settings))
        libraries = sdk / "usr/lib"
        libraries.mkdir(exist_ok=True)
        # An architecture that linkers before LLVM 23 do not know.
        system = (ZIG / "lib/libc/darwin/libSystem.tbd").read_text()
        system = re.sub(r"(,\s*)?\barm64e\.x1-\w+(?(1)|,?)", "", system)
        (libraries / "libSystem.tbd").write_text(system)
        for part in ("System.B", "c", "dl", "m", "pthread"):
            link(libraries / "libSystem.tbd", libraries / f"lib{part}.tbd")

        words = self.ask_zig("c++", "aarch64-macos.14.0")
        # The symbols of libc++ are those of zig's; which of them macOS 14 has, the headers know
        # from the marks of availability that are switched on below.
        archives = [w for w in words if re.search(r"libc\+\+(abi)?\.a$", w)]
        listing = run(self.llvm / "llvm-nm", "--defined-only", "--extern-only", *archives)
        symbols = sorted(
            {line.split()[2] for line in listing.splitlines() if len(line.split()) == 3}
        )
        (libraries / "libc++.tbd").write_text(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\n"
            "install-name: '/usr/lib/libc++.1.dylib'\nexports:\n  - targets: [ arm64-macos ]\n"
            f"    symbols: [ {', '.join(symbols)} ]\n...\n"
        )
        link(libraries / "libc++.tbd", libraries / "libc++.1.tbd")
        # How zig configures libc++, less that it hides nothing and is linked into programs.
        configuration = [
            w
            for w in dict.fromkeys(words)
            if w.startswith("_LIBCPP_") and "VISIBILITY" not in w and "AVAILABILITY" not in w
        ]
        self.compiler(
            *("--target=arm64-apple-macos14.0", "-isysroot", sdk, "-mlinker-version=1000"),
            *(f"-D{w}" for w in [*configuration, "_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=1"]),
        )

    def check(self, wheel: pathlib.Path) -> list[str]:
        """What the binaries of a wheel need, and macOS and Python do not have."""
        faults = []
        binaries = self.binaries(wheel)
        # Of modules of Python the linker leaves open whatever it does not find.
        defined = {
            symbol
            for stub in (self.root / "sdk/usr/lib").glob("lib*.tbd")
            for symbol in re.findall(r"[\w$]+", stub.read_text())
        }
        for library in binaries:
            if library.suffix == ".dylib":
                defined.update(self.symbols(library, "--defined-only"))
        for binary in binaries:
            name = binary.name
            for symbol in self.symbols(binary, "--undefined-only"):
                if symbol not in defined and not re.match("__?Py", symbol):
                    faults.append(f"{name}: {symbol} is in no library")
            needed = run(self.llvm / "llvm-otool", "-L", binary).splitlines()[1:]
            for line in needed:
                if not line.strip().startswith(self.libraries):
                    faults.append(f"{name}: needs {line.strip()}")
            commands = run(self.llvm / "llvm-objdump", "--macho", "--private-headers", binary)
            if not re.search(r"minos 14\.0", commands):
                faults.append(f"{name}: is not for macOS 14.0")
        return faults

    def symbols(self, binary: pathlib.Path, which: str) -> list[str]:
        """Symbols of a binary that others see, or that it takes from others."""
        return run(
            self.llvm / "llvm-nm", "--extern-only", "--just-symbol-name", which, binary
        ).split()


class Linux(Platform):
    """glibc 2.28, of which zig has headers and stubs; libstdc++ and Python are Debian's."""

    name = "linux-aarch64"
    linker = "ld.lld"
    # What a wheel is named for that auditwheel has not seen.
    system = "linux_aarch64"
    platform_tag = "manylinux_2_28_aarch64"
    extension = "aarch64-linux-gnu"
    # The newest versions of symbols that the tag allows.
    limits: typing.ClassVar = {
        "GLIBC": (2, 28),
        "GLIBCXX": (3, 4, 24),
        "CXXABI": (1, 3, 11),
        "GCC": (7, 0, 0),
    }
    triple = "aarch64-linux-gnu"

    def __init__(self) -> None:
        super().__init__()
        self.debian = self.root / "debian"

    def fetch(self) -> None:
        """Unpack Debian's packages too; nothing of this system's own changes."""
        super().fetch()
        if not shutil.which("apt-get"):
            sys.exit("cross.py takes libstdc++ for aarch64 from Debian or Ubuntu: run it there.")
        stamp = self.root / "debian.txt"
        if stamp.exists() and stamp.read_text() == VERSION:
            return
        state = self.root / "apt"
        for folder in ("lists/partial", "archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        own = {
            "APT::Architecture": "arm64",
            "APT::Architectures": "arm64",
            "APT::Sandbox::User": "",
            "Dir::State": state,
            "Dir::State::status": "/dev/null",
            "Dir::Cache": state,
            "Debug::NoLocking": "true",
        }
        options = [word for k, v in own.items() for word in ("-o", f"{k}={v}")]
        run("apt-get", "-qq", *options, "update")
        version = re.search(r"g\+\+-(\d+)", run("apt-cache", *options, "depends", "g++"))
        assert version, "g++ depends on a version of g++"
        python = f"python{VERSION}"
        packages = [f"libstdc++-{version[1]}-dev"]
        if python in run("apt-cache", *options, "pkgnames", python).split():
            packages.append(python)
        download = ("-qq", "-y", "--download-only", "--no-install-recommends", "install")
        run("apt-get", *options, *download, *packages)
        for package in (state / "archives").glob("*.deb"):
            run("dpkg-deb", "-x", package, self.debian)
        shutil.rmtree(state)
        stamp.write_text(VERSION)

    def prepare(self) -> None:
        """Make the tree of headers and libraries, and the compilers."""
        sysroot = self.root / "sysroot"
        shutil.rmtree(sysroot, ignore_errors=True)
        (gcc,) = (self.debian / "usr/lib/gcc" / self.triple).iterdir()
        link(gcc, sysroot / "usr/lib/gcc" / self.triple / gcc.name)
        link(self.debian / "usr/include/c++", sysroot / "usr/include/c++")
        link(
            self.debian / "usr/include" / self.triple / "c++",
            sysroot / "usr/include" / self.triple / "c++",
        )
        libraries = sysroot / "usr/lib" / self.triple
        for name in ("libstdc++.so.6", "libgcc_s.so.1"):
            (found,) = self.debian.glob(f"**/{self.triple}/{name}")
            link(found.resolve(), libraries / name)
        zig_target = f"{self.triple}.2.28"
        words = self.ask_zig("cc", zig_target, "-lpthread", "-ldl", "-lrt", "-lm")
        words += self.ask_zig("cc", zig_target, "-fPIE", "-pie")
        for word in words:
            if re.search(r"/(S?crt1\.o|lib\w+\.so\.\d+|libc_nonshared\.a)$", word):
                place = libraries / pathlib.Path(word).name
                link(pathlib.Path(word), place)
                if ".so." in place.name:
                    link(place, libraries / place.name.split(".so.")[0].__add__(".so"))
        link(libraries / "libld.so.2", libraries / "ld-linux-aarch64.so.1")
        (libraries / "libc.so").unlink()
        # Since 2.34 these are parts of the C library, and nobody asks for them.
        parts = "ld-linux-aarch64.so.1 libpthread.so.0 libdl.so.2 librt.so.1"
        (libraries / "libc.so").write_text(
            f"INPUT(libc.so.6 libc_nonshared.a AS_NEEDED({parts}))\n"
        )
        # zig's start files are whole without these.
        for name in ("crti.o", "crtn.o"):
            run(
                ZIG / "zig",
                "cc",
                "-target",
                zig_target,
                "-c",
                "-x",
                "c",
                "/dev/null",
                "-o",
                libraries / name,
            )
        headers = ["aarch64-linux-gnu", "generic-glibc", "aarch64-linux-any", "any-linux-any"]
        merge([HEADERS / h for h in headers], sysroot / "usr/include")
        # glibc has it from 2.32 on, and libstdc++ asks whether it is there.
        (sysroot / "usr/include/sys/single_threaded.h").unlink()
        self.compiler(
            *("--target=aarch64-linux-gnu", f"--sysroot={sysroot}", f"-L{libraries}"),
            # Of glibc itself, Debian's libstdc++ needs newer symbols.
            *("-D__GLIBC_MINOR__=28", "-Wl,--allow-shlib-undefined"),
        )
        # What is newer in libstdc++ than the tag allows comes from an archive.
        members = self.root / "members"
        members.mkdir(exist_ok=True)
        objects = ["eh_ptr.o", "sstream-inst.o"]
        run(self.llvm / "llvm-ar", "x", gcc / "libstdc++.a", *objects, cwd=members)
        run(
            *(self.root / "bin/clang++", "-std=c++17", "-O2", "-fPIC", "-c", "-o", "nonshared.o"),
            SOURCE / "cmake/cross/nonshared.cpp",
            cwd=members,
        )
        nonshared = libraries / "libstdc++_nonshared.a"
        run(self.llvm / "llvm-ar", "rcs", nonshared, *objects, "nonshared.o", cwd=members)
        (libraries / "libstdc++.so").write_text("INPUT(libstdc++_nonshared.a libstdc++.so.6)\n")

    def check(self, wheel: pathlib.Path) -> list[str]:
        """What the binaries of a wheel need, and Linux, Python and the wheel do not have."""
        faults = []
        binaries = self.binaries(wheel)
        defined = {symbol for b in binaries for symbol, _ in self.symbols(b, "--defined-only")}
        for binary in binaries:
            for symbol, version in self.symbols(binary, "--undefined-only"):
                name, _, number = version.partition("_")
                digits = tuple(int(n) for n in number.split(".") if n.isdigit())
                if name in self.limits:
                    if digits > self.limits[name]:
                        faults.append(f"{binary.name}: {symbol} is of {version}")
                elif not re.match("_?Py", symbol) and symbol not in defined:
                    faults.append(f"{binary.name}: {symbol} is in no library")
        return faults

    def symbols(self, binary: pathlib.Path, which: str) -> list[tuple[str, str]]:
        """Symbols of a binary that have to be somewhere, and their versions."""
        listing = run(self.llvm / "llvm-nm", "--dynamic", "--no-weak", which, binary)
        words = [line.split()[-1] for line in listing.splitlines() if line.strip()]
        return [(w.split("@")[0], w.rpartition("@")[2] if "@" in w else "") for w in words]

    def test(self, wheel: pathlib.Path) -> None:
        """Run examples and tools of the wheel under QEMU, with Debian's Python."""
        emulator = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
        if not emulator:
            print("Not run: no qemu-aarch64 here (Debian, Ubuntu: apt install qemu-user).")
            return
        interpreter = self.debian / f"usr/bin/python{VERSION}"
        if not interpreter.exists():
            print(f"Not run: no Python {VERSION} for aarch64 here.")
            return
        packages = self.root / "packages"
        shutil.rmtree(packages, ignore_errors=True)
        run(
            *(sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:"),
            *("--platform", self.platform_tag, "--platform", self.system),
            *("--implementation", "cp", "--target", packages, wheel),
        )
        emulated = [emulator, "-L", self.debian]
        run_here = {"env": os.environ | {"PYTHONPATH": str(packages)}, "cwd": self.root}
        python = [*emulated, interpreter]
        selftest = ("-m", "enigma.runtime.selftest", "--device", "cpu")
        print(run(*python, *selftest, "vector_add", "tiled_add", "softmax", **run_here))
        self.lit(emulated, packages / "bin")

    def lit(self, emulated: list[object], tools: pathlib.Path) -> None:
        """Run the lit suite with the tools of the wheel."""
        suite = self.root / "lit"
        shutil.rmtree(suite, ignore_errors=True)
        for program in (self.root / "build/bin").iterdir():
            installed = tools / program.name
            words = [*emulated, installed if installed.exists() else program]
            script(suite / "bin" / program.name, words)
        paths = {
            "enigma_tools_dir": suite / "bin",
            "llvm_tools_dir": self.llvm,
            "enigma_docs_dir": self.root / "build/docs/reference",
            "test_exec_root": suite / "output",
        }
        (suite / "lit.site.cfg.py").write_text(
            "".join(f"config.{name} = {str(path)!r}\n" for name, path in paths.items())
            + f"lit_config.load_config(config, {str(SOURCE / 'test/lit.cfg.py')!r})\n"
        )
        print(run(sys.executable, "-c", "from lit.main import main; main()", "-s", suite))


def main() -> None:
    """Build what the command line names."""
    platforms = {p.name: p for p in (MacOS, Linux)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("platform", choices=platforms)
    parser.add_argument("--build-type", default="Release", help="of CMake")
    arguments = parser.parse_args()
    platform = platforms[arguments.platform]()
    platform.root.mkdir(parents=True, exist_ok=True)
    platform.fetch()
    platform.prepare()
    wheel = platform.build(arguments.build_type)
    faults = platform.check(wheel)
    if faults:
        sys.exit("\n".join(faults))
    platform.test(wheel)
    print(wheel)


if __name__ == "__main__":
    main()
