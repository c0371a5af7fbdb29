"""How a run is told to end, piece by piece: signals, bounds, processes, streams. Whole runs are in `tests/stops.py`."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import multiprocessing
import operator
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from explorer import UsageError
from explorer.cli.main import main
from explorer.cli.output import Output, also_in_files, guarded_streams
from explorer.process import stop
from explorer.questions import workers
from explorer.render.files import write_text

HEARD = (*stop.SIGNALS, signal.SIGALRM)


@contextlib.contextmanager
def untold() -> Iterator[None]:
    """Signals, what was told, and the standard streams are afterwards as they were."""
    handlers = {n: signal.getsignal(n) for n in HEARD}
    before = dataclasses.replace(stop.told)
    copies = [(fd, os.dup(fd)) for fd in (0, 1, 2)]
    streams = sys.stdout, sys.stderr
    for stream in streams:
        stream.flush()
    for n in stop.SIGNALS:
        signal.signal(n, signal.default_int_handler if n == signal.SIGINT else signal.SIG_DFL)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for fd, copy in copies:
            os.dup2(copy, fd)
            os.close(copy)
        for n, handler in handlers.items():
            signal.signal(n, handler)
        for field in dataclasses.fields(stop.Told):
            setattr(stop.told, field.name, getattr(before, field.name))


def press(number: int = signal.SIGINT) -> None:
    """A signal to this process, which Python has noted when this returns."""
    heard = stop.told.count
    os.kill(os.getpid(), number)
    until(lambda: stop.told.count > heard)


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for it, whatever is raised meanwhile; whether it came true."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(0.01)
    return true()


def raises(work: Callable[[], object]) -> bool:
    try:
        work()
    except KeyboardInterrupt:
        return True
    return False


# ---------------------------------------------------------------- signals


def test_a_library_gives_ctrl_c_back() -> None:
    ctrl_c_is_pythons_again()


def ctrl_c_is_pythons_again() -> None:
    """The first is noted until the work asks, a second is raised at once; afterwards it is Python's. SIGTERM always is."""
    with untold():
        before = [signal.getsignal(n) for n in HEARD]
        with stop.listening():
            press()
            assert signal.getsignal(signal.SIGTERM) is before[1]
            assert raises(stop.here) and not raises(stop.here)
            assert raises(press), "a second one is raised at once"
        assert [signal.getsignal(n) for n in HEARD] == before
        assert not stop.told.pending and not stop.told.listening


def test_a_process_notes_signals() -> None:
    signals_are_noted()


def signals_are_noted() -> None:
    """Where the process is ours: they wait for the work to ask, also the second; the first says what the exit code is."""
    with untold(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(stop, "ASKED", 60.0)
        before, wakes = threading.active_count(), signal.set_wakeup_fd(-1)
        with stop.listening(process=True):
            assert not raises(lambda: press(signal.SIGTERM)) and not raises(press)
            assert raises(stop.here) and not raises(stop.here)
            assert stop.code(130) == 128 + signal.SIGTERM and stop.code(1) == 1
            with stop.listening():  # a library within hears nothing of its own
                pass
            assert stop.told.listening and stop.told.count == 2
            press()
        assert signal.set_wakeup_fd(wakes) == -1, "nobody writes to a descriptor that is closed"
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0
        assert until(lambda: threading.active_count() == before), "the thread has ended"
        assert {signal.getsignal(n) for n in HEARD} == {signal.SIG_IGN}, "a process that has answered only has to end"


def test_what_was_ignored_is_ignored_on() -> None:
    ignored_signals_stay_so()


def ignored_signals_stay_so() -> None:
    """As `nohup` wants it."""
    with untold():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with stop.listening(process=True):
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.05)
            assert stop.told.count == 0 and stop.code(130) == 130


def test_it_is_raised_where_nobody_asks() -> None:
    raised_again_and_again()


