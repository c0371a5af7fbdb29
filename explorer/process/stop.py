"""When a run is to end: it is told to (Ctrl-C, SIGTERM, SIGHUP, nobody reads its output), or its time is over.

A signal is noted, and raised as KeyboardInterrupt where the work asks: at `here()`, between two pieces of it, so that no level
is left half counted. Where nobody asks for a while it is raised wherever Python is, again and again, until `caught()`: what is
raised inside a callback of a foreign library is lost there. Work that no exception can end is done `patiently`, in a thread that
is left behind, or names what breaks it off (`breaking`). The last resort is `leave()`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NoReturn, TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ASKED = 0.3  # seconds in which the work should have come to `here()`
AGAIN = 2.0  # seconds after which it is raised once more
STUCK = 5.0  # seconds after which Python itself must be held up by a library that does not return
STOPS = ("seconds", "interrupt")  # the reasons for which a search ends at once
GRACE = 0.4  # seconds for what is made of the answer when the time is over, at least
SHARE = 0.05  # the same, of the time that was given
PRESSES = 3  # signals after which the process ends at once


class Interrupted(BaseException):
    """A bound on states, time, memory in the middle of the work; no Exception, so that nobody takes it for a fault of a model."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Told:
    """What this process was told. `number`: the first signal; `count`: how many; `pending`: it was not yet `caught`;
    `answering`: the answer is being shown; `process`: the whole process is ours to end; `left`: work was left behind."""

    number: int = 0
    count: int = 0
    pending: bool = False
    answering: bool = False
    listening: bool = False
    process: bool = False
    left: bool = False


told = Told()
breakers: list[Callable[[], None]] = []
bound: ContextVar[tuple[float, float] | None] = ContextVar("bound", default=None)  # from when until when there is time


def here() -> None:
    """Raises KeyboardInterrupt where the run was told to end, and Interrupted where its time is over."""
    if told.pending and not told.answering and threading.current_thread() is threading.main_thread():
        caught()
        raise KeyboardInterrupt
    given = bound.get()
    if given is not None and time.monotonic() > given[1]:
        raise Interrupted("seconds")


def caught() -> None:
    """What was raised has arrived: the answer is made of what is known."""
    if told.listening and told.process:
        signal.setitimer(signal.ITIMER_REAL, 0)
    told.pending = False


def seconds_left() -> float | None:
    """The seconds that are left, at least 0; None: as many as it takes."""
    given = bound.get()
    return None if given is None else max(given[1] - time.monotonic(), 0.0)


@contextlib.contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """What is done here has so many seconds, or what is left of those given before, if that is less."""
    now, outer = time.monotonic(), bound.get()
    if seconds is None or (outer is not None and outer[1] <= now + seconds):
        yield
        return
    before = bound.set((now, now + seconds))
    try:
        yield
    finally:
        bound.reset(before)


@contextlib.contextmanager
def closing(reason: str) -> Iterator[None]:
    """What was found is finished here: where the work was stopped for that reason, or its time is over, in a little more time,
    and no more."""
    given = bound.get()
    now = time.monotonic()
    if given is None and reason not in STOPS:
        yield
        return
    more = GRACE if given is None else max(GRACE, SHARE * (given[1] - given[0]))
    until = now if given is None or reason in STOPS else max(now, given[1])
    before = bound.set((now, until + more))
    try:
        yield
    finally:
        bound.reset(before)


def finished(reason: str, work: Callable[[], T]) -> tuple[T | None, str]:
    """What the work gives that finishes what was found, in the time of `closing`, and the reason; where it does not get there:
    None, and the reason for that."""
    with closing(reason):
        try:
            return work(), reason
        except Interrupted as e:
            return None, e.reason
        except KeyboardInterrupt:
            caught()
            return None, "interrupt"


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """The answer is made known: a second signal does not throw it away, a third does."""
    caught()
    told.answering = True
    try:
        yield
    finally:
        told.answering = False


def request(number: int) -> None:
    """Have the run end as by that signal."""
    told.number = told.number or number
    told.count += 1
    told.pending = True


def code(given: int) -> int:
    """The exit code: what is 130 after Ctrl-C is 128 and the number of the signal that it was."""
    return 128 + told.number if given == 130 and told.number else given


# ---------------------------------------------------------------- signals


