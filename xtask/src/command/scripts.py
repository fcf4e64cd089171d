"""Runs scripts, each in a process of its own, and says how each ended.

    python scripts.py MODULE SECONDS < SCRIPTS

MODULE is imported once, before the processes are made. SCRIPTS is a JSON list of texts. A line of JSON for each: the type of the
exception that it raised (empty if none, `signal` if a signal ended it, `timeout` if it took longer than SECONDS), and its message.
"""

import importlib
import json
import os
import select
import signal
import sys


def type_name(kind):
    """A type's name as one would import it."""
    return kind.__qualname__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)


def run(script, sink):
    """Runs a script in this process, which it ends."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    try:
        exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
        outcome = ["", ""]
    except BaseException as error:
        try:
            message = str(error)[:300]
        except Exception:
            message = ""
        outcome = [type_name(type(error)), message]
    os.write(sink, json.dumps(outcome).encode())
    os._exit(0)


def ended(script, seconds):
    """How a script ends in a process of its own."""
    source, sink = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(source)
        run(script, sink)
    os.close(sink)
    told = b""
    if select.select([source], [], [], seconds)[0]:
        told = os.read(source, 1 << 16)
    else:
        os.kill(process, signal.SIGKILL)
        told = b'["timeout", ""]'
    os.close(source)
    _, status = os.waitpid(process, 0)
    return json.loads(told) if told else ["signal", str(status)]


def main():
    importlib.import_module(sys.argv[1])
    for script in json.load(sys.stdin):
        print(json.dumps(ended(script, float(sys.argv[2]))), flush=True)


main()