def raised_again_and_again() -> None:
    """What a foreign library swallowed comes once more; until it is caught, and not while the answer is shown."""
    with untold(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(stop, "ASKED", 0.05)
        patch.setattr(stop, "AGAIN", 0.05)
        with stop.listening(process=True):
            press()
            assert raises(lambda: time.sleep(2)) and raises(lambda: time.sleep(2))
            stop.caught()
            assert not raises(lambda: time.sleep(0.2))
            with stop.answering():
                press()
                assert not raises(lambda: time.sleep(0.2)), "a second one throws the answer away"


def test_the_answer_is_not_thrown_away() -> None:
    answers_are_kept()


def answers_are_kept() -> None:
    """A second signal does not end the answer, and does not stay for what comes after it; asking elsewhere takes nothing."""
    with untold():
        stop.request(signal.SIGINT)
        heard: list[bool] = []
        asks = threading.Thread(target=lambda: heard.append(raises(stop.here)))
        asks.start()
        asks.join()
        assert heard == [False] and stop.told.pending, "another thread took it"
        with stop.answering():
            assert not stop.told.pending
            stop.request(signal.SIGINT)
            assert not raises(stop.here)
        assert raises(stop.here), "it is deaf after an answer"


def test_who_does_not_return_is_left() -> None:
    stuck_processes_end()


def stuck_processes_end() -> None:
    """What breaks the work off is called while Python is held up; a third signal ends the process, one alone after a while; no
    single one does while the answer is shown."""
    left, broken = threading.Event(), threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stop, "leave", left.set)
        patch.setattr(stop, "ASKED", 60.0)
        patch.setattr(stop, "STUCK", 60.0)
        with untold(), stop.listening(process=True), stop.breaking(broken.set):
            press()
            assert until(broken.is_set), "nothing breaks the work off"
            press()
            assert not until(left.is_set, 0.4), "two are too few"
            press()
            assert until(left.is_set), "three end the process"
        patch.setattr(stop, "STUCK", 0.2)
        left.clear()
        with untold(), stop.listening(process=True), stop.answering():
            press()
            assert not until(left.is_set, 0.6), "the answer is being shown"
        with untold(), stop.listening(process=True):
            press()
            assert until(left.is_set), "it is held up"


def test_leaving_ends_all() -> None:
    nobody_is_left_behind()


def nobody_is_left_behind() -> None:
    killed: list[str] = []

    def end(code: int) -> NoReturn:
        raise SystemExit(code)

    with untold(), pytest.MonkeyPatch.context() as patch:
        process = SimpleNamespace(kill=lambda: killed.append("killed"))
        patch.setattr(multiprocessing, "active_children", lambda: [process])
        patch.setattr(os, "_exit", end)
        patch.setattr(os, "write", lambda *_: 0)
        stop.told.number = signal.SIGTERM
        with pytest.raises(SystemExit) as raised:
            stop.leave()
        assert killed == ["killed"] and raised.value.code == 128 + signal.SIGTERM


# ---------------------------------------------------------------- time


def test_time_is_bounded() -> None:
    time_is_bounded()


def time_is_bounded() -> None:
    """The least of the bounds around holds; what was found is finished in a little more, after a stop in a little alone."""
    assert stop.seconds_left() is None
    with stop.within(100):
        with stop.within(1000), stop.within(None):
            assert 99 < (stop.seconds_left() or 0) <= 100
        with stop.within(1):
            assert 0 < (stop.seconds_left() or 0) <= 1
        for reason in ("", "states", "depth"):
            with stop.closing(reason):
                assert 104 < (stop.seconds_left() or 0) <= 105
        for reason in ("seconds", "interrupt"):
            with stop.closing(reason):
                assert 4 < (stop.seconds_left() or 0) <= 5
        assert 99 < (stop.seconds_left() or 0) <= 100
    for reason in ("seconds", "interrupt"):
        with stop.closing(reason):
            assert 0 < (stop.seconds_left() or 0) <= stop.GRACE, "what comes after a stop takes as long as it likes"
    with stop.closing("states"):
        assert stop.seconds_left() is None
    assert stop.seconds_left() is None
    with stop.within(0), pytest.raises(stop.Interrupted, match="seconds"):
        time.sleep(0.01)
        stop.here()


def test_why_it_was_not_finished() -> None:
    reasons_are_told()


def reasons_are_told() -> None:
    def pressed() -> NoReturn:
        stop.request(signal.SIGINT)
        stop.here()
        raise AssertionError("it did not hear")

    def late() -> NoReturn:
        raise stop.Interrupted("seconds")

    with untold():
        assert stop.finished("states", lambda: 7) == (7, "states")
        assert stop.finished("", pressed) == (None, "interrupt") and not stop.told.pending
        assert stop.finished("depth", late) == (None, "seconds")


def test_work_of_a_library_is_broken_off() -> None:
    broken_off_in_time()


