# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of the user by name: in modules, and in files that no module's name leads to."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from functools import reduce
from types import ModuleType
from typing import Any, NamedTuple

from enigma._process import fork_lock
from enigma.errors import UnreachableFunction
from enigma.locations import function_location
from enigma.tracing.functions import Decorated


def load_file(path: str, name: str) -> ModuleType:
    """Run a file of Python as a module of that name.

    Raises
    ------
    ImportError
        When its name is not that of a Python file.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("its name does not end in .py")
    module = importlib.util.module_from_spec(spec)
    # Classes that are defined in it look for it there.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class FunctionName(NamedTuple):
    """Where another process finds a decorated function.

    Attributes
    ----------
    module : str
        Its module.
    path : str
        The file of that: on its own for a script, whose module is ``__main__`` elsewhere too.
    name : str
        The function in the module, with the classes around it.
    """

    module: str
    path: str
    name: str

    @classmethod
    def of(cls, decorated: Decorated) -> FunctionName:
        """Give the name of a function.

        Raises
        ------
        UnreachableFunction
            When it has none.
        """
        function = decorated.function
        found = cls(
            function.__module__,
            os.path.abspath(function.__code__.co_filename),
            function.__qualname__,
        )
        reason = ""
        if "<locals>" in found.name:
            reason = "is defined inside of another one"
        elif found.module == "__main__" and not os.path.isfile(found.path):
            reason = "is defined in no file"
        if reason:
            raise UnreachableFunction(
                name=decorated.name, reason=reason, location=function_location(function)
            )
        return found

    def find(self) -> Any:
        """Find the function in this process.

        Raises
        ------
        UnreachableFunction
            When it is not there.
        """
        try:
            return reduce(getattr, self.name.split("."), self._module())
        except (ImportError, AttributeError) as error:
            raise UnreachableFunction(
                name=self.name,
                reason=f"is not found where it is compiled ({error})",
                location=None,
            ) from error

    def _module(self) -> Any:
        main = sys.modules.get("__main__")
        if self.module != "__main__":
            return importlib.import_module(self.module)
        if main is not None and os.path.abspath(getattr(main, "__file__", None) or "") == self.path:
            return main
        # The worker is a program of its own.
        name = f"_enigma_script_{os.path.splitext(os.path.basename(self.path))[0]}"
        # A thread that comes while another one runs the file waits, as with any import.
        with fork_lock:
            loaded = sys.modules.get(name)
            if loaded is not None and loaded.__file__ == self.path:
                return loaded
            return load_file(self.path, name)
