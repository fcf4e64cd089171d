"""A worker around a correct array library of six functions, which misbehaves in one way that its arguments name.

    python3 -I -S tiny_worker.py [FAULT[:FUNCTION[:DTYPE]]] [--state FILE] [--name NAME]

Without a fault every outcome is right. A fault concerns the programs that call FUNCTION on inputs of DTYPE alone, each of
them where one is left out. FILE remembers across restarts what happened. It needs the standard library alone: the two
sides of MessagePack below know what the protocol uses and no more.
"""

import math
import operator
import os
import signal
import struct
import sys
import time

LETTERS = {"bool": "?", "int8": "b", "float32": "f", "float64": "d"}

# ---------------------------------------------------------------------------------------------------------------------
# MessagePack


def unpack(data, at=0):
    """The value at an offset, and the offset after it."""
    code, at = data[at], at + 1
    if code < 0x80:
        return code, at
    if code >= 0xE0:
        return code - 0x100, at
    if code in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[code], at
    if 0xCC <= code <= 0xD3:  # integers of 1, 2, 4 and 8 bytes, unsigned, then signed
        size = 1 << (code & 3)
        return int.from_bytes(data[at : at + size], "big", signed=code >= 0xD0), at + size
    if code < 0xC0:  # small ones carry their size
        kind, size = ("map", code & 15) if code < 0x90 else ("list", code & 15) if code < 0xA0 else ("text", code & 31)
    else:
        kind, width = {
            0xC4: ("bytes", 1), 0xC5: ("bytes", 2), 0xC6: ("bytes", 4), 0xD9: ("text", 1), 0xDA: ("text", 2),
            0xDB: ("text", 4), 0xDC: ("list", 2), 0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
        }[code]  # fmt: skip
        size, at = int.from_bytes(data[at : at + width], "big"), at + width
    if kind in ("bytes", "text"):
        chunk = bytes(data[at : at + size])
        return (chunk if kind == "bytes" else chunk.decode()), at + size
    items = []
    for _ in range(size if kind == "list" else 2 * size):
        item, at = unpack(data, at)
        items.append(item)
    return (items if kind == "list" else dict(zip(items[::2], items[1::2]))), at


def pack(value):
    """A value as MessagePack."""
    if value is None or value is True or value is False:
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xd3" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, bytes):
        return b"\xc6" + len(value).to_bytes(4, "big") + value
    if isinstance(value, str):
        return b"\xdb" + len(value.encode()).to_bytes(4, "big") + value.encode()
    if isinstance(value, list):
        return b"\xdd" + len(value).to_bytes(4, "big") + b"".join(map(pack, value))
    return b"\xdf" + len(value).to_bytes(4, "big") + b"".join(pack(k) + pack(v) for k, v in value.items())


# ---------------------------------------------------------------------------------------------------------------------
# The library


class Array:
    """An array: dtype, shape, and its elements in C order."""

    def __init__(self, dtype, shape, items):
        self.dtype, self.shape, self.items = dtype, tuple(shape), items

    @classmethod
    def read(cls, dtype, shape, offset, data):
        letters = "<%d%s" % (math.prod(shape), LETTERS[dtype])
        return cls(dtype, shape, list(struct.unpack_from(letters, data, offset)))

    def wire(self):
        return [self.dtype, list(self.shape), struct.pack("<%d%s" % (len(self.items), LETTERS[self.dtype]), *self.items)]


def fit(value, dtype):
    """A number rounded or wrapped into a dtype. (The sum and the root of floats are rounded twice without harm.)"""
    if dtype == "int8":
        return (value + 128) % 256 - 128
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0] if dtype == "float32" else value
    except OverflowError:
        return math.copysign(math.inf, value)


def scalar(wire):
    """A Python scalar."""
    ((kind, text),) = wire.items()
    return {"bool": bool, "int": int, "float": lambda text: float.fromhex(text.replace("-nan", "nan"))}[kind](text)


