"""Runs blocks, whose programs differ only in the elements of their inputs, by Python code made from their plan.

The code for a plan with two inputs and two steps is

    def plan(c0, c1, c2, make, makes, answer, failed, stacked):
        def run(buffer, inputs):
            [(d0, s0, o0), (d1, s1, o1)] = inputs
            a0 = stacked(make(s0, makes[d0], buffer, o0))
            a1 = stacked(make(s1, makes[d1], buffer, o1))
            results = []
            for r0, r1 in zip(a0, a1):
                at = None
                try:
                    at = 0
                    r2 = c0(r0, r1, c1)
                    at = 1
                    r3 = c2(r2)
                    results.append((r3))
                except BaseException as error:
                    results.append(failed(error, at, locals(), (3,), 2 + at))
            return answer(results)
        return run

where c0 to c2 are functions and constants. Plans that differ in these alone share the compiled code.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .arguments import is_constant
from .caches import Cache
from .errors import Missing, Unresolved
from .functions import raiser
from .joined import JoinedOutcomes
from .library import Library
from .messages import Argument, Inputs, Plan, Step
from .own_builtins import use_own_builtins

use_own_builtins(globals())

# Runs a block on the inputs in a buffer, and returns its outcomes in wire form.
RunBlock = Callable[[bytearray, Inputs], list[bytes]]

# The number of compiled forms that are kept.
MAX_COMPILED = 1_000

# An exception of the library is an outcome, even SystemExit and KeyboardInterrupt.
BLOCK_CODE = """
def plan(%(constants)smake, makes, answer, failed, stacked):
    def run(buffer, inputs):
        [%(inputs)s] = inputs
        %(arrays)s
        results = []
        for %(registers)s in zip(%(stacks)s):
            at = None
            try:
                %(steps)s
                results.append((%(results)s))
            except BaseException as error:
                results.append(failed(error, at, locals(), %(returns)r, %(count)d + at))
        return answer(results)
    return run
"""
# `list` runs the loop itself. If a call raises, the list has the results so far, and the loop continues after the call.
LONE_CALL_CODE = """
def plan(%(constants)smake, makes, answer, failed, stacked):
    def run(buffer, inputs):
        [%(inputs)s] = inputs
        %(arrays)s
        results, calls = [], starmap(c0, zip(%(arguments)s))
        while True:
            try:
                results.extend(calls)
                break
            except BaseException as error:
                results.append(failed(error, 0, {}, (), 0))
        return answer(results)
    return run
