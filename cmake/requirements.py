# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Print what a build needs, a requirement a line, from ``pyproject.toml``.

Arguments name extras (``test``, ``dev``) whose requirements are wanted too.
"""

import pathlib
import sys

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    from pip._vendor import tomli as tomllib  # type: ignore[no-redef]

config = tomllib.loads((pathlib.Path(__file__).parent.parent / "pyproject.toml").read_text())
project = config["project"]
requirements = [*config["build-system"]["requires"], "cmake>=3.26", "ninja"]
if len(sys.argv) > 1:
    requirements += project["dependencies"]
for extra in sys.argv[1:]:
    requirements += project["optional-dependencies"][extra]
print("\n".join(r for r in requirements if not r.startswith(project["name"])))
