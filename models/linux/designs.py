"""Designs: what the mails propose to do about pages of files that devices hold, as values of one parameter.

A `Design` is a frozen record: what is decided of each point under discussion; what it leaves open is the kernel's.
Designs that decide different points can be joined: ``mkwrite_at_pin+bounce+lease_exclusive``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from explorer.errors import UsageError
from explorer.language.rules import with_values
from explorer.models.linux.history import nearest
from explorer.models.linux.kernels import Kernel
from explorer.models.linux.rules.cow import Fork


class Question(Enum):
    """What a model asks. A design that has nothing to do with it makes the model's properties not applicable."""

    FORK = "what fork does with a pinned anonymous page"
    MMAP = "stores of a CPU to a mapped file"
    WRITEBACK = "writeback of a page that a device writes to"
    SHORT = "writeback of a page that direct I/O writes to"
    TRUNCATE = "truncation of a file whose pages in the page cache are pinned"
    STORAGE = "freeing blocks that a device writes to"


class Longterm(Enum):
    """Whether a long-term pin of a file is given. KERNEL: as the kernel does."""

    KERNEL = "kernel"
    REFUSED = "refused"
    ALLOWED = "allowed"


class Translation(Enum):
    """What a device goes by. PINNED: pages that stay pinned while it is programmed. SHORT: pages pinned for one direct
    I/O. ODP: page tables that the kernel keeps up to date by mmu notifiers, and no pin."""

    PINNED = "pinned"
    SHORT = "short"
    ODP = "odp"


class WritebackOfPinned(Enum):
    """What writeback does with a page that may be pinned, after page_mkclean(). WRITES: as with any other.

    SKIPS: leaves it dirty. BOUNCES: writes a copy and leaves the page dirty. BOUNCES_AND_CLEANS: writes a copy, and the
    page is clean.
    """

    WRITES = "writes"
    SKIPS = "skips"
    BOUNCES = "bounces"
    BOUNCES_AND_CLEANS = "bounces_and_cleans"


class TruncateInUse(Enum):
    """What truncate does about blocks that a device may still write to, when a `Holder` that is told has let go.

    KERNEL: as the kernel does with DAX pages. FREES: nothing. WAITS: waits for the pins. DEFERS: returns, and frees them
    after the last unpin. REVOKES: takes the translations away, and waits for no pin.
    """

    KERNEL = "kernel"
    FREES = "frees"
    WAITS = "waits"
    DEFERS = "defers"
    REVOKES = "revokes"


class Holder(Enum):
    """How the holder of a pin hears of truncate. LEASE: its lease is broken, truncate waits until it lets go.

    NOTIFIED: the driver gets an event and passes it on; truncate waits for the answer. EXCLUSIVE: not at all: truncate
    fails with -ETXTBSY for everyone.
    """

    NOT_TOLD = "not_told"
    LEASE = "lease"
    NOTIFIED = "notified"
    EXCLUSIVE = "exclusive"


class Force(Enum):
    """What is done to a holder that does not let go. KILL: SIGKILL. KILL_NO_DRAIN: the same, and truncate goes on at the
    death. DUMMY: DMA goes to a page of no use, after what is in flight. DUMMY_NO_DRAIN: at once. ABORT: the IOMMU aborts
    it."""

    NONE = "none"
    KILL = "kill"
    KILL_NO_DRAIN = "kill_no_drain"
    DUMMY = "dummy"
    DUMMY_NO_DRAIN = "dummy_no_drain"
    ABORT = "abort"


