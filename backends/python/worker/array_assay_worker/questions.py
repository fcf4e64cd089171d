"""The questions that a worker asks its library before it says who it is.

Each question is a step of its own, and one that raises has no answer. The journal names the question that is being
asked. So if a question ends or blocks the process, the harness can start the worker again without it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from .own_builtins import use_own_builtins

use_own_builtins(globals())

T = TypeVar("T")

# The file for the question that is being asked, and the questions to leave out, one on each line.
JOURNAL = "ARRAY_ASSAY_JOURNAL"
LEFT_OUT = "ARRAY_ASSAY_LEFT_OUT"


class Questions:
    """Asks questions, and records the one that is being asked."""

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
        """The result of the function. None if it raises anything, or if the question is left out."""
        if question in self.left_out:
            return None
        self.note(question)
        try:
            return answer()
        except BaseException:  # Even `SystemExit` and `KeyboardInterrupt` are answers.
            return None
        finally:
            self.note("")

    def note(self, question: str) -> None:
        """Writes a question and its number into the journal. An empty question means that none is being asked."""
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
    """Whether the question is left out because it ended or blocked an earlier process."""
    return question in QUESTIONS.left_out