def broken_off_in_time() -> None:
    """When its time is over; what it says then is no answer; and not later, when it has returned."""
    told = threading.Event()

    def work() -> str:
        assert told.wait(5), "nobody breaks it off"
        return "unknown"

    with stop.within(0.1), pytest.raises(stop.Interrupted):
        stop.broken_off(work, told.set)
    told.clear()
    with stop.within(0.2):
        assert stop.broken_off(lambda: "sat", told.set) == "sat"
        assert not told.wait(0.4), "it is broken off after it has returned"
    assert not stop.breakers


def test_work_is_left_behind() -> None:
    patience_has_bounds()


def patience_has_bounds() -> None:
    """Work in another thread: its answer, its error, and that it is left behind, which is noted."""
    release = threading.Event()
    with untold():
        with stop.within(20):
            assert stop.patiently(lambda: 7) == 7
            with pytest.raises(UsageError, match="mine"):
                stop.patiently(lambda: complain("mine"))
            assert not stop.told.left
        with stop.within(0.1), pytest.raises(stop.Interrupted):
            stop.patiently(lambda: release.wait(3))
        release.set()
        assert stop.told.left, "the process would wait for it at its end"


def complain(text: str) -> NoReturn:
    raise UsageError(text)


# ---------------------------------------------------------------- processes


def test_processes() -> None:
    results_and_errors_arrive()


def results_and_errors_arrive() -> None:
    """Each result with its position; an error is raised here, and ends what is still at work; so does leaving."""
    calls: list[tuple[object, ...]] = [(1.0, n) for n in range(1, 7)]
    for jobs in (1, 2):
        assert dict(workers.each(operator.truediv, calls, jobs)) == {i: 1 / (i + 1) for i in range(6)}
    for jobs in (1, 2):
        divided = workers.each(operator.truediv, [*calls, (1.0, 0)], jobs)
        with pytest.raises(UsageError):
            for _ in as_usage(divided):
                pass
    sleeping = workers.each(time.sleep, [(0.0,), (0.0,), *[(8.0,)] * 3], 2)
    next(sleeping)
    began = time.monotonic()
    sleeping.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 6, "it waits for work that nobody wants"
    assert not multiprocessing.active_children()


