"""The worker as a process: how it ends, and what the library sees of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from . import FIXTURES, WORKER
from .arrays import float64
from .conversation import X, batch, call, frame, frames_in, msgpack

NEGATIVE = ({"inputs": 1, "steps": [call("negative", X)], "returns": [1]}, [float64(1.0)])


def run(data: bytes, *arguments: str, flags: tuple[str, ...] = (), path: Path = FIXTURES) -> tuple[int, Any, str]:
    """The exit status of a worker that reads `data`, the frames that it wrote, and what it printed to stderr."""
    # MessagePack lies where this interpreter has it.
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *flags, str(WORKER / "__main__.py"), *(arguments or ("--module", "numpy"))]
    ended = subprocess.run(command, input=data, capture_output=True, env=environment, timeout=60)
    return ended.returncode, frames_in(ended.stdout), ended.stderr.decode()


class End(unittest.TestCase):
    """What ends a worker, and with which exit status."""

    def test_stop_and_the_end_of_the_input_are_success(self) -> None:
        self.assertEqual(run(b""), (0, [], ""))
        status, answers, stderr = run(frame("stop") + frame({"hello": {}}))
        self.assertEqual((status, answers, stderr), (0, [], ""), "nothing is answered after `stop`")

    def test_a_frame_that_cannot_be_read_or_answered_is_an_error(self) -> None:
        plan, arrays = NEGATIVE
        whole = frame(batch([NEGATIVE]))
        without_data = batch([NEGATIVE])
        del without_data["batch"]["data"]
        other_plan = batch([NEGATIVE])
        other_plan["batch"]["programs"][0][0] = 1
        cases = {
            "a header cut short": b"\x01\x00",
            "a body cut short": whole[:-1],
            "no MessagePack": b"\x01\x00\x00\x00\xc1",
            "bytes after the value": b"\x02\x00\x00\x00\x01\x02",
            "another kind of frame": frame({"goodbye": {}}),
            "a number": frame(5),
            "another string": frame("halt"),
            "a batch without data": frame(without_data),
            "a plan that is not there": frame(other_plan),
            "a plan that is no MessagePack": frame(
                {"batch": {"id": 1, "plans": [b"\xc1"], "programs": [[0, []]], "data": b""}}
            ),
            "another kind of argument": frame(batch([({**plan, "steps": [call("negative", {"colour": 1})]}, arrays)])),
            "two values for a scalar": frame(batch([({**plan, "steps": [call("negative", {"scalar": {}})]}, arrays)])),
        }
        for what, data in cases.items():
            with self.subTest(what):
                status, answers, stderr = run(data)
                self.assertEqual((status, answers), (2, []))
                self.assertRegex(stderr, r"\Aarray-assay worker: cannot read or answer a frame: \w+: .*\n\Z")

    def test_what_came_before_a_bad_frame_is_answered(self) -> None:
        status, answers, _ = run(frame(batch([NEGATIVE])) + b"\x01\x00\x00\x00\xc1")
        self.assertEqual(status, 2)
        self.assertEqual(answers[0]["outcomes"]["outcomes"], [{"values": [{"array": float64(-1.0)}]}])

    def test_a_module_that_cannot_be_imported_is_named_in_one_line(self) -> None:
        status, _, stderr = run(b"", "--module", "no_such_module")
        self.assertEqual(status, 3)
        self.assertRegex(
            stderr, r"\Aarray-assay worker: cannot import `no_such_module` in .*: ModuleNotFoundError: .*\n\Z"
        )

    def test_bad_usage_is_said(self) -> None:
        status, _, stderr = run(b"", "--colour", "red")
        self.assertEqual(status, 2)
        self.assertIn("--module", stderr)


class Isolation(unittest.TestCase):
    """The library and the worker do not disturb each other."""

    def test_what_a_library_prints_and_reads_leaves_the_frames_alone(self) -> None:
        shout = ({"inputs": 1, "steps": [call("shout", X)], "returns": [1]}, [float64(1.0)])
        status, answers, stderr = run(frame(batch([shout, NEGATIVE])), "--module", "noisy")
        self.assertEqual(status, 0)
        outcomes = [outcome for answer in answers for outcome in answer["outcomes"]["outcomes"]]
        self.assertEqual(outcomes, [{"values": [{"array": float64(v)}]} for v in (1.0, -1.0)])
        self.assertIn("printed from C", stderr)

    def test_the_library_cannot_import_from_the_worker_s_folder(self) -> None:
        for flags in ((), ("-I", "-B")):
            with self.subTest(flags), tempfile.TemporaryDirectory() as folder:
                Path(folder, "seen.py").write_text("import sys\npath = list(sys.path)\n")
                seen: Any = ({"inputs": 0, "steps": [call("path")], "returns": [0]}, [])
                # MessagePack has to be found without the environment's variables.
                of_msgpack = str(Path(str(msgpack.__file__)).parents[1])
                arguments = ("--module", "seen", "--append-path", of_msgpack)
                with_folder = [*arguments, "--append-path", folder] if flags else arguments
                status, answers, stderr = run(frame(batch([seen])), *with_folder, flags=flags, path=Path(folder))
                self.assertEqual((status, stderr), (0, ""))
                (path,) = answers[0]["outcomes"]["outcomes"][0]["values"]
                entries = [entry["str"] for entry in path["list"]]
                self.assertNotIn(str(WORKER), entries)
                self.assertIn(folder, entries)
                self.assertEqual(entries.index(folder), len(entries) - 1 if flags else 0)
