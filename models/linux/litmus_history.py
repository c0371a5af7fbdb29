"""What conditions of litmus tests speak about: which frame a page had at first, and which one a reference named."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import assert_never

from explorer.language import Array, Model, Part, array, ghost, optional, pairs
from explorer.language.model import Thread
from explorer.models.linux.features import History
from explorer.models.linux.memory import Frame, Memory, MigrationEntry, Pte, SwapEntry
from explorer.models.linux.page_cache import PageCache


class Seen(Part, History):
    """`initial`: the frame of each page at the start, None once it was freed. `latest`: the frame of the latest reference
    that a process took on a page, None once it was freed; `taken`: there was one."""

    def __init__(self, m: Model, memory: Memory, start: Callable[[int], int | None]) -> None:
        super().__init__(m, "seen")
        self.memory = memory

        def first(page: int) -> Frame | None:
            number = start(page)
            return None if number is None else memory.frames.values()[number]

        self.initial: Array[int, Frame | None] = ghost(array(memory.pages, optional(memory.frames), first))
        self.latest: Array[tuple[Enum, int], Frame | None] = ghost(
            array(pairs(memory.processes, memory.pages), optional(memory.frames), lambda key: None)
        )
        self.taken = ghost(array(pairs(memory.processes, memory.pages), bool, lambda key: False))
        memory.history = self

    def referenced(self, process: Enum, page: int, frame: Frame) -> None:
        """GUP gave the frame."""
        self.latest[process, page] = frame
        self.taken[process, page] = True

    def released(self, frame: Frame, freed: bool) -> None:
        for page in self.memory.pages:
            initial = self.initial[page]
            self.initial[page] = None if freed and initial == frame else initial
            for process in self.memory.processes:
                latest = self.latest[process, page]
                self.latest[process, page] = None if freed and latest == frame else latest


def found(memory: Memory, process: Enum, page: int) -> Frame | None:
    """The frame that the process has at the page: mapped, or behind a migration entry, or a swap entry of the swap cache."""
    entry = memory.pte[process, page]
    match entry:
        case Pte() | MigrationEntry():
            return entry.frame
        case SwapEntry():
            return memory.swap.lookup_swap_cache(entry.slot)
        case None:
            return None
        case _:
            assert_never(entry)


def same_frame(memory: Memory, one: Enum, page: int, other: Enum, other_page: int) -> bool:
    frame = found(memory, one, page)
    return frame is not None and frame == found(memory, other, other_page)


def moved(seen: Seen, process: Enum, page: int) -> bool:
    frame = found(seen.memory, process, page)
    return frame is not None and frame != seen.initial[page]


def stale(seen: Seen, process: Enum, page: int) -> bool:
    latest, frame = seen.latest[process, page], found(seen.memory, process, page)
    return seen.taken[process, page] and (latest is None or latest != frame)


def segv(memory: Memory, process: Enum) -> bool:
    return memory.sigsegv[process]


def sigbus(cache: PageCache, process: Enum) -> bool:
    return cache.sigbus[process]


def disk(cache: PageCache, i: int, byte: Enum, value: Enum) -> bool:
    return cache.on_disk(i, byte) == value


def dirty(cache: PageCache, i: int) -> bool:
    frame = cache.page[i]
    return frame is not None and cache.dirty[frame]


def clean(cache: PageCache, i: int) -> bool:
    frame = cache.page[i]
    return frame is not None and not cache.dirty[frame]


def orphan(seen: Seen, cache: PageCache, page: int) -> bool:
    """The page's first frame has left its file, and is not free."""
    frame = seen.initial[page]
    return frame is not None and cache.orphan(frame)


def never() -> bool:
    """Of what needs a file, where the test has none."""
    return False


def blocked(threads: tuple[Thread, ...]) -> bool:
    return any(not thread.finished for thread in threads)