@contextlib.contextmanager
def listening(process: bool = False) -> Iterator[None]:
    """Signals are noted here. `process`: the process does nothing else; else only Ctrl-C is, and a second one is raised at
    once. What was ignored before, as by `nohup`, is ignored on."""
    if told.listening or threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = {signal.SIGINT: signal.default_int_handler}
    wanted = SIGNALS if process else SIGNALS[:1]
    ours = [n for n in wanted if signal.getsignal(n) == usual.get(n, signal.SIG_DFL)]
    before = {n: signal.signal(n, noted) for n in ours}
    told.number, told.count, told.pending, told.answering, told.left = 0, 0, False, False, False
    told.listening, told.process = True, process
    ends: tuple[int, int] | None = None
    if process:
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, raised)
        ends = os.pipe()
        os.set_blocking(ends[1], False)
        signal.set_wakeup_fd(ends[1], warn_on_full_buffer=False)
        with contextlib.suppress(RuntimeError):  # no thread to be had: then Python alone is heard
            threading.Thread(target=watch, args=(ends[0],), name="stop", daemon=True).start()
    try:
        yield
    finally:
        if process:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(-1)
            assert ends is not None
            os.close(ends[1])  # ends the thread
        for n, handler in before.items():
            signal.signal(n, signal.SIG_IGN if process else handler)  # a process that has answered only has to end
        told.listening = told.pending = False


def noted(number: int, frame: object) -> None:
    request(number)
    if not told.process and told.count > 1:
        raise KeyboardInterrupt
    if told.process:
        signal.setitimer(signal.ITIMER_REAL, ASKED, AGAIN)


def raised(number: int, frame: object) -> None:
    if told.pending and not told.answering:
        raise KeyboardInterrupt


def watch(end: int) -> None:
    """Hears signals while Python can't, because a library does not return."""
    import select

    seen, since = 0, 0.0
    while True:
        waiting = told.pending or told.count < seen
        ready, _, _ = select.select([end], [], [], 0.1 if waiting else None)
        if ready:
            numbers = os.read(end, 64)
            if not numbers:
                os.close(end)
                return
            mine = [n for n in numbers if n in SIGNALS]
            if mine and not waiting:
                since = time.monotonic()
            seen += len(mine)
            told.number = told.number or next(iter(mine), 0)
        if seen > told.count or told.pending:
            for broken in tuple(breakers):
                broken()
            if seen >= PRESSES or (not told.answering and time.monotonic() - since > STUCK):
                time.sleep(0.1)  # Python may be at the end itself
                if told.listening:
                    leave()


def leave() -> NoReturn:
    """End the process, and those that it began, at once."""
    import multiprocessing

    for process in multiprocessing.active_children():
        process.kill()
    with contextlib.suppress(OSError):
        os.write(2, b"explore: interrupted\n")
    os._exit(128 + (told.number or signal.SIGINT))


# ---------------------------------------------------------------- work that no exception ends


@contextlib.contextmanager
def breaking(broken: Callable[[], None]) -> Iterator[None]:
    """What is done here returns soon after `broken` is called, by another thread; then `here()` says why it was."""
    seconds = seconds_left()
    timer = None if seconds is None else threading.Timer(seconds, broken)
    if timer is not None:
        timer.daemon = True
        timer.start()
    breakers.append(broken)
    try:
        yield
    finally:
        breakers.remove(broken)
        if timer is not None:
            timer.cancel()


def broken_off(ask: Callable[[], T], interrupt: Callable[[], None]) -> T:
    """What `ask` gives, which `interrupt` ends early; then what it gave is not said, and the run ends."""
    here()
    with breaking(interrupt):
        answer = ask()
    here()
    return answer


def patiently(work: Callable[[], T]) -> T:
    """What the work gives. It is done in another thread where this one may have to leave it behind."""
    if threading.current_thread() is not threading.main_thread() or (not told.listening and bound.get() is None):
        return work()
    given: list[T] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            given.append(work())
        except BaseException as e:
            failed.append(e)
        finally:
            done.set()

    here()
    try:
        threading.Thread(target=run, daemon=True).start()
    except RuntimeError:  # no thread to be had
        return work()
    try:
        while not done.wait(0.05):
            here()
    except BaseException:
        told.left = True
        raise
    if failed:
        raise failed[0]
    return given[0]
