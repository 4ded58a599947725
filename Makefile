# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Every target sets up what it needs in .venv and build/, and does nothing twice.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(shell git ls-files -co --exclude-standard \
             CMakeLists.txt pyproject.toml cmake dialect include lib python tools \
             docs/reference examples test/CMakeLists.txt test/lit.site.cfg.py.in test/Layout)
# More test processes than cores only fight over them.
JOBS := $(shell getconf _NPROCESSORS_ONLN)
PYTEST := $(BIN)/python -m pytest -n $(JOBS)

# What CMake builds with, here and for other platforms.
CMAKE_SETTINGS := \
	CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) \
	CMAKE_C_COMPILER_LAUNCHER=$(abspath $(BIN)/ccache) \
	CMAKE_CXX_COMPILER_LAUNCHER=$(abspath $(BIN)/ccache)

.PHONY: demo test lint format docs bench cross clean
.DELETE_ON_ERROR:

# Compile and run the examples, and print the first kernel's MSL.
demo: .venv/package
	$(BIN)/python examples/demo.py

test: .venv/tools .venv/installed
	$(BIN)/lit -s build/test
	$(PYTEST)

lint: .venv/tools .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	git ls-files '*.cpp' '*.h' | xargs $(BIN)/clang-format --dry-run --Werror

# Rewrite the sources in the style that `make lint` checks.
format: .venv/tools
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	git ls-files '*.cpp' '*.h' | xargs $(BIN)/clang-format -i

# The site of the documentation: the pages, and the reference of the Python package, the dialect
# and the passes. A link that leads nowhere is an error.
docs: .venv/tools .venv/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Written: build/docs/site/index.html"

bench: .venv/tools .venv/installed
	$(BIN)/python benchmarks/compile_time.py
	$(BIN)/python benchmarks/stored.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/layouts.py
	$(BIN)/python benchmarks/launch_cost.py
	$(BIN)/python benchmarks/memory.py --kernels 2000

# Wheels for the other platforms of a release, built and checked on this one (Debian or Ubuntu).
cross: .venv/tools .venv/installed
	$(CMAKE_SETTINGS) $(BIN)/python cmake/cross.py macos-arm64
	$(CMAKE_SETTINGS) $(BIN)/python cmake/cross.py linux-aarch64

clean:
	rm -rf .venv build

# The virtual environment: what a build and the examples need, and then the tools of the tests, of
# the documentation and of lint.
# Python compiles what is imported of it, and two unpack LLVM and MLIR side by side.
.venv/build: pyproject.toml cmake/requirements.py
	$(PYTHON) -m venv .venv
	$(BIN)/python cmake/requirements.py build > .venv/requirements.txt
	$(BIN)/python -m pip install --quiet 'pip>=22.1'
	xargs -P 2 -n 3 $(BIN)/python -m pip install --quiet --no-compile < .venv/requirements.txt
	touch $@

.venv/tools: .venv/build
	$(BIN)/python cmake/requirements.py test docs dev > .venv/requirements.txt
	$(BIN)/python -m pip install --quiet -r .venv/requirements.txt
	touch $@

# The package, installed as a user's `pip install .` does; the CMake tree stays
# in build/, where lit and incremental builds find it.
INSTALL := $(CMAKE_SETTINGS) \
	$(BIN)/python -m pip install --no-build-isolation --no-deps --quiet \
	  --config-settings build-dir=build
.venv/installed: .venv/build $(SOURCES)
	$(INSTALL) .
	touch .venv/package $@

# What Python needs of it, without the tools and what tests and documentation need.
.venv/package: .venv/build $(SOURCES)
	$(INSTALL) --config-settings build.targets=EnigmaPackage \
	  --config-settings install.components=EnigmaPythonModules .
	touch $@
