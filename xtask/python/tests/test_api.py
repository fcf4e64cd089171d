"""The functions for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

import array_assay
from array_assay._errors import error_of
from tests.running import HERE, LIBRARIES, LIBRARY


@pytest.fixture(scope="module", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(LIBRARIES))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield patch


@pytest.fixture(scope="module")
def run(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> array_assay.Run:
    environment.setenv("MOODY", "floor=off")
    out = tmp_path_factory.mktemp("out")
    known = out / "known.yaml"
    known.write_text("deviations:\n- check: elementwise/floor::value*\n  reason: one off\n")
    return array_assay.run(LIBRARY, select=["elementwise/floor", "elementwise/cos"], cases=20, jobs=1, baseline=known, out=out)


def test_a_run_gives_typed_records(run: array_assay.Run) -> None:
    library = run.results.library
    assert (library.name, library.library) == (LIBRARY, "moody_arrays") and library.language.startswith("Python")
    assert (run.results.seed, run.results.cases) == (0, 20)
    check = run["elementwise/floor::value"]
    assert (check.function, check.level, check.verdict) == ("floor", "must", "fail")
    example = check.counterexample
    assert example is not None and example.call.startswith("floor(") and "import moody_arrays" in example.snippet
    assert {cell.cause for cell in check.cells if cell.verdict == "fail"} == {"wrong-value"}
    accuracy = [cell.accuracy for cell in run["elementwise/cos::value/accuracy"].cells if cell.accuracy]
    assert accuracy and all(0 <= one.max_ulp for one in accuracy)


def test_a_run_says_what_the_gate_makes_of_it(run: array_assay.Run) -> None:
    assert not run.passed
    assert [standing.check for standing in run.known] == ["elementwise/floor::value"]
    assert run.known[0].known[0].reason == "one off" and run.known[0].known[0].place.endswith("known.yaml:2-3")
    assert all(standing.check.startswith("elementwise/floor::special/") for standing in run.failed)
    assert run.failed and run.failed[0].report is not None and "floor(" in run.failed[0].report
    assert run.stale == ()


def test_what_a_run_left_is_read_again(run: array_assay.Run) -> None:
    assert run.directory is not None
    again = array_assay.read(run.directory)
    assert (again.results.checks, again.gate) == (run.results.checks, run.gate)


def test_errors_have_the_message_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(array_assay.UsageError, match="failed to find the backend `nunpy`: did you mean `numpy`"):
        array_assay.run("nunpy")
    with pytest.raises(array_assay.BackendError, match="No module named 'no_such_module'"):
        array_assay.run("python:no_such_module")
    with pytest.raises(array_assay.NothingSelected, match="elementwise/floor"):
        array_assay.run(LIBRARY, select="elementwise/flor")
    with pytest.raises(array_assay.UsageError, match="there is no check `elementwise/flor::value`"):
        known = tmp_path / "known.yaml"
        known.write_text("deviations:\n- check: elementwise/flor::value\n  reason: x\n")
        array_assay.run(LIBRARY, baseline=known)
    with pytest.raises(array_assay.UsageError, match="no_such_folder"):
        array_assay.read(HERE / "no_such_folder")


def test_the_message_is_the_last_error_with_what_it_quotes() -> None:
    error = error_of(3, "numpy: starting\nerror: failed to start\nTraceback\n  ImportError\n")
    assert isinstance(error, array_assay.BackendError) and str(error) == "failed to start\nTraceback\n  ImportError"
    assert str(error_of(139, "")) == "array-assay ended with exit code 139"


def test_checks_are_listed_without_a_run() -> None:
    ids = array_assay.checks("elementwise/cos")
    assert "elementwise/cos::value" in ids and "elementwise/cos::value/accuracy" in ids
    assert "elementwise/cos::value/accuracy" not in array_assay.checks("elementwise/cos", level="must"), "the default gate does not count it"
    assert array_assay.checks("array/__dlpack__", revision="2021.12") != array_assay.checks("array/__dlpack__")


def test_a_program_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARRAY_ASSAY_BINARY", "/no/such/program")
    with pytest.raises(array_assay.BinaryNotFound, match="/no/such/program"):
        array_assay.checks()