def add(a, b):
    arrays = [x for x in (a, b) if isinstance(x, Array)]
    dtype = max((x.dtype for x in arrays), key=list(LETTERS).index)
    rank = max(len(x.shape) for x in arrays)
    padded = [(1,) * (rank - len(x.shape)) + x.shape for x in arrays]
    shape = tuple(next((n for n in sizes if n != 1), 1) for sizes in zip(*padded))

    def items(x):
        if not isinstance(x, Array):
            return [fit(x if dtype == "int8" else float(x), dtype)] * math.prod(shape)
        flat = [0]
        stride = len(x.items)
        for n, size in zip((1,) * (rank - len(x.shape)) + x.shape, shape):
            stride = stride // n if n else 0
            flat = [at + i * (stride if n > 1 else 0) for at in flat for i in range(size)]
        return [x.items[at] for at in flat]

    return Array(dtype, shape, [fit(x + y, dtype) for x, y in zip(items(a), items(b))])


def each(function, dtype=None):
    """A function of single elements; results of its argument's dtype unless one is given."""
    return lambda x: Array(dtype or x.dtype, x.shape, [fit(function(v), dtype or x.dtype) for v in x.items])


FUNCTIONS = {
    "abs": each(abs),
    "add": add,
    "isnan": each(lambda v: v != v, "bool"),
    "logical_not": each(operator.not_, "bool"),
    "negative": each(operator.neg),
    "sqrt": each(lambda v: math.sqrt(v) if v >= 0 else math.nan),
}

# ---------------------------------------------------------------------------------------------------------------------
# The worker and its faults

ARGUMENTS = sys.argv[1:]
OPTIONS = {ARGUMENTS[i]: ARGUMENTS[i + 1] for i in range(len(ARGUMENTS)) if ARGUMENTS[i].startswith("--")}
FAULT, FUNCTION, DTYPE, *_ = (ARGUMENTS[0] if ARGUMENTS and not ARGUMENTS[0].startswith("--") else "").split(":") + ["", ""]
PARENT = os.getppid()


def times():
    """How often this was called, over all processes that share the state."""
    with open(OPTIONS["--state"], "ab") as file:
        file.write(b".")
        return file.tell()


def write(data):
    while data:
        data = data[os.write(1, data) :]


def send(frame):
    body = pack(frame)
    write(len(body).to_bytes(4, "little") + body)


def receive():
    header = sys.stdin.buffer.read(4)
    return unpack(sys.stdin.buffer.read(int.from_bytes(header, "little")))[0] if header else "stop"


def wait_forever():
    while os.getppid() == PARENT:
        time.sleep(0.02)
    os._exit(1)


def hoard():
    hoarded = []
    while os.getppid() == PARENT:
        hoarded.append(b"x" * (4 << 20))
        time.sleep(0.002)


def interrupt():
    """Ctrl-C at a terminal, or another signal that ends a run: the harness hears it and ends the worker."""
    os.kill(PARENT, {"interrupts": signal.SIGINT, "terminates": signal.SIGTERM, "hangs-up": signal.SIGHUP}[FAULT])
    hang()


def hang():
    """Never ends by itself, also if the harness is gone."""
    while True:
        time.sleep(1)


def start_children():
    """Two processes that never end by themselves: one in the group of the worker, one that left it. They hold its pipes."""
    for leaves in (False, True):
        if os.fork() == 0:
            if leaves:
                os.setsid()
                if os.fork() != 0:
                    os._exit(0)
            with open(OPTIONS["--state"] + ".pids", "a") as file:
                file.write(f"{os.getpid()}\n")
            hang()
    while not os.path.exists(OPTIONS["--state"] + ".pids") or len(open(OPTIONS["--state"] + ".pids").readlines()) < 2:
        time.sleep(0.01)


def hoard_in_children():
    """Two processes that take memory, each less than a worker may."""
    for _ in range(2):
        if os.fork() == 0:
            hoarded = b"x" * (96 << 20)
            hang()
    hang()


def pause():
    """Something on the machine stops it, for longer than a program may take."""
    stopped = os.getpid()
    if os.fork() == 0:
        time.sleep(1.5)
        os.kill(stopped, signal.SIGCONT)
        os._exit(0)
    os.kill(stopped, signal.SIGSTOP)


def abort():
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