def as_usage(results: Iterator[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    try:
        yield from results
    except ZeroDivisionError as e:
        raise UsageError("divided") from e


def test_a_process_is_ended_from_outside() -> None:
    lost_processes_are_noticed()


def lost_processes_are_noticed() -> None:
    with pytest.raises(UsageError, match="a process was ended from outside"):
        list(workers.each(os._exit, [(1,)] * 4, 2))


def test_processes_do_not_hear() -> None:
    signals_are_for_one_process()


def signals_are_for_one_process() -> None:
    """What the others begin with; and that this one hears again. An interrupt ends the iteration."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    found = [seen for _, seen in workers.each(signal.pthread_sigmask, [(signal.SIG_BLOCK, ())] * 4, 2)]
    assert all(set(stop.SIGNALS) <= seen for seen in found), "a signal for this process would end the others"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
    before = os.environ.get("PYTHONSAFEPATH")
    assert {seen for _, seen in workers.each(os.getenv, [("PYTHONSAFEPATH",)] * 4, 2)} == {"1"}
    assert os.environ.get("PYTHONSAFEPATH") == before
    with untold():
        results = workers.each(operator.truediv, [(1.0, n) for n in range(1, 7)], 2)
        next(results)
        stop.request(signal.SIGINT)
        assert raises(lambda: list(results))
    assert not multiprocessing.active_children()


def test_a_process_ends_with_who_began_it() -> None:
    nobody_works_for_nobody()


def nobody_works_for_nobody() -> None:
    """Not before."""
    gone, ended = threading.Event(), threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multiprocessing, "parent_process", lambda: SimpleNamespace(join=gone.wait))
        patch.setattr(os, "_exit", lambda code: ended.set())
        workers.alone()
        assert not ended.wait(0.1)
        gone.set()
        assert ended.wait(5)


# ---------------------------------------------------------------- streams


class Broken(io.StringIO):
    """Takes so many texts, then fails as the system does."""

    def __init__(self, error: int, takes: int = 0) -> None:
        super().__init__()
        self.error, self.takes = error, takes

    def write(self, text: str) -> int:
        self.takes -= 1
        if self.takes < 0:
            raise OSError(self.error, os.strerror(self.error))
        return super().write(text)


def test_a_reader_goes_away() -> None:
    lost_readers()


def lost_readers() -> None:
    """The run ends as by SIGPIPE, unless the answer goes elsewhere too; no fault of the system; the pipe is given up."""
    null = os.stat(os.devnull).st_rdev
    for fd, elsewhere in ((1, False), (1, True), (2, False)):
        with untold():
            out = Output(Broken(32), fd)
            sys.stdout = out
            if elsewhere:
                also_in_files()
            assert out.write("text") == 4 and out.write("more") == 4
            assert out.lost and not out.failed and os.fstat(fd).st_rdev == null
            assert stop.told.pending == (fd == 1 and not elsewhere)
            if stop.told.pending:
                assert stop.code(130) == 128 + signal.SIGPIPE


def test_a_disk_is_full() -> None:
    full_disks()


def full_disks() -> None:
    """Told where the text is written and where it only was in a buffer; and what a stream is that nobody opened."""
    with untold():
        out = Output(Broken(28), 2)
        out.write("text")
        assert out.lost and out.failed == "no space left on device"
        full = open("/dev/full", "w")
        out = Output(full, full.fileno())
        out.write("text")
        assert not out.lost
        out.flush()
        with contextlib.suppress(OSError):
            full.close()
        assert out.lost and out.failed == "no space left on device"
        out = Output(None, 2)
        out.flush()
        out.write("text")
        assert out.failed == "it is closed"


def test_streams_are_given_back() -> None:
    streams_are_guarded()


def streams_are_guarded() -> None:
    """All that was written is out; the streams are the old ones; what is closed is not taken by the next file."""
    with untold(), tempfile.TemporaryDirectory() as made:
        path = Path(made, "text")
        sys.stdout = before = open(path, "w")
        os.close(0)
        with guarded_streams():
            print("text")
            with open(path) as other:
                assert other.fileno() > 2, "a file that is opened is taken for standard input"
        assert path.read_text() == "text\n" and sys.stdout is before
        before.close()


VIOLATED = """
from explorer import Model, step
def model():
    m = Model()
    @m.thread("t")
    async def t():
        await step("s")
        assert False
    return m
"""


def test_the_code_is_the_verdicts() -> None:
    codes_and_files()


def codes_and_files() -> None:
    """Of a run whose reader goes away at any moment: with --out it says what was found, and the files are written, before the
    last of the text; without, the reader's going is told. A disk that is full is told by any command."""
    with tempfile.TemporaryDirectory() as made:
        Path(made, "bad.py").write_text(VIOLATED)
        words = ["--model", f"{made}/bad.py:model"]
        for takes in range(4):
            out = Path(made, f"out{takes}")
            code, _ = commanded([*words, "--out", str(out)], Broken(32, takes))
            assert code == 1 and len(list(out.iterdir())) == 3, takes
            assert commanded(words, Broken(32, takes))[0] in (1, 128 + signal.SIGPIPE)
        assert commanded(words, Broken(32))[0] == 128 + signal.SIGPIPE
        seen: list[int] = []
        with pytest.MonkeyPatch.context() as patch:
            out = Path(made, "first")
            patch.setattr("explorer.cli.run.show", lambda *_: seen.append(len(list(out.iterdir()))))
            assert commanded([*words, "--out", str(out)], io.StringIO())[0] == 1
        assert seen == [3], "the files come after the text"
        code, said = commanded(["list", "models"], Broken(28))
        assert (code, said) == (71, "explore: standard output can't be written: no space left on device\n")


def commanded(words: list[str], out: Any) -> tuple[int, str]:
    """The command as a process of its own has it: its code, and what it says on standard error."""
    with untold(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["explore", *words])
        said = io.StringIO()
        sys.stdout, sys.stderr = out, said
        return main(), said.getvalue()


def test_a_file_is_whole() -> None:
    files_are_whole()


def files_are_whole() -> None:
    """One sees the old or the new; what fails leaves the old, and nothing beside it."""

    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    with tempfile.TemporaryDirectory() as made:
        path = Path(made, "folder", "a")
        write_text(path, "one")
        os.link(path, path.with_name("kept"))
        write_text(path, "two")
        assert path.read_text() == "two" and path.with_name("kept").read_text() == "one"
        for name in ("fsync", "replace"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(os, name, full)
                with pytest.raises(UsageError, match="the disk is full"):
                    write_text(path, "three")
            assert path.read_text() == "two" and sorted(p.name for p in path.parent.iterdir()) == ["a", "kept"]
