"""The state of the process that a library may change and not restore."""

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

# The size of a buffer for an fenv_t of C, in bytes. All known platforms need 32 or fewer.
FENV_BYTES = 512


class Surroundings:
    """The state at the start. It is restored before each batch, so that a change by one function affects no other."""

    def __init__(self) -> None:
        self.filters = list(warnings.filters)
        self.builtins = dict(vars(builtins))
        self.locale = locale.setlocale(locale.LC_ALL)
        self.recursion = sys.getrecursionlimit()
        self.folder = os.getcwd()
        # The C function. The one of the module `signal` converts each result to an enumeration member.
        self.handler_of: Callable[[int], Any] = getattr(optional_import("_signal"), "getsignal", signal.getsignal)
        self.handlers = {number: self.handler_of(number) for number in signal.valid_signals()}
        self.restore_float_environment = float_environment()

    def restore(self) -> None:
        """Restores everything. Complains on stderr about what cannot be restored."""
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
        """Restores built-in functions that were replaced or removed."""
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
            warnings.simplefilter("ignore")  # It is the first filter already. This call announces the change.

    def restore_signals(self) -> None:
        """Restores the signal handlers, and stops the timer."""
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
    """A function that restores the floating-point environment of this moment: rounding, traps, flushing of
    subnormals."""
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

    The standard defines values for these errors. Nobody reads the warnings, and they take several times as long as the
    call.
    """
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "seterr"):
        numpy.seterr(all="ignore")
