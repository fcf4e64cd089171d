"""The pytest plugin, as a user of pytest meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import LIBRARY, SMALL, Said, cases, run_pytest

BASELINE = """\
seed: 0
cases: 20
deviations:
- check: elementwise/floor::*
  reason: "floor is one off"
  link: https://example.org/floor
# This one is mended.
- check: elementwise/ceil::dtype
  cause: wrong-dtype
  reason: "it was wrong"
"""

ARGUMENTS = (f"--array-assay={LIBRARY}", *SMALL)


def functions_that_ran(folder: Path) -> set[str]:
    """The functions in the results that the plugin left."""
    (path,) = folder.glob(".pytest_cache/d/array-assay/*/*/results.jsonl")
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {record["function"] for record in records if record["kind"] == "check"}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A run in which a check is known, one is stale, one is new and one is blocked."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "known.yaml").write_text(BASELINE)
    arguments = ("--array-assay-baseline=known.yaml", "--junitxml=junit.xml", "-rA", "-v", *ARGUMENTS, "--array-assay-select=elementwise/sign")
    return folder, run_pytest(folder, *arguments, mood="floor=off ceil=rude sign=missing")


def test_each_check_is_a_test_of_its_own(judged: tuple[Path, Said]) -> None:
    said = judged[1].expect(1, "array-assay::python:moody_arrays::elementwise/floor::present PASSED", "standard 2024.12", "index.html")
    assert "elementwise/floor::value XFAIL" in said.text


def test_a_failure_shows_the_counterexample_and_no_traceback(judged: tuple[Path, Said]) -> None:
    judged[1].expect(1, "# moody_arrays: raised in `ceil(", "- expected: `", "check `elementwise/ceil::call`", "::error::forged").without("Traceback", "\x1b")
    judged[1].expect(1, "elementwise/sign::present FAILED", "missing-name")


def test_what_is_known_is_an_expected_failure_with_reason_and_link(judged: tuple[Path, Said]) -> None:
    judged[1].expect(1, "XFAIL", "floor is one off (https://example.org/floor)")


def test_a_stale_entry_fails_with_the_lines_to_remove(judged: tuple[Path, Said]) -> None:
    folder, _ = judged
    (folder / "stale.yaml").write_text(BASELINE.replace("ceil::dtype", "abs::dtype"))
    arguments = ("--array-assay-baseline=stale.yaml", "--array-assay-select=elementwise/abs", "--array-assay-cases=20", "--array-assay-jobs=1")
    said = run_pytest(folder, f"--array-assay={LIBRARY}", *arguments)
    said.expect(1, "1 failed", "remove the entry", "stale.yaml:8: - check: elementwise/abs::dtype", 'stale.yaml:10:   reason: "it was wrong"')
    said.without("stale.yaml:7")


def test_what_is_not_judged_is_skipped_with_what_blocks_it(judged: tuple[Path, Said]) -> None:
    judged[1].expect(1, "by elementwise/sign::present")


def test_junit_has_the_checks_and_is_well_formed(judged: tuple[Path, Said]) -> None:
    found = cases(judged[0] / "junit.xml")
    name = "array-assay.python:moody_arrays.elementwise/{}"
    assert found[name.format("floor::present")] == "passed"
    assert found[name.format("ceil::call")].startswith("failure")
    assert "]]></failure><b>" in found[name.format("ceil::call")]
    assert "floor is one off" in found[name.format("floor::value")]


def test_a_listing_runs_nothing(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, "--array-assay=python:no_such_module", *SMALL, "--collect-only", "-q")
    said.expect(0, "array-assay::python:no_such_module::elementwise/floor::present").without("elementwise/abs")
    assert not list(tmp_path.glob(".pytest_cache/d/array-assay"))


def test_a_choice_runs_the_functions_of_its_checks(tmp_path: Path) -> None:
    run_pytest(tmp_path, *ARGUMENTS, "-k", "floor and present").expect(0, "1 passed")
    assert functions_that_ran(tmp_path) == {"floor"}
    # By id, without another word; ini options have the rest.
    (tmp_path / "pytest.ini").write_text(f"[pytest]\narray_assay = {LIBRARY}\narray_assay_cases = 20\narray_assay_jobs = 1\n")
    run_pytest(tmp_path, f"array-assay::{LIBRARY}::elementwise/ceil::call").expect(0, "1 passed")
    assert functions_that_ran(tmp_path) == {"ceil"}
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    run_pytest(tmp_path, "test_own.py").expect(0, "1 passed").without("array-assay:")
    run_pytest(tmp_path, "-m", "not array_assay", "-q").expect(0, "1 passed")


def test_the_last_failures_run_again_alone(tmp_path: Path) -> None:
    first = run_pytest(tmp_path, *ARGUMENTS, "-q", mood="ceil=off")
    first.expect(1, "FAILED array-assay::python:moody_arrays::elementwise/ceil::value")
    run_pytest(tmp_path, *ARGUMENTS, "--lf", "-x").expect(0, "passed").without("skipped")
    assert functions_that_ran(tmp_path) == {"ceil"}


def test_workers_of_xdist_share_one_run(tmp_path: Path) -> None:
    log = tmp_path / "imports"
    said = run_pytest(tmp_path, *ARGUMENTS, "-n", "2", mood="floor=off", environment={"MOODY_LOG": str(log)})
    said.expect(1, "elementwise/floor::value", " passed")
    assert len(set(log.read_text().split())) == 1, "every worker process belongs to the same program"


def test_a_run_that_fails_is_told_once(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, "--array-assay=python:no_such_module", *SMALL)
    said.expect(1, "1 failed", "\nfailed to run python:no_such_module", "No module named 'no_such_module'", " skipped").without("Traceback")
    said = run_pytest(tmp_path, "--array-assay=nunpy", *SMALL)
    said.expect(1, "1 failed", "did you mean `numpy` or `cupy`?")
    for workers in ("0", "2"):
        said = run_pytest(tmp_path, f"--array-assay={LIBRARY}", "--array-assay-select=elementwise/flor", "-n", workers)
        said.expect(4, "did you mean `elementwise/floor`")


def test_what_is_known_fails_where_expected_failures_are_to_run(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(BASELINE)
    arguments = ("--array-assay-baseline=known.yaml", "--runxfail", "-k", "floor and value and not special and not scalar and not accepted")
    run_pytest(tmp_path, *ARGUMENTS, *arguments, mood="floor=off").expect(1, "1 failed", "1 selected", "known, must: fail", "xp.floor(")
