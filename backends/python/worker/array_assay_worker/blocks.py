"""Blocks: programs of one plan that differ only in the elements of their inputs, run by Python code made of the plan.

The code of a plan of two inputs and two steps is

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

with functions and constants for c0 to c2. Plans that differ in these alone share the compiled code.
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

# Runs a block on the inputs that lie in a buffer, and returns its outcomes in wire form.
RunBlock = Callable[[bytearray, Inputs], list[bytes]]

# So many forms of plans are kept compiled.
MAX_COMPILED = 1_000

# What a library raises is an outcome, SystemExit and KeyboardInterrupt too.
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
# The loop is the list's own. Where a call raises, the list has the results before it, and the loop goes on after it.
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
    """A step as Python code. The function and the arguments are names such as `c0` and `r1`, or containers of names."""

    function: str
    positional: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]

    def code(self) -> str:
        """The call."""
        arguments = "".join(f"{argument}, " for argument in self.positional)
        keywords = ", ".join(f"{name!r}: {argument}" for name, argument in self.keywords)
        return f"{self.function}({arguments}{'**{%s}' % keywords if keywords else ''})"

    def iterables(self) -> str | None:
        """Iterables of the arguments in all runs of a block; None where an argument is a keyword or a container, or
        where no register says how many runs there are."""
        kinds = {argument[0] for argument in self.positional}
        if self.keywords or "r" not in kinds or not kinds <= {"r", "c"}:
            return None
        return ", ".join([f"a{code[1:]}" if code[0] == "r" else f"repeat({code})" for code in self.positional])


class Form(NamedTuple):
    """What plans have in common that share their compiled code."""

    constants: int
    inputs: int
    calls: tuple[Call, ...]
    returns: tuple[int, ...]


class BlockCompiler:
    """Makes functions of plans."""

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
        """The code of a step. It appends the objects of its constants to `constants`, which gives them their names."""
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
        """The code of what stands between the brackets of a tuple or list."""
        return "".join([f"{self.argument(item, constants)}, " for item in items])


def constant(constants: list[object], value: object) -> str:
    """The name of a constant that is added to `constants`."""
    constants.append(value)
    return f"c{len(constants) - 1}"


def compiled(form: Form) -> Callable[..., RunBlock]:
    """The function `plan` of the code of a form."""
    names: dict[str, Any] = {"starmap": itertools.starmap, "repeat": itertools.repeat}
    # As code of this file, so that tracebacks leave it out.
    exec(compile(code_of(form), __file__, "exec"), names)
    plan: Callable[..., RunBlock] = names["plan"]
    return plan


def code_of(form: Form) -> str:
    """The code of a form, as the head of this file shows it."""
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
    """The arrays along the first axis of one of NumPy's."""
    if array.ndim > 1:
        rows: Iterable[object] = array
        return rows
    # Iteration would give scalars.
    return [array[run, ...] for run in range(len(array))]
