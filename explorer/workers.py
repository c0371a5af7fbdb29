"""One function over many arguments, in processes where that pays. The results do not depend on their number."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from explorer import kept
from explorer.errors import UsageError

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
    kept.cache_folder()  # chosen once, for all processes
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), deaf)
    try:
        futures = {pool.submit(function, *arguments): i for i, arguments in enumerate(calls)}
        for done in as_completed(futures):
            yield futures[done], done.result()
    except BrokenProcessPool as e:
        raise UsageError("a process was ended from outside, perhaps for want of memory: --jobs 1 takes less") from e
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def deaf() -> None:
    """Ctrl-C is for the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
