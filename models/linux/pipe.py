"""A pipe that holds pages of user memory: vmsplice() without SPLICE_F_GIFT, and read().

| kernel | here | abstracted away |
|---|---|---|
| vmsplice_to_pipe(), iov_iter_get_pages2() | the steps of GUP-fast, for reading, FOLL_GET | pages that are already in the pipe |
| pipe_read() | one step: all bytes, then the references are dropped | |
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Sort, step, var
from explorer.language.picture import Arrow, Box
from explorer.models.linux.gup import Gup, UserPages
from explorer.models.linux.memory import Frame, Memory, Spliced, frame_box


class Pipe(Spliced):
    """A pipe into which one process splices `pages` of its memory, once."""

    def __init__(self, m: Model, memory: Memory, process: Enum, *, pages: Sort[int] | None = None) -> None:
        super().__init__(m, "pipe")
        self.memory = memory
        self.held = UserPages(m, "pipe_pages", memory, process, Gup.GET, pages=pages, write=False)
        self.filled = var(bool, False)
        memory.spliced = (*memory.spliced, self)

    async def vmsplice(self) -> None:
        """fs/splice.c:vmsplice_to_pipe(): takes a reference on each page, for as long as the pipe holds it."""
        await self.held.get_user_pages_fast()
        self.filled = True

    async def pipe_read(self) -> None:
        """fs/pipe.c:pipe_read(): whoever has the other end reads what the pages hold by now."""
        await step("pipe_read", when=lambda: self.filled, may_wait=True)
        self.filled = False
        self.held.unpin_user_pages(self.held.end)

    def can_read(self, process: Enum, page: int, frame: Frame) -> bool:
        return process is self.held.process and any(p == page and self.held.frame[p] == frame for p in self.held.pages)

    def drawn(self) -> tuple[Box, tuple[Arrow, ...]]:
        arrows = []
        for page in self.held.pages:
            frame = self.held.frame[page]
            if frame is not None:
                arrows.append(Arrow("pipe", frame_box(frame), self.memory.said(page, "spliced")))
        return Box("pipe", "PIPE", () if arrows else ("empty",), "mapper"), tuple(arrows)