@dataclass(frozen=True, kw_only=True)
class Design:
    """What a design decides. `mkwrite_at_pin`: ->page_mkwrite() also for pages that are mapped writable at pin time.

    `vm_nocow`: fork gives the child no entry for a pinned anonymous page.
    """

    name: str = "none"
    longterm: Longterm = Longterm.KERNEL
    translation: Translation = Translation.PINNED
    mkwrite_at_pin: bool = False
    writeback: WritebackOfPinned = WritebackOfPinned.WRITES
    truncate: TruncateInUse = TruncateInUse.KERNEL
    holder: Holder = Holder.NOT_TOLD
    force: Force = Force.NONE
    vm_nocow: bool = False

    @staticmethod
    def parse(text: str) -> Design:
        """The design that the command line's text names. Raises UsageError for anything else."""
        return design(text)

    def decided(self) -> dict[str, Any]:
        """Point -> value, of the points that are not left open."""
        points = [f for f in fields(self) if f.name != "name"]
        return {f.name: getattr(self, f.name) for f in points if getattr(self, f.name) != f.default}

    def touches(self, question: Question) -> bool:
        """One of the joined designs has to do with the question; `none` has to do with all."""
        return any(question in DESIGNS[part].questions for part in self.name.split("+"))

    def excuse(self, question: Question) -> str:
        """Why properties of a model with this question are not applicable; "" if they are."""
        return "" if self.touches(question) else f"{self.name} has nothing to do with {question.value}"

    def pins_for_long(self) -> bool:
        """The device has pages pinned as long as it is programmed."""
        return self.translation is Translation.PINNED

    def leaves_pinned_dirty(self) -> bool:
        """Writeback does not clean a page that may be pinned."""
        return self.writeback in (WritebackOfPinned.SKIPS, WritebackOfPinned.BOUNCES)

    def kernel(self, kernel: Kernel) -> Kernel:
        """The kernel with what the design decides of its rules."""
        chosen: dict[str, Any] = {}
        if self.longterm is not Longterm.KERNEL:
            refused = self.longterm is Longterm.REFUSED
            chosen.update(refuse_longterm=refused, folio_fast_pin_allowed=refused, refuse_longterm_dax=refused)
        tells_pins = self.longterm is Longterm.REFUSED or self.writeback is not WritebackOfPinned.WRITES
        if tells_pins or self.vm_nocow:
            chosen.update(foll_pin=True, foll_pin_counted=True, has_pinned=True)
        if self.vm_nocow:
            chosen.update(fork=Fork.VM_NOCOW)
        return with_values(kernel, **chosen)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Entry:
    """A design of the list: what it means, the points it decides, and the questions it has to do with."""

    sentence: str
    questions: tuple[Question, ...]
    decides: dict[str, Any]


FILES = (Question.WRITEBACK, Question.TRUNCATE, Question.STORAGE)
ALLOWED = {"longterm": Longterm.ALLOWED}


def about_writeback(sentence: str, **decides: Any) -> Entry:
    return Entry(sentence, (Question.WRITEBACK, Question.SHORT), ALLOWED | decides)


def about_storage(sentence: str, **decides: Any) -> Entry:
    return Entry(sentence, (Question.STORAGE,), ALLOWED | decides)


