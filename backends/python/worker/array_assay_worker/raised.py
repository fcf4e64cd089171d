"""The wire form of an exception: its type, its base types, its message and its traceback."""

from __future__ import annotations

import itertools
import linecache
import os
from collections.abc import Iterator
from types import CodeType

from .messages import Wire
from .own_builtins import use_own_builtins
from .text import bounded, type_name, without_addresses

use_own_builtins(globals())

MAX_MESSAGE = 2_000
MAX_TRACEBACK = 8_000
# The greatest number of frames that a traceback shows. They are the last ones.
MAX_FRAMES = 40
# The greatest number of causes, each of the one before, that a traceback shows.
MAX_CAUSES = 4

OWN_FOLDER = os.path.dirname(__file__) + os.sep


def describe(error: BaseException) -> dict[str, Wire]:
    """The wire form of an exception. This raises nothing, whatever the methods of the exception do."""
    try:
        message = bounded(without_addresses(str(error)), MAX_MESSAGE)
    except Exception:
        message = "<the message could not be formatted>"
    try:
        traceback = "".join(traceback_lines(error))
    except Exception:
        traceback = ""
    if len(traceback) > MAX_TRACEBACK:
        traceback = "... " + traceback[4 - MAX_TRACEBACK :]
    return {
        "type": type_name(type(error)),
        "bases": [type_name(base) for base in type(error).__mro__[1:-1]],
        "message": message,
        "traceback": bounded(traceback, MAX_TRACEBACK),
    }


def traceback_lines(error: BaseException, depth: int = 0) -> Iterator[str]:
    """The traceback of an exception and of its causes, without the worker's own frames.

    (The module `traceback` checks every source file each time, which is too slow.)
    """
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < MAX_CAUSES:
        yield from traceback_lines(cause, depth + 1)
        how = " It led to" if error.__cause__ else " While it was handled"
        yield f"{type(cause).__name__}.{how}\n\n"
    frames = list(itertools.dropwhile(is_own, frames_of(error)))
    if len(frames) > MAX_FRAMES:
        yield f"  ({len(frames) - MAX_FRAMES} frames left out)\n"
    for code, line in frames[-MAX_FRAMES:]:
        yield f'  File "{code.co_filename}", line {line}, in {code.co_name}\n'
        source = linecache.getline(code.co_filename, line).strip()
        if source:
            yield f"    {source}\n"


def frames_of(error: BaseException) -> Iterator[tuple[CodeType, int]]:
    """The code and the line of each frame of a traceback. The outermost frame comes first."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code, trace.tb_lineno
        trace = trace.tb_next


def is_own(frame: tuple[CodeType, int]) -> bool:
    """Whether a frame runs code of the worker."""
    return frame[0].co_filename.startswith(OWN_FOLDER)
