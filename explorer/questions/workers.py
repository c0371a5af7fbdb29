"""One function over many arguments, in processes where that pays. The results do not depend on their number."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from explorer.cache import kept
from explorer.errors import UsageError
from explorer.process import stop

T = TypeVar("T")
PAYS = 4  # calls from which a process that has to begin by importing is worth it


def each(function: Callable[..., T], calls: Sequence[tuple[object, ...]], jobs: int) -> Iterator[tuple[int, T]]:
    """(position, result) of each call, as they are finished. The function is of a module and its arguments are plain data.

    An exception of a call is raised here. Ctrl-C, and leaving the iteration, end the processes. Raises UsageError where the
    system ended one.
    """
    jobs = min(jobs, len(calls))
    if jobs < 2 or len(calls) < PAYS:
        for i, arguments in enumerate(calls):
            yield i, function(*arguments)
        return
    import multiprocessing  # slow to load, and seldom needed
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    kept.cache_folder()  # chosen once, for all processes
    before = set(multiprocessing.active_children())
    with wherever(), unheard():  # it begins one that looks after the others, and must outlive them
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), alone)
    try:
        with unheard(), wherever():  # a process begins without the signals that are for this one
            futures = {pool.submit(function, *arguments): i for i, arguments in enumerate(calls)}
        for done in as_completed(futures):
            stop.here()
            yield futures[done], done.result()
    except BrokenProcessPool as e:
        time.sleep(0.1)  # what ended it may have been meant for all of us
        stop.here()
        raise UsageError("a process was ended from outside, perhaps for want of memory: --jobs 1 takes less") from e
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Signals wait, and a process that is begun here never hears them: one that is still importing would print a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, stop.SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def wherever() -> Iterator[None]:
    """A Python that is begun here takes no file of the folder where it is for one of its modules."""
    name = "PYTHONSAFEPATH"
    asked = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if asked is None:
            del os.environ[name]
        else:
            os.environ[name] = asked


def alone() -> None:
    """End with the process that asked, however that ends."""
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
