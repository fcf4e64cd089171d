"""Single programs. Each is run step by step, without compiled code.

Many plans of single programs occur only a few times. Making code from such a plan, as `blocks` does, takes longer than
running it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .arguments import is_constant
from .errors import Missing, Unresolved
from .functions import Function, raiser
from .library import Library
from .messages import Argument, Inputs, Plan, Step
from .outcomes import Outcomes
from .own_builtins import use_own_builtins

use_own_builtins(globals())

# Runs a program on the inputs in a buffer, and returns its outcome in wire form.
Run = Callable[[bytearray, Inputs], bytes]


class PreparedStep(NamedTuple):
    """The part of a step that is the same in each run."""

    function: Function
    # The arguments. None stands for an argument that differs between runs.
    args: list[object]
    kwargs: dict[str, object]
    # The positional arguments that are registers: their position and register.
    registers: list[tuple[int, int]]
    # The arguments that have to be built anew for each run, with their position or name.
    late_args: list[tuple[int, Argument]]
    late_kwargs: list[tuple[str, Argument]]


def prepare_program(library: Library, outcomes: Outcomes, plan: Plan) -> Run:
    """The function that runs the programs of a plan."""
    inputs, returns = plan["inputs"], plan["returns"]
    steps = [prepare_step(library, step) for step in plan["steps"]]
    made_by = tuple([register - inputs if register >= inputs else None for register in returns])
    make, makes, decode = library.transfer.make, library.transfer.makes, library.decoder.decode
    answer, failed = outcomes.answer, outcomes.failed

    def run(buffer: bytearray, inputs: Inputs) -> bytes:
        registers: list[object] = []
        at: int | None = None
        try:
            for dtype, shape, offset in inputs:
                registers.append(make(shape, makes[dtype], buffer, offset))
            for at, (function, args, kwargs, places, late_args, late_kwargs) in enumerate(steps):
                args = args.copy()
                for place, register in places:
                    args[place] = registers[register]
                for place, argument in late_args:
                    args[place] = decode(argument, registers)
                if late_kwargs:
                    kwargs = kwargs.copy()
                    for name, argument in late_kwargs:
                        kwargs[name] = decode(argument, registers)
                registers.append(function(*args, **kwargs))
            at = None
            return answer(*[registers[register] for register in returns], steps=made_by)
        except BaseException as error:  # Even SystemExit and KeyboardInterrupt of the library are outcomes.
            return failed(error, at, dict(enumerate(registers)), returns)

    return run


def prepare_step(library: Library, step: Step) -> PreparedStep:
    """The parts of a step. If the library lacks its function or a dtype, the prepared step raises that error in each
    run."""
    args: list[object] = []
    kwargs: dict[str, object] = {}
    registers: list[tuple[int, int]] = []
    late_args: list[tuple[int, Argument]] = []
    late_kwargs: list[tuple[str, Argument]] = []
    decode = library.decoder.decode
    try:
        function = library.functions.find(step["function"])
        for place, argument in enumerate(step.get("args", ())):
            if not isinstance(argument, str) and "register" in argument:
                registers.append((place, argument["register"]))
                args.append(None)
            elif is_constant(argument):
                args.append(decode(argument, ()))
            else:
                late_args.append((place, argument))
                args.append(None)
        for name, argument in step.get("kwargs", ()):
            if is_constant(argument):
                kwargs[name] = decode(argument, ())
            else:
                late_kwargs.append((name, argument))
                kwargs[name] = None
    except (Missing, Unresolved) as error:
        return PreparedStep(raiser(error), [], {}, [], [], [])
    return PreparedStep(function, args, kwargs, registers, late_args, late_kwargs)