DESIGNS: dict[str, Entry] = {
    "none": Entry("->page_mkwrite() only through the fault at pin time; writeback ignores pins", tuple(Question), {}),
    "refuse_longterm": Entry(
        "a long-term write pin of a file mapping fails, of DAX always", FILES, {"longterm": Longterm.REFUSED}
    ),
    "mkwrite_at_pin": about_writeback(
        "->page_mkwrite() also if the entry is writable at pin time; the page is cleaned as usual afterwards",
        mkwrite_at_pin=True,
    ),
    "mkwrite_at_pin_skip": about_writeback(
        "and writeback leaves a pinned page dirty and prepared; fsync waits for the unpin",
        mkwrite_at_pin=True,
        writeback=WritebackOfPinned.SKIPS,
    ),
    "bounce": about_writeback(
        "writeback of a pinned page writes a copy; the page stays dirty and prepared",
        writeback=WritebackOfPinned.BOUNCES,
    ),
    "bounce_clears_dirty": about_writeback(
        "writeback of a pinned page writes a copy, and the page is clean",
        writeback=WritebackOfPinned.BOUNCES_AND_CLEANS,
    ),
    "odp": Entry("no pin: mmu notifiers revoke the device's translation", FILES, {"translation": Translation.ODP}),
    "odirect": Entry("a pin for one direct I/O", (*FILES, Question.SHORT), {"translation": Translation.SHORT}),
    "free_anyway": about_storage("truncate looks for no pages in use", truncate=TruncateInUse.FREES),
    "wait": about_storage("truncate waits until no page is in use, whatever comes", truncate=TruncateInUse.WAITS),
    "truncate_deferred": about_storage(
        "truncate returns, and a worker frees the blocks after the last unpin", truncate=TruncateInUse.DEFERS
    ),
    "lease": about_storage(
        "the holder is told and may or may not answer; truncate waits",
        holder=Holder.LEASE,
    ),
    "notify_wait": about_storage(
        "the driver is told of truncate, tells user space, and truncate waits for the answer",
        holder=Holder.NOTIFIED,
    ),
    "lease_exclusive": about_storage(
        "truncate fails with -ETXTBSY for everyone, the holder too", holder=Holder.EXCLUSIVE
    ),
    "lease_timeout_kill": about_storage(
        "the holder is told, then killed; truncate goes on when the pins are gone",
        truncate=TruncateInUse.WAITS,
        holder=Holder.LEASE,
        force=Force.KILL,
    ),
    "kill": about_storage(
        "the holder is killed; truncate goes on when the pins are gone",
        truncate=TruncateInUse.WAITS,
        force=Force.KILL,
    ),
    "kill_no_drain": about_storage(
        "the holder is killed; truncate goes on at its death", truncate=TruncateInUse.FREES, force=Force.KILL_NO_DRAIN
    ),
    "dummy_page": about_storage(
        "DMA goes to a page of no use, and what is in flight is waited for; completions report success",
        truncate=TruncateInUse.REVOKES,
        force=Force.DUMMY,
    ),
    "dummy_page_no_drain": about_storage(
        "the same, and what is in flight is not waited for",
        truncate=TruncateInUse.REVOKES,
        force=Force.DUMMY_NO_DRAIN,
    ),
    "iommu_abort": about_storage(
        "truncate unmaps and flushes the IOTLB, which waits for DMA in flight; later DMA aborts",
        truncate=TruncateInUse.REVOKES,
        force=Force.ABORT,
    ),
    "vm_nocow": Entry("fork gives the child no entry for a pinned page", (Question.FORK,), {"vm_nocow": True}),
}
POINTS = {
    "longterm": "whether long-term pins are given",
    "translation": "what the device goes by",
    "mkwrite_at_pin": "whether pinning calls ->page_mkwrite()",
    "writeback": "what writeback does with a pinned page",
    "truncate": "what truncate does about pages in use",
    "holder": "how the holder hears of truncate",
    "force": "what is done to a holder that does not let go",
    "vm_nocow": "what fork does",
}


def design(text: str) -> Design:
    """The design that the text names: ``none``, ``bounce``, ``lease+iommu_abort``.

    Raises UsageError for an unknown name, and for designs that can't hold at once.
    """
    parts = text.strip().split("+")
    chosen: dict[str, Any] = {}
    decided_by: dict[str, str] = {}
    for part in parts:
        if part not in DESIGNS:
            raise UsageError(f"no design is named {part!r}{nearest(part, DESIGNS)}; designs: {', '.join(DESIGNS)}")
        if parts.count(part) > 1:
            raise UsageError(f"the design {part} is named twice in {text!r}")
        if part == "none" and len(parts) > 1:
            raise UsageError(f"none is the absence of a design and joins no other; leave it out of {text!r}")
        for point, value in DESIGNS[part].decides.items():
            if chosen.setdefault(point, value) != value:
                other = decided_by[point]
                raise UsageError(f"{other} and {part} can't hold at once: they differ in {POINTS[point]}")
            decided_by.setdefault(point, part)
    joined = Design(name="+".join(parts), **chosen)
    if joined.holder is Holder.EXCLUSIVE and (joined.force is not Force.NONE or "truncate" in chosen):
        other = decided_by.get("force", decided_by.get("truncate", ""))
        raise UsageError(f"lease_exclusive and {other} can't hold at once: truncate fails before {other} acts")
    return joined
