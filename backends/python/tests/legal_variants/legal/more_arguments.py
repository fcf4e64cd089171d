"""Functions take further keyword arguments, and name the positional ones."""

import inspect

from legal import all_functions, change, stand_for, taken


def made(old):
    def new(*args, out=None, where=True, **kwargs):
        if args:
            taken()
        return old(*args, **kwargs)

    return new


def signed(function, old):
    try:
        signature = inspect.signature(old)
    except (TypeError, ValueError):
        return
    kinds = inspect.Parameter
    parameters = [
        p.replace(kind=kinds.POSITIONAL_OR_KEYWORD) if p.kind is kinds.POSITIONAL_ONLY else p for p in signature.parameters.values()
    ]
    last = parameters.pop() if parameters and parameters[-1].kind is kinds.VAR_KEYWORD else None
    names = {p.name for p in parameters}
    more = [kinds(name, kinds.KEYWORD_ONLY, default=None) for name in ("out", "casting") if name not in names]
    function.__signature__ = signature.replace(parameters=parameters + more + ([last] if last else []))


def changed(old):
    new = made(old)
    signed(new, old)
    return new


change(all_functions(), changed)
stand_for(__name__)
