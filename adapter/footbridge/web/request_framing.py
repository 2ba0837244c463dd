"""Where a request of HTTP/1.1 ends in the bytes that came so far: https://www.rfc-editor.org/rfc/rfc9112.

It decides only *when* a request is given to a thread: gunicorn reads the same bytes again, and judges them. So what is
odd here is handed over as it is, and never waited for. Nothing is decoded or kept of a body.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto

LONGEST_HEAD = 64 * 1024  # bytes of request line and headers
LONGEST_CHUNK_LINE = 1024  # bytes of a chunk's size and extension; nobody needs an extension
LONGEST_TRAILER = 8 * 1024
_END = b"\r\n\r\n"
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,12}(?=[ \t]*(;|$))")


class Progress(Enum):
    """How far a request is."""

    HEAD = auto()  # request line and headers are not complete
    BODY = auto()  # they are, and the body is not
    COMPLETE = auto()
    UNFIT = auto()  # there is no knowing where it ends, or no need to: whoever reads it closes the connection
    HEAD_TOO_LARGE = auto()
    BAD_CHUNKS = auto()


class Framing:
    """Follows one request.

    Attributes:
        end: how many bytes belong to it, once it is ``COMPLETE``.
        expects_continue: whether the client waits for ``100 Continue`` before it sends the body.
    """

    def __init__(self, longest_body: int, longer: Sequence[tuple[bytes, int]] = ()) -> None:
        """Begin a request.

        Args:
            longest_body: bytes of a body that is of use; of a larger one no more is waited for.
            longer: beginnings of the addresses that take larger ones, and how large.
        """
        self._longer = longer
        self.end = 0
        self.expects_continue = False
        self._longest = longest_body
        self._progress = Progress.HEAD
        self._searched = 0
        self._is_chunked = False
        self._place = 0  # of the next chunk, or of the trailer
        self._is_trailer = False
        self._decoded = 0

    def look(self, data: bytearray) -> Progress:
        """How far the request is, whose bytes so far these are: each call has those of the one before, and more."""
        if self._progress is Progress.HEAD:
            self._progress = self._read_head(data)
        if self._progress is Progress.BODY:
            self._progress = self._read_chunks(data) if self._is_chunked else self._read_length(data)
        return self._progress

    def _read_head(self, data: bytearray) -> Progress:
        end = data.find(_END, max(0, self._searched - len(_END)))
        self._searched = len(data)
        if end < 0:
            return Progress.HEAD_TOO_LARGE if len(data) > LONGEST_HEAD else Progress.HEAD
        if end > LONGEST_HEAD:
            return Progress.HEAD_TOO_LARGE
        self._place = end + len(_END)
        return self._find_body(bytes(data[:end]))

    def _find_body(self, head: bytes) -> Progress:
        lengths, encodings = [], []
        first, *lines = head.split(b"\r\n")
        target = first.partition(b" ")[2]
        for beginning, longest in self._longer:
            if target.startswith(beginning):
                self._longest = max(self._longest, longest)
        for line in lines:
            name, _, value = line.partition(b":")
            match name.strip().lower():
                case b"content-length":
                    lengths.append(value.strip())
                case b"transfer-encoding":
                    encodings.append(value.strip().lower())
                case b"expect":
                    self.expects_continue = value.strip().lower() == b"100-continue"
        if encodings:
            self._is_chunked = encodings == [b"chunked"] and not lengths
            return Progress.BODY if self._is_chunked else Progress.UNFIT
        if not lengths:
            self.end = self._place
            return Progress.COMPLETE
        if len(lengths) > 1 or not re.fullmatch(rb"[0-9]{1,18}", lengths[0]) or int(lengths[0]) > self._longest:
            return Progress.UNFIT
        self.end = self._place + int(lengths[0])
        return Progress.BODY

    def _read_length(self, data: bytearray) -> Progress:
        return Progress.COMPLETE if len(data) >= self.end else Progress.BODY

    def _read_chunks(self, data: bytearray) -> Progress:
        while not self._is_trailer:
            line_end = data.find(b"\r\n", self._place, self._place + LONGEST_CHUNK_LINE)
            if line_end < 0:
                is_too_long = len(data) - self._place >= LONGEST_CHUNK_LINE
                return Progress.BAD_CHUNKS if is_too_long else Progress.BODY
            size = _SIZE.match(data[self._place : line_end])
            if size is None:
                return Progress.BAD_CHUNKS
            length = int(size[0], 16)
            if length == 0:
                self._is_trailer, self._place = True, line_end
                break
            after = line_end + 2 + length
            if self._decoded + min(length, len(data) - line_end) > self._longest + 2:
                return Progress.UNFIT
            if len(data) < after + 2:
                return Progress.BODY
            if data[after : after + 2] != b"\r\n":
                return Progress.BAD_CHUNKS
            self._decoded += length
            self._place = after + 2
            if self._decoded > self._longest or self._place > 4 * self._longest + LONGEST_HEAD:
                return Progress.UNFIT
        return self._read_trailer(data)

    def _read_trailer(self, data: bytearray) -> Progress:
        """The last chunk's line end begins the trailer: none, or lines of which the last is empty."""
        end = data.find(_END, self._place)
        if end < 0:
            return Progress.BAD_CHUNKS if len(data) - self._place > LONGEST_TRAILER else Progress.BODY
        self.end = end + len(_END)
        return Progress.COMPLETE
