# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""List the devices that run kernels on this machine, the default one first.

ENIGMA_DEVICE chooses the default: metal or cpu.
"""

from __future__ import annotations

import argparse
import json

from enigma.cli.reports import placeless
from enigma.runtime.device import Device, device, devices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--json", action="store_true", help="print an array of objects")


def run(options: argparse.Namespace) -> int:
    """List them."""
    with placeless():
        default = device()
    found = sorted(devices(), key=lambda each: each is not default)
    if options.json:
        print(json.dumps([_described(each, default) for each in found], indent=1))
        return 0
    for each in found:
        print(f"{each.kind}: {each.name}{' (default)' if each is default else ''}")
        for what, value in each.described().items():
            print(f"  {what}: {value}")
    return 0


def _described(each: Device, default: Device) -> dict[str, object]:
    return {
        "kind": each.kind,
        "name": each.name,
        "default": each is default,
        **{what.replace(" ", "_"): value for what, value in each.described().items()},
    }
