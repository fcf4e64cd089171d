"""Writes the traces of workloads as profiles: YAML files that a replay reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .helpers import FACES
from .recorder import Trace
from .tracing import expected, traced
from .workload import DTYPES, SIZES, Workload, data_of

HEAD = "# Written by `cargo xtask consumers trace`, never by hand."


def profile(workload: Workload, versions: dict[str, str]) -> str:
    """The profile of a workload: a case for each path, and in it a program for each kind of library."""
    lines = [HEAD, f"consumer: {workload.consumer}", f'version: "{versions[workload.consumer]}"', f"name: {workload.name}"]
    lines += [f"says: {quoted(workload.says)}", "traced:"]
    lines += [f'  {name}: "{version}"' for name, version in versions.items()]
    lines.append("cases:")
    paths: list[frozenset[str]] = []
    for size in SIZES:
        for dtype in DTYPES:
            data = data_of(workload, size, dtype)
            traces = {face: traced(workload, data, face) for face in FACES}
            path = path_of(traces["eager"])
            if not any(path <= earlier for earlier in paths):
                paths.append(path)
                lines += case(workload, size, dtype, data, traces)
    return "\n".join(lines) + "\n"


def path_of(trace: Trace) -> frozenset[str]:
    """What a trace calls where, without registers, dtypes and how often."""
    return frozenset(f"{line.at} {function_of(line.text)}" for line in trace.lines)


def function_of(text: str) -> str:
    """The function or the operator of a line."""
    return text.split("(")[0].split("[")[0].split(" = ")[-1].strip("r0123456789 ")


def case(workload: Workload, size: int, dtype: str, data: dict[str, Any], traces: dict[str, Trace]) -> list[str]:
    """A case: its data, what is expected, and its programs."""
    rtol = workload.rtol[DTYPES.index(dtype)]
    lines = [f"- name: {dtype}-{size}", f"  rtol: {rtol}"]
    if workload.free_signs:
        lines.append(f"  free_signs: [{', '.join(workload.free_signs)}]")
    lines.append("  inputs:")
    lines += [f"    {name}: {array_text(a, exact=True)}" for name, a in data.items()]
    lines.append("  expect:")
    lines += [f"    {name}: {array_text(a, exact=False)}" for name, a in expected(workload, data).items()]
    lines.append("  programs:")
    written: dict[str, list[str]] = {}
    for face, trace in traces.items():
        written.setdefault("\n".join(program(trace)), []).append(face)
    for text, faces in written.items():
        lines += [f"  - faces: [{', '.join(faces)}]", text]
    return lines


def program(trace: Trace) -> list[str]:
    """A program, its inputs from NumPy, and where its results come from."""
    lines = []
    if trace.cut:
        lines.append(f"    cut: {quoted(trace.cut)}")
    if trace.beyond:
        lines.append("    beyond:")
        lines += [f"    - {quoted(each)}" for each in trace.beyond]
    if trace.leaves:
        lines.append(f"    leaves: {{{', '.join(f'{kind}: {n}' for kind, n in sorted(trace.leaves.items()))}}}")
    hosts = [each for each in trace.inputs if each.host]
    if hosts:
        lines.append("    hosts:")
        lines += [f"      {each.name}: {array_text(each.data, exact=True)}" for each in hosts]
    lines.append(f"    returns: {{{', '.join(f'{name}: {register}' for name, register in trace.returns.items())}}}")
    lines.append("    program: |")
    last, file = ("", ""), ""
    for line in trace.lines:
        if (line.at, line.via) != last:
            last = (line.at, line.via)
            # The file is named where it changes.
            path, _, number = line.at.rpartition(":")
            place = f":{number}" if path == file else line.at
            file = path
            lines.append(f"      # {place}" + (f" via {line.via}" if line.via else ""))
        lines.append(f"      {line.text}")
    return lines


def array_text(array: np.ndarray[Any, Any], exact: bool) -> str:
    """An array as a flow mapping of YAML. What is compared with a tolerance needs nine digits."""
    values = ", ".join(element_text(each, array.dtype, exact) for each in array.ravel())
    shape = ", ".join(map(str, array.shape))
    return f"{{dtype: {array.dtype}, shape: [{shape}], values: [{values}]}}"


def element_text(value: Any, dtype: np.dtype[Any], exact: bool) -> str:
    """An element in YAML. The parts of a complex number are a list."""
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        return f"[{element_text(value.real, part, exact)}, {element_text(value.imag, part, exact)}]"
    if dtype.kind == "b":
        return "true" if value else "false"
    if dtype.kind in "iu":
        return str(int(value))
    number = float(value)
    if math.isnan(number):
        return ".nan"
    if math.isinf(number):
        return ".inf" if number > 0 else "-.inf"
    if not exact:
        return f"{number:.9g}"
    return repr(float(str(value))) if dtype.itemsize < 8 else repr(number)


def quoted(text: str) -> str:
    """A string of YAML on one line."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{plain}"'


