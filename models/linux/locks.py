"""Locks as parts: ``async with lock:`` takes one in a step of its own; the release joins the last step of the body."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class SpinLock(Part):
    """A spinlock."""

    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> None:
        """include/linux/spinlock.h:spin_lock()"""
        await step(self.part_name, when=lambda: not self.held)
        self.held = True

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        """include/linux/spinlock.h:spin_unlock()"""
        self.held = False


class RwSem(Part):
    """A semaphore held by any number of readers or by one writer: ``async with sem.read:``, ``async with sem.write:``.

    `readers`: how many threads can hold it for reading at once. Who waits gains nothing over who comes later, but is handed
    it some time: taking it is strongly fair in a thread that has any fairness.
    """

    def __init__(self, m: Model, name: str, readers: int) -> None:
        super().__init__(m, name)
        self.readers = var(Range(0, readers), 0)
        self.writer = var(bool, False)
        self.read = ReadSide(m, self)
        self.write = WriteSide(m, self)


class ReadSide(Part):
    """An `RwSem` taken for reading."""

    def __init__(self, m: Model, sem: RwSem) -> None:
        super().__init__(m, f"{sem.part_name}_read")
        self.sem = sem

    async def __aenter__(self) -> None:
        """kernel/locking/rwsem.c:down_read()"""
        await step(self.sem.part_name, when=lambda: not self.sem.writer, fairness="strong")
        self.sem.readers += 1

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        """kernel/locking/rwsem.c:up_read()"""
        self.sem.readers -= 1


class WriteSide(Part):
    """An `RwSem` taken for writing."""

    def __init__(self, m: Model, sem: RwSem) -> None:
        super().__init__(m, f"{sem.part_name}_write")
        self.sem = sem

    async def __aenter__(self) -> None:
        """kernel/locking/rwsem.c:down_write()"""
        await step(self.sem.part_name, when=lambda: not self.sem.writer and self.sem.readers == 0, fairness="strong")
        self.sem.writer = True

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        """kernel/locking/rwsem.c:up_write()"""
        self.sem.writer = False


class PageLock(Part):
    """The lock of one page, for which threads sleep: handed, some time, to who waits for it."""

    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> None:
        """include/linux/pagemap.h:lock_page()"""
        await step(self.part_name, when=lambda: not self.held, fairness="strong")
        self.held = True

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        """mm/filemap.c:unlock_page()"""
        self.held = False


class SeqCount(Part):
    """A sequence count: odd while a write is in progress; `writes` is how many of them the model can contain."""

    def __init__(self, m: Model, name: str, writes: int) -> None:
        super().__init__(m, name)
        self.sequence = var(Range(0, 2 * writes), 0)

    async def __aenter__(self) -> None:
        """include/linux/seqlock.h:raw_write_seqcount_begin(): joins the step before it, as no lock is waited for."""
        self.sequence += 1

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        """include/linux/seqlock.h:raw_write_seqcount_end()"""
        self.sequence += 1