def hits(program):
    """Whether the fault concerns a program."""
    named = not FUNCTION or any(step["function"] == FUNCTION for step in program["steps"])
    return named and (not DTYPE or {dtype for dtype, _, _ in program["inputs"]} == {DTYPE})


CALLS = 0


def before(program):
    """What a fault does instead of running the program, or before it; perhaps an outcome."""
    global CALLS
    CALLS += 1
    if FAULT in ("aborts", "aborts-for-good") or FAULT == "aborts-once" and times() == 1 or FAULT == "aborts-twice" and times() <= 2:
        abort()
    elif (FAULT, CALLS) in (("aborts-at-fifth", 5), ("aborts-at-fortieth", 40)):
        abort()
    elif FAULT == "killed-at-fifth" and times() == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    elif FAULT == "exits":
        os._exit(0)
    elif FAULT == "hangs":
        wait_forever()
    elif FAULT == "paused-once" and times() == 1:
        pause()
    elif FAULT == "hoards":
        hoard()
    elif FAULT == "hoards-in-children":
        hoard_in_children()
    elif FAULT == "stops-itself":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif FAULT in ("dies-with-children", "hangs-with-children"):
        start_children()
        abort() if FAULT == "dies-with-children" else hang()
    elif FAULT in ("interrupts", "terminates", "hangs-up") and times() == 5:
        interrupt()
    elif FAULT == "floods-stderr":
        os.write(2, b"a long story\n" * 10_000)
    elif FAULT == "prints":
        write(b"a stray text\n")
    elif FAULT == "raises":
        exception = {"type": "TypeError", "message": "<script>alert(2)</script>", "traceback": ""}
        return {"raised": {"exception": exception, "step": 0, "values": []}}
    elif FAULT == "denies":
        return {"missing": {"name": FUNCTION, "step": 0}}
    elif FAULT == "unsupported":
        return {"unsupported": {"capability": "data-dependent shapes", "step": 0}}
    return None


def spoil(result):
    """A wrong result."""
    if FAULT in ("wrong-value", "wrong-value-or-hangs", "wrong-now-and-then"):
        result.items = [v ^ 1 if isinstance(v, int) else fit(2 * v + 1, result.dtype) for v in result.items]
    elif FAULT == "wrong-dtype":
        result.dtype = {"float32": "float64", "float64": "float32"}[result.dtype]
        result.items = [fit(v, result.dtype) for v in result.items]
    elif FAULT == "wrong-shape" and not result.items:
        result.shape = (0, 0, 0, 0, 0)
    return result


def run(program):
    """The outcome of a program."""
    hit = hits(program)
    if FAULT == "wrong-value-or-hangs" and program["steps"][-1:] and program["steps"][-1]["function"] == FUNCTION:
        if any(dtype == "float32" and len(shape) == 4 for dtype, shape, _ in program["inputs"]):
            wait_forever()
    early = before(program) if hit else None
    if early is not None:
        return early
    registers = [Array.read(*wire, program["data"]) for wire in program["inputs"]]
    if FAULT == "corrupts" and hit:
        for array in registers:
            array.items = [not v for v in array.items] if array.dtype == "bool" else [v + 1 for v in array.items]
    for i, step in enumerate(program["steps"]):
        if step["function"] not in FUNCTIONS:
            return {"missing": {"name": step["function"], "step": i}}
        args = [scalar(arg["scalar"]) if "scalar" in arg else registers[arg["register"]] for arg in step["args"]]
        result = FUNCTIONS[step["function"]](*args)
        if FAULT == "mutates" and hit:
            registers[0].items = [0] * len(registers[0].items)
        registers.append(spoil(result) if hit and (FAULT != "wrong-now-and-then" or times() % 8 == 0) else result)
    values = [{"array": registers[r].wire()} for r in program["returns"]]
    if FAULT == "python-number" and hit and not registers[-1].shape:
        values[0] = {"scalar": {"bool": bool(registers[-1].items[0])}}
    if FAULT == "unknown-value" and hit:
        values[0] = {"tensor": values[0]["array"]}
    if FAULT == "short-data" and hit:
        values[0]["array"][2] += b"\0"
    return {"values": [] if FAULT == "no-values" and hit else values}


