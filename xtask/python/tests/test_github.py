"""What a job of GitHub Actions shows."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.running import LIBRARY, program


def test_annotations_and_summary_hold_foreign_text_as_text(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("deviations:\n- check: elementwise/floor::dtype\n  cause: wrong-dtype\n  reason: mended\n")
    environment = {"MOODY": "ceil=rude", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    options = ["--select=elementwise/floor", "--select=elementwise/ceil", "--cases=20", "--jobs=1", "--baseline=known.yaml", f"--python={sys.executable}"]
    said = program(tmp_path, "conform", LIBRARY, "--format=github", *options, environment=environment).expect(1)

    lines = said.text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[begin].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    outside = [line for i, line in enumerate(lines) if line.lstrip().startswith("::") and not begin <= i <= end]
    assert all(line.startswith("::error ") for line in outside), outside
    assert outside[0].startswith("::error file=known.yaml,line=2,endLine=4,title=python%3Amoody_arrays%3A ") and "remove the entry" in outside[0]
    assert any("title=python%3Amoody_arrays%3A elementwise/ceil%3A%3Acall::must: fail" in line for line in outside), outside
    assert not any(line.startswith("::error::") for line in outside), "what the exception says is no command"

    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert "**1 unexpected deviations**, 1 stale entries of the baseline" in summary
    assert summary.count("</details>") - summary.count("> </details>") >= 1 and "\x1b" not in summary
    inside = summary[summary.index("```") :]
    assert "<b>" not in summary[: summary.index("```")], "markup is escaped outside of the block of code"
    assert "]]></failure><b>" in inside
