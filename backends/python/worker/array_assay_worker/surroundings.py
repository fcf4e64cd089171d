"""The state of the process that a library may change and leave changed."""

from __future__ import annotations

import builtins
import locale
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any

from .attempts import optional_import
from .own_builtins import use_own_builtins
from .streams import complain

use_own_builtins(globals())

# Bytes for an fenv_t of C, which takes 32 or fewer wherever it is known.
FENV_BYTES = 512


class Surroundings:
    """The state at the start. It is restored before each batch: what one function does to it shows in no other."""

    def __init__(self) -> None:
        self.filters = list(warnings.filters)
        self.builtins = dict(vars(builtins))
        self.locale = locale.setlocale(locale.LC_ALL)
        self.recursion = sys.getrecursionlimit()
        self.folder = os.getcwd()
        # The function of C: the one of the module `signal` makes an enumeration's member of each result.
        self.handler_of: Callable[[int], Any] = getattr(optional_import("_signal"), "getsignal", signal.getsignal)
        self.handlers = {number: self.handler_of(number) for number in signal.valid_signals()}
        self.restore_float_environment = float_environment()

    def restore(self) -> None:
        """Restores everything; complains on stderr about what cannot be restored."""
        for restore in (
            self.restore_builtins,
            self.restore_warnings,
            self.restore_signals,
            self.restore_others,
            self.restore_float_environment,
            quieten_numpy,
        ):
            try:
                restore()
            except Exception as error:
                complain(f"cannot put back what the library changed: {type(error).__name__}: {error}")

    def restore_builtins(self) -> None:
        """Puts replaced and removed built-in functions back."""
        present = vars(builtins)
        if present == self.builtins:
            return
        for name, value in self.builtins.items():
            if present.get(name) is not value:
                present[name] = value

    def restore_warnings(self) -> None:
        """Restores the filters of warnings."""
        if warnings.filters != self.filters:
            warnings.filters[:] = self.filters  # type: ignore[index]  # It is a list, whatever its declaration says.
            warnings.simplefilter("ignore")  # It is the first already: this makes the change known.

    def restore_signals(self) -> None:
        """Restores the handlers of signals, and stops the timer."""
        for number, handler in self.handlers.items():
            if handler is not None and self.handler_of(number) != handler:
                signal.signal(number, handler)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def restore_others(self) -> None:
        """Restores the locale, the recursion limit and the working directory."""
        if locale.setlocale(locale.LC_ALL) != self.locale:
            locale.setlocale(locale.LC_ALL, self.locale)
        if sys.getrecursionlimit() != self.recursion:
            sys.setrecursionlimit(self.recursion)
        os.chdir(self.folder)


def float_environment() -> Callable[[], object]:
    """A function that restores the present floating-point environment: rounding, traps, the flushing of subnormals."""
    ctypes = optional_import("ctypes")
    try:
        library = ctypes.CDLL(None)  # type: ignore[union-attr]  # None where there is no ctypes: it raises.
        saved = ctypes.create_string_buffer(FENV_BYTES)  # type: ignore[union-attr]
        if library.fegetenv(saved) == 0:
            return lambda: library.fesetenv(saved)
    except Exception:
        pass
    return lambda: None


def quieten_numpy() -> None:
    """Turns off NumPy's warnings about floating-point errors.

    These errors give values, as the standard has it, and the warnings, which nobody reads, cost several times the call.
    """
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "seterr"):
        numpy.seterr(all="ignore")
