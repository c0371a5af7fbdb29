"""What the command prints, where the reader may go away, the disk be full or nothing be open: never a fault of the tool."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from explorer.process import stop

AWAY = (errno.EPIPE, errno.EIO, errno.ENXIO, errno.ECONNRESET)  # nobody reads: a pipe or a terminal was closed


class Output:
    """A stream whose failures are noted, and not raised: what the answer is worth does not depend on who reads it.

    `failed`: why it could not be written, "" where all was or the reader went away. `elsewhere`: the answer goes to files
    too, so that a lost reader is no reason to stop.
    """

    def __init__(self, stream: Any, fd: int) -> None:
        self.stream, self.fd = stream, fd
        self.lost, self.failed, self.elsewhere = False, "", False

    def write(self, text: str) -> int:
        if not self.lost:
            try:
                if self.stream is None:
                    raise OSError(errno.EBADF, "it is closed")
                return int(self.stream.write(text))
            except OSError as e:
                self.lose(e)
        return len(text)

    def flush(self) -> None:
        if not self.lost and self.stream is not None:
            try:
                self.stream.flush()
            except OSError as e:
                self.lose(e)

    def lose(self, error: OSError) -> None:
        self.lost = True
        with contextlib.suppress(OSError):  # what is still in its buffer goes nowhere
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fd)
            os.close(nowhere)
        if error.errno not in AWAY:
            self.failed = (error.strerror or str(error)).lower()
        if self.fd == 1 and not self.elsewhere:
            stop.request(signal.SIGPIPE)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def guarded_streams() -> Iterator[Output]:
    """Standard output and standard error are such streams here; the first is given."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:  # the next file to be opened would be taken for it
            os.open(os.devnull, os.O_RDWR)
    before = sys.stdout, sys.stderr
    out = Output(sys.stdout, 1)
    sys.stdout, sys.stderr = out, Output(sys.stderr, 2)
    try:
        yield out
    finally:
        out.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def also_in_files() -> None:
    """The answer goes to files too: the run ends by itself, whoever reads."""
    out = getattr(sys.stdout, "out", sys.stdout)  # of cli.main.Shown
    if isinstance(out, Output):
        out.elsewhere = True