def programs(batch):
    """The programs of a batch: their plans with their inputs in place of the number of these."""
    plans = [unpack(plan)[0] for plan in batch["plans"]]
    return [dict(plans[plan], inputs=inputs, data=batch["data"]) for plan, inputs in batch["programs"]]


def answer(identifier, programs):
    first, outcomes, flushed = 0, [], time.monotonic()
    for i, program in enumerate(programs):
        outcome = run(program)
        of_frame = FAULT in FRAME_FAULTS and hits(program)
        if of_frame or time.monotonic() - flushed > 0.05 and FAULT != "never-flushes":
            if outcomes:
                send({"outcomes": {"id": identifier, "first": first, "outcomes": outcomes}})
            first, outcomes, flushed = i, [], time.monotonic()
        if of_frame:
            FRAME_FAULTS[FAULT](identifier, i, outcome)
            first = i + 1
        else:
            outcomes.append(outcome)
    if outcomes or not programs:
        send({"outcomes": {"id": identifier, "first": first, "outcomes": outcomes}})


def frame(identifier, first, *outcomes):
    body = pack({"outcomes": {"id": identifier, "first": first, "outcomes": list(outcomes)}})
    return len(body).to_bytes(4, "little") + body


def resized(data, more):
    return (int.from_bytes(data[:4], "little") + more).to_bytes(4, "little") + data[4:]


def empty_frames(identifier, first):
    while os.getppid() == PARENT:
        write(frame(identifier, first))
        time.sleep(0.01)


FRAME_FAULTS = {
    "truncates": lambda identifier, i, outcome: (write(frame(identifier, i, outcome)[:-3]), os._exit(0)),
    "length-too-long": lambda identifier, i, outcome: write(resized(frame(identifier, i, outcome), 1)),
    "length-too-short": lambda identifier, i, outcome: write(resized(frame(identifier, i, outcome), -1)),
    "wrong-batch": lambda identifier, i, outcome: write(frame(identifier + 1, i, outcome)),
    "wrong-first": lambda identifier, i, outcome: write(frame(identifier, i + 1, outcome)),
    "too-many-outcomes": lambda identifier, i, outcome: write(frame(identifier, i, *[outcome] * 1000)),
    "repeats-outcomes": lambda identifier, i, outcome: write(2 * frame(identifier, i, outcome)),
    "empty-frames": lambda identifier, i, outcome: empty_frames(identifier, i),
    # Nothing is wrong with this one: what it knows it says at once.
    "flushes": lambda identifier, i, outcome: write(frame(identifier, i, outcome)),
}


def identity(functions):
    present = [name for name in functions if name in FUNCTIONS and (FAULT, FUNCTION) != ("lacks", name)]
    return {
        "protocol": 2 if FAULT == "wrong-version" else 1,
        "name": OPTIONS.get("--name", "tiny"),
        "version": "1.0",
        "language": "Python",
        "platform": "any",
        "devices": ["cpu"],
        "dtypes": list(LETTERS),
        "functions": {name: {} for name in present},
        "a key of later versions": 1,
    }


def main():
    if FAULT == "exits-at-once" or FAULT in ("starts-once", "aborts-for-good") and times() > 1:
        os.write(2, b"no such library: tiny\n")
        os._exit(3)
    if FAULT == "shouts-at-once":
        os.write(2, "\x1b[2J\u061c\u202e\r\0shown\n::error file=x::injected\n".encode())
        os._exit(3)
    while True:
        received = receive()
        if received == "stop":
            return wait_forever() if FAULT == "ignores-stop" else os._exit(1) if FAULT == "fails-at-stop" else None
        if "hello" in received:
            if FAULT == "never-says-hello":
                wait_forever()
            elif FAULT == "garbage-for-hello":
                write(b"Welcome to tiny 1.0!\n")
            elif FAULT == "outcomes-for-hello":
                send({"outcomes": {"id": 0, "first": 0, "outcomes": []}})
            else:
                send({"identity": identity(received["hello"]["functions"])})
        else:
            answer(received["batch"]["id"], programs(received["batch"]))


if __name__ == "__main__":
    main()
