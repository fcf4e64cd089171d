"""Frames on descriptors, whole and cut short."""

from __future__ import annotations

import io
import os
import unittest
from unittest import mock

from array_assay_worker import streams
from array_assay_worker.streams import read_frame, write_frame


class ReadFrame(unittest.TestCase):
    """`read_frame`."""

    def test_frames_follow_one_another_until_the_stream_ends(self) -> None:
        stream = io.BytesIO(b"\x02\x00\x00\x00hi\x00\x00\x00\x00\x01\x00\x00\x00!")
        self.assertEqual([read_frame(stream) for _ in range(4)], [b"hi", b"", b"!", None])

    def test_the_length_is_little_endian(self) -> None:
        body = bytes(0x0102)
        self.assertEqual(read_frame(io.BytesIO(b"\x02\x01\x00\x00" + body)), body)

    def test_a_frame_that_is_cut_short_anywhere_is_an_error(self) -> None:
        for whole in (b"\x05\x00\x00\x00hello", b"\x00\x00\x00\x00"):
            for length in range(1, len(whole)):
                with self.subTest(whole=whole, length=length), self.assertRaises(EOFError):
                    read_frame(io.BytesIO(whole[:length]))


class WriteFrame(unittest.TestCase):
    """`write_frame`."""

    def setUp(self) -> None:
        self.source, self.sink = os.pipe()
        self.addCleanup(os.close, self.source)

    def written(self) -> bytes:
        """All that was written to the pipe."""
        os.close(self.sink)
        with os.fdopen(os.dup(self.source), "rb") as stream:
            return stream.read()

    def test_the_length_comes_first_and_does_not_count_itself(self) -> None:
        write_frame(self.sink, b"hello")
        self.assertEqual(self.written(), b"\x05\x00\x00\x00hello")

    def test_a_descriptor_that_takes_a_few_bytes_at_once_gets_them_all(self) -> None:
        write = os.write
        with mock.patch("os.write", lambda sink, data: write(sink, data[:3])):
            write_frame(self.sink, b"hello, world")
        self.assertEqual(self.written(), b"\x0c\x00\x00\x00hello, world")

    def test_what_was_written_can_be_read(self) -> None:
        write_frame(self.sink, b"one")
        write_frame(self.sink, b"")
        stream = io.BytesIO(self.written())
        self.assertEqual([read_frame(stream) for _ in range(3)], [b"one", b"", None])

    @unittest.skipUnless(hasattr(os, "fork"), "the system has no fork")
    def test_a_copy_of_the_process_says_nothing(self) -> None:
        copy = os.fork()
        if copy == 0:
            try:
                write_frame(self.sink, b"from the copy")
            finally:
                os._exit(1)
        _, status = os.waitpid(copy, 0)
        self.assertEqual((os.waitstatus_to_exitcode(status), self.written()), (0, b""))

    def test_a_closed_reader_is_an_error(self) -> None:
        source, sink = os.pipe()
        os.close(source)
        self.addCleanup(os.close, sink)
        with self.assertRaises(BrokenPipeError):
            write_frame(sink, b"hello")


class Complain(unittest.TestCase):
    """`complain`."""

    def test_a_complaint_is_one_line_that_names_the_worker(self) -> None:
        with mock.patch("os.write") as write:
            streams.complain("no \udc80 way")
        write.assert_called_once_with(2, b"array-assay worker: no ? way\n")
