# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""When Python looks for reference cycles; imported before anything else of the package."""

from __future__ import annotations

import gc


class WithoutCollector:
    """Lets Python look for reference cycles after a `with` block, and not in it.

    Where threads are in such blocks at a time, the one that came first ends it.
    """

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *exception: object) -> None:
        if self._was_enabled:
            gc.enable()


class Importing(WithoutCollector):
    """The same for a `with` block that makes what stays, such as modules.

    It counts as old after it, so that the collector does not look through all of it at once.
    """

    def __exit__(self, *exception: object) -> None:
        # What somebody has frozen would be thawed, too.
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
        super().__exit__(*exception)
