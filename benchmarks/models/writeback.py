"""Writeback against DMA: N pages of a file, W writers, D devices, K flushers; anybody may do anything at any time.

A page may be dirtied only while the filesystem has prepared it (->page_mkwrite), and cleaning takes the preparation away
(a copy-on-write filesystem). Writers and get_user_pages() prepare a page when they make its entry writable; page_mkclean()
takes write permission away before a page is written back. A device that still holds the page writes on, and
set_page_dirty() at unpin meets a page that is not prepared. `prepare_at_unpin`: ->page_mkwrite is called once more then.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Model, Part, Range, always, array


class Writer(Enum):
    IDLE = 0
    FAULT = 1
    STORE = 2


class Flusher(Enum):
    IDLE = 0
    CLEANED = 1
    WRITTEN = 2


class File(Part):
    """Pages are counted from 1; 0 stands for none."""

    def __init__(self, m: Model, pages: int, writers: int, devices: int, flushers: int) -> None:
        super().__init__(m, "file")
        self.pages, self.writers, self.devices, self.flushers = pages, writers, devices, flushers
        page, none_or_page = Range(1, pages), Range(0, pages)
        self.prepared = array(page, bool, lambda v: False)
        self.writable = array(page, bool, lambda v: False)
        self.dirty = array(page, bool, lambda v: False)
        self.locked = array(page, bool, lambda v: False)
        self.writer = array(Range(1, writers), Writer, lambda w: Writer.IDLE)
        self.writer_page = array(Range(1, writers), none_or_page, lambda w: 0)
        self.pinned = array(Range(1, devices), none_or_page, lambda d: 0)
        self.written = array(Range(1, devices), bool, lambda d: False)
        self.flusher = array(Range(1, flushers), Flusher, lambda k: Flusher.IDLE)
        self.flusher_page = array(Range(1, flushers), none_or_page, lambda k: 0)

    def page_mkwrite(self, v: int) -> None:
        self.prepared[v] = True
        self.writable[v] = True


@always
def dirty_pages_are_prepared(file: File) -> bool:
    """No set_page_dirty() without ->page_mkwrite before it."""
    return all(file.prepared[v] or not file.dirty[v] for v in range(1, file.pages + 1))


def writeback(
    *, pages: int = 2, writers: int = 2, devices: int = 2, flushers: int = 1, prepare_at_unpin: bool = True
) -> Model:
    """Writers, devices and flushers on the pages of a file, in any order."""
    m = Model()
    file = File(m, pages, writers, devices, flushers)
    page = range(1, pages + 1)

    @m.action("store to a clean page faults", actor="writer{w}", w=range(1, writers + 1), v=page,
            when=lambda w, v: file.writer[w] is Writer.IDLE and not file.writable[v])  # fmt: skip
    def fault(w: int, v: int) -> None:
        file.writer[w] = Writer.FAULT
        file.writer_page[w] = v

    @m.action("page_mkwrite", actor="writer{w}", w=range(1, writers + 1), v=page,
            when=lambda w, v: file.writer[w] is Writer.FAULT and file.writer_page[w] == v and not file.locked[v])  # fmt: skip
    def mkwrite(w: int, v: int) -> None:
        file.page_mkwrite(v)
        file.writer[w] = Writer.STORE

    @m.action("store", actor="writer{w}", w=range(1, writers + 1), v=page,
            when=lambda w, v: file.writer[w] is Writer.STORE and file.writer_page[w] == v)  # fmt: skip
    def store(w: int, v: int) -> None:
        if file.writable[v]:
            file.dirty[v] = True
            file.writer[w] = Writer.IDLE
            file.writer_page[w] = 0
        else:
            file.writer[w] = Writer.FAULT

    @m.action("get_user_pages", actor="device{d}", d=range(1, devices + 1), v=page,
            when=lambda d, v: file.pinned[d] == 0 and not file.locked[v])  # fmt: skip
    def pin(d: int, v: int) -> None:
        file.page_mkwrite(v)
        file.pinned[d] = v

    @m.action("DMA write", actor="device{d}", d=range(1, devices + 1), v=page,
            when=lambda d, v: file.pinned[d] == v and not file.written[d])  # fmt: skip
    def dma(d: int, v: int) -> None:
        file.written[d] = True

    @m.action("set_page_dirty, put_page", actor="device{d}", d=range(1, devices + 1), v=page,
            when=lambda d, v: file.pinned[d] == v and (not prepare_at_unpin or not file.locked[v]))  # fmt: skip
    def unpin(d: int, v: int) -> None:
        if file.written[d]:
            if prepare_at_unpin:
                file.page_mkwrite(v)
            file.dirty[v] = True
        file.pinned[d] = 0
        file.written[d] = False

    @m.action("page_mkclean", actor="flusher{k}", k=range(1, flushers + 1), v=page,
            when=lambda k, v: file.flusher[k] is Flusher.IDLE and file.dirty[v] and not file.locked[v])  # fmt: skip
    def mkclean(k: int, v: int) -> None:
        file.locked[v] = True
        file.writable[v] = False
        file.flusher[k] = Flusher.CLEANED
        file.flusher_page[k] = v

    @m.action("writepage", actor="flusher{k}", k=range(1, flushers + 1), v=page,
            when=lambda k, v: file.flusher[k] is Flusher.CLEANED and file.flusher_page[k] == v)  # fmt: skip
    def write(k: int, v: int) -> None:
        file.dirty[v] = False
        file.flusher[k] = Flusher.WRITTEN

    @m.action("end_page_writeback", actor="flusher{k}", k=range(1, flushers + 1), v=page,
            when=lambda k, v: file.flusher[k] is Flusher.WRITTEN and file.flusher_page[k] == v)  # fmt: skip
    def end(k: int, v: int) -> None:
        if not file.dirty[v] and not file.writable[v]:
            file.prepared[v] = False
        file.locked[v] = False
        file.flusher[k] = Flusher.IDLE
        file.flusher_page[k] = 0

    m.require(dirty_pages_are_prepared)
    m.reachable("a page is cleaned under a device", lambda: any(
        file.pinned[d] == v and not file.writable[v] for d in range(1, devices + 1) for v in page))  # fmt: skip
    return m
