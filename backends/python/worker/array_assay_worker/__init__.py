"""The Python worker of Array Assay. It runs programs on an array library and returns their outcomes.

The worker speaks protocol 1 (backends/protocol/README.md) on the standard input and output that it was started with. It
never decides what is right or wrong. It calls only what the library itself names, and it needs nothing but the library
and MessagePack.

How a program travels through the modules:

    streams      bytes of a frame                      messages       the types of a frame's contents
    server       a batch, its programs one by one      surroundings   undoes what a library did to the process
    programs     runs single programs                  blocks         runs programs that share a plan
    functions    paths such as `linalg.svd`            arguments      arguments of calls
    outcomes     the outcome of a program, as bytes    joined         the outcome of a block, in one piece
    values       the wire form of a value              raised         the wire form of an exception

What the worker knows of the library (`library` holds it together):

    namespace    its names and dtypes                  known_objects  its dtype objects and devices
    transfer     how arrays get in and out, chosen with the arrays of `trial_arrays` from
                 `import_paths` and `export_paths`
    identity     the answer to `hello`
    questions    asks the library what the identity and the choice of paths need, one question at a time
"""
