"""The command line: imports the library and serves it."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import cast

from .library import Library
from .messages import Settings
from .own_builtins import use_own_builtins
from .server import Server
from .streams import complain, take_streams
from .surroundings import quieten_numpy
from .text import bounded

use_own_builtins(globals())

# The exit statuses. Bad usage has status 2 as well.
SUCCESS = 0
BAD_FRAME = 2
NO_LIBRARY = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves the library that the arguments name until `stop` or the end of the input. Returns the exit status."""
    options = parser().parse_args(arguments)
    stream, sink = take_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The harness ends its workers itself.
    if not import_modules(options):
        return NO_LIBRARY
    library = Library(sys.modules[options.module], options.module, options.name or options.module, options.settings)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        Server(library, stream, sink, sys.modules["msgpack"]).serve()
    except BrokenPipeError:  # The harness is gone.
        return SUCCESS
    except Exception as error:  # An exception in a frame. What a program raises is an outcome instead.
        complain(f"cannot read or answer a frame: {type(error).__name__}: {error}")
        return BAD_FRAME
    return SUCCESS


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(prog="array_assay_worker", description="Serves an array library to Array Assay.")
    parser.add_argument("--module", required=True, help="the array library, such as numpy")
    parser.add_argument("--name", help="the name that it reports (default: the module's)")
    parser.add_argument("--append-path", help="a folder that holds msgpack, after everything of the user's")
    parser.add_argument("--cwd", action="store_true", help="import from the working directory too, as `python -m` does")
    parser.add_argument(
        "--settings", type=settings, default={}, help="the keys of its entry in libraries.yaml, as JSON"
    )
    return parser


def settings(text: str) -> Settings:
    """The settings in a JSON text."""
    import json  # Most libraries have no settings, and this import takes time.

    return cast(Settings, json.loads(text))


def import_modules(options: argparse.Namespace) -> bool:
    """Imports MessagePack and the library. If one cannot be imported, complains on stderr and returns False."""
    warnings.simplefilter("ignore")
    if options.append_path:
        sys.path.append(options.append_path)
    for wanted in ("msgpack", options.module):
        if wanted == options.module and options.cwd:
            # Added only now, because the worker's own imports must not use the working directory.
            sys.path.insert(0, os.getcwd())
        try:
            importlib.import_module(wanted)
        except BaseException as error:
            message = bounded(" ".join(str(error).split()), 500)
            complain(f"cannot import `{wanted}` in {sys.executable}: {type(error).__name__}: {message}")
            return False
    warnings.simplefilter("ignore")  # Some libraries set filters of their own when they are imported.
    quieten_numpy()
    return True