"""


class Call(NamedTuple):
    """A step as Python code. Its function and arguments are names such as `c0` and `r1`, or containers of names."""

    function: str
    positional: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]

    def code(self) -> str:
        """The code of the call."""
        arguments = "".join(f"{argument}, " for argument in self.positional)
        keywords = ", ".join(f"{name!r}: {argument}" for name, argument in self.keywords)
        return f"{self.function}({arguments}{'**{%s}' % keywords if keywords else ''})"

    def iterables(self) -> str | None:
        """The arguments of all runs of a block, as iterables. None if an argument is a keyword or a container, or if no
        register tells the number of runs."""
        kinds = {argument[0] for argument in self.positional}
        if self.keywords or "r" not in kinds or not kinds <= {"r", "c"}:
            return None
        return ", ".join([f"a{code[1:]}" if code[0] == "r" else f"repeat({code})" for code in self.positional])


class Form(NamedTuple):
    """The common part of plans that share their compiled code."""

    constants: int
    inputs: int
    calls: tuple[Call, ...]
    returns: tuple[int, ...]


class BlockCompiler:
    """Makes functions from plans."""

    def __init__(self, library: Library, outcomes: JoinedOutcomes) -> None:
        self.library = library
        self.outcomes = outcomes
        self.compiled: Cache[Form, Callable[..., RunBlock]] = Cache(compiled, MAX_COMPILED)

    def prepare(self, plan: Plan) -> RunBlock:
        """The function that runs the blocks of a plan."""
        constants: list[object] = []
        calls = tuple([self.call(step, constants) for step in plan["steps"]])
        make_run = self.compiled[Form(len(constants), plan["inputs"], calls, tuple(plan["returns"]))]
        transfer, outcomes = self.library.transfer, self.outcomes
        answer = outcomes.join_single if len(plan["returns"]) == 1 else outcomes.join
        return make_run(*constants, transfer.make, transfer.makes, answer, outcomes.failed, stacked)

    def call(self, step: Step, constants: list[object]) -> Call:
        """The code of a step. It appends the objects of the step's constants to `constants`, whose order gives them
        names."""
        known = len(constants)
        try:
            function = constant(constants, self.library.functions.find(step["function"]))
            positional = [self.argument(argument, constants) for argument in step.get("args", ())]
            keywords = [(name, self.argument(argument, constants)) for name, argument in step.get("kwargs", ())]
            return Call(function, tuple(positional), tuple(keywords))
        except (Missing, Unresolved) as error:
            del constants[known:]
            return Call(constant(constants, raiser(error)), (), ())

    def argument(self, argument: Argument, constants: list[object]) -> str:
        """The code of an argument."""
        if not isinstance(argument, str) and not is_constant(argument):
            if "register" in argument:
                return f"r{argument['register']}"
            if "tuple" in argument:
                return f"({self.items(argument['tuple'], constants)})"
            if "list" in argument:
                return f"[{self.items(argument['list'], constants)}]"
        return constant(constants, self.library.decoder.decode(argument, ()))

    def items(self, items: Sequence[Argument], constants: list[object]) -> str:
        """The code of the items between the brackets of a tuple or list."""
        return "".join([f"{self.argument(item, constants)}, " for item in items])


def constant(constants: list[object], value: object) -> str:
    """Adds a constant to `constants` and returns its name."""
    constants.append(value)
    return f"c{len(constants) - 1}"


def compiled(form: Form) -> Callable[..., RunBlock]:
    """The function `plan` that the code of a form defines."""
    names: dict[str, Any] = {"starmap": itertools.starmap, "repeat": itertools.repeat}
    # The code counts as code of this file, so that tracebacks leave it out.
    exec(compile(code_of(form), __file__, "exec"), names)
    plan: Callable[..., RunBlock] = names["plan"]
    return plan


def code_of(form: Form) -> str:
    """The code of a form, as the docstring of this module shows it."""
    inputs = range(form.inputs)
    parts: dict[str, object] = {
        "constants": "".join(f"c{n}, " for n in range(form.constants)),
        "inputs": ", ".join(f"(d{n}, s{n}, o{n})" for n in inputs),
        "arrays": "\n        ".join(f"a{n} = stacked(make(s{n}, makes[d{n}], buffer, o{n}))" for n in inputs),
    }
    if len(form.calls) == 1 and form.returns == (form.inputs,):
        iterables = form.calls[0].iterables()
        if iterables is not None:
            return LONE_CALL_CODE % {**parts, "arguments": iterables}
    steps: list[str] = []
    for at, call in enumerate(form.calls):
        steps += [f"at = {at}", f"r{form.inputs + at} = {call.code()}"]
    return BLOCK_CODE % {
        **parts,
        "stacks": "".join(f"a{n}, " for n in inputs),
        "registers": "".join(f"r{n}, " for n in inputs),
        "steps": "\n                ".join(steps),
        "results": ", ".join(f"r{register}" for register in form.returns),
        "returns": form.returns,
        "count": form.inputs,
    }


def stacked(array: Any) -> Iterable[object]:
    """The arrays along the first axis of a NumPy array."""
    if array.ndim > 1:
        rows: Iterable[object] = array
        return rows
    # Iteration would give scalars instead of arrays of rank 0.
    return [array[run, ...] for run in range(len(array))]
