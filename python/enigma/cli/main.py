# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command `enigma`: finds the module of a command, and says what went wrong as compilers do."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from enigma._version import __version__
from enigma.cli.reports import report, report_warning
from enigma.errors import CommandLineError, EnigmaError
from enigma.spelling import closest


class Command(NamedTuple):
    """A command: a module with ``add_arguments(parser)`` and ``run(options) -> exit code``.

    Its docstring is what ``--help`` says below the usage. It is imported when it is asked for.
    """

    module: str
    summary: str


COMMANDS = {
    "compile": Command(
        "enigma.cli.compile_command", "compile a kernel of a Python file to MSL, ahead of time"
    ),
    "explore": Command(
        "enigma.explorer.start", "show a file of kernels beside what each pass makes of it"
    ),
    "devices": Command("enigma.cli.devices_command", "list the devices that run kernels here"),
    "cache": Command("enigma.cli.cache_command", "show what is kept from run to run, or remove it"),
}

OK, FAILED, USAGE = 0, 1, 2
INTERRUPTED, BROKEN_PIPE = 130, 141

_EPILOG = """\
`enigma COMMAND --help` describes a command. The exit code is 0 if all is well, 1 if what was
given cannot be compiled, read or written, and 2 if the command line is wrong."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as the rest of Enigma does."""

    def error(self, message: str) -> NoReturn:
        command = re.match(r"argument COMMAND: invalid choice: '([^']*)'", message)
        if command is not None and (close := closest(command[1], COMMANDS)):
            raise CommandLineError(
                f"there is no command {command[1]!r}",
                remedy=f"did you mean `enigma {close}`?",
                location=None,
            )
        raise CommandLineError(message, remedy=f"`{self.prog} --help` describes it", location=None)


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Make the parser, with the arguments of one command: others are not imported."""
    parser = _Parser(
        prog="enigma",
        description="Apple GPU kernels in Python.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"enigma {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands", parser_class=_Parser
    )
    for name, command in COMMANDS.items():
        module = importlib.import_module(command.module) if name == chosen else None
        description = None if module is None else module.__doc__
        each = commands.add_parser(
            name,
            help=command.summary,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if module is not None:
            module.add_arguments(each)
            each.set_defaults(run=module.run, usage=each.format_usage())
    return parser


def _unrecognized(unknown: Sequence[str], options: argparse.Namespace) -> CommandLineError:
    """Say what a command does not take, and what may be meant."""
    remedy = f"`enigma {options.command} --help` describes it"
    given = unknown[0].partition("=")[0]
    if given.startswith("-"):
        close = closest(given.lstrip("-"), re.findall(r"--([\w-]+)", options.usage))
        remedy = f"did you mean --{close}?" if close else remedy
    return CommandLineError(
        f"unrecognized arguments: {' '.join(unknown)}", remedy=remedy, location=None
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit code: 0 if all is well, 1 if something failed, 2 for a wrong command line, 130
        after Ctrl-C, and 141 where nobody reads the output.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    with warnings.catch_warnings():
        warnings.showwarning = report_warning
        try:
            chosen = next((each for each in given if each in COMMANDS), None)
            options, unknown = _parser(chosen).parse_known_args(given)
            if unknown:
                raise _unrecognized(unknown, options)
            code: int = options.run(options)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt:
            print("enigma: interrupted", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:
            # Python would try to write what is left when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN_PIPE
        except CommandLineError as error:
            report(error)
            return USAGE
        except EnigmaError as error:
            report(error)
            return FAILED
        except SystemExit as error:
            # Of `--help` and `--version`.
            return OK if error.code is None else int(error.code)
