"""The questions that a worker asks its library before it says who it is.

Each is a step of its own: what raises has no answer. A question that ends or blocks the process is written in the journal, so that the harness
can start the worker again without it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from .own_builtins import use_own_builtins

use_own_builtins(globals())

T = TypeVar("T")

# The file that holds the present question, and the questions that are left out, one a line.
JOURNAL = "ARRAY_ASSAY_JOURNAL"
LEFT_OUT = "ARRAY_ASSAY_LEFT_OUT"


class Questions:
    """Asks questions, and writes down the one that is being asked."""

    def __init__(self) -> None:
        self.left_out = frozenset(filter(None, os.environ.pop(LEFT_OUT, "").split("\n")))
        path = os.environ.pop(JOURNAL, None)
        self.journal: int | None = None
        self.count = 0
        if path is not None:
            try:
                self.journal = os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
            except OSError:
                pass

    def ask(self, question: str, answer: Callable[[], T]) -> T | None:
        """What the function returns. None where it raises anything, or where the question is left out."""
        if question in self.left_out:
            return None
        self.note(question)
        try:
            return answer()
        except BaseException:  # Also `SystemExit` and `KeyboardInterrupt` are answers of the library.
            return None
        finally:
            self.note("")

    def note(self, question: str) -> None:
        """Writes a question into the journal, with its number. An empty one stands for none."""
        if self.journal is None:
            return
        self.count += 1
        text = f"{self.count} {question}".encode("utf-8", "backslashreplace")
        try:
            os.ftruncate(self.journal, 0)
            os.lseek(self.journal, 0, os.SEEK_SET)
            os.write(self.journal, text)
        except OSError:
            self.journal = None


QUESTIONS = Questions()
ask = QUESTIONS.ask


def is_left_out(question: str) -> bool:
    """Whether a question ended or blocked an earlier process."""
    return question in QUESTIONS.left_out
