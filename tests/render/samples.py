"""Traces made by hand, one for each form that a trace can take on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.answer.trace import Step, TakenBranch, Trace
from explorer.language.picture import Arrow, Box, Picture

Names = Sequence[str]


def step(
    actor: str,
    label: str,
    calls: Names = (),
    *,
    found: Sequence[tuple[str, bool]] = (),
    chosen: Sequence[tuple[str, str]] = (),
    changes: dict[str, tuple[str, str]] | None = None,
    rule: str = "",
    line: int = 1,
    failure: str = "",
) -> Step:
    """A step inside the kernel functions `calls`, outermost first."""
    stack = tuple((name, f"mm/memory.c:{name}()") for name in calls)
    choices = "".join(f":{name}={value}" for name, value in chosen)
    schedule = f"{actor}.{rule}" if rule else f"{actor}{choices}"
    function, kernel = stack[-1] if stack else (actor, "")
    branches = tuple(TakenBranch(text, line, outcome) for text, outcome in found)
    return Step(
        actor, label, function, kernel, stack, "/anywhere/models/linux/anon.py", line, branches, tuple(chosen), schedule,
        changes or {}, failure,
    )  # fmt: skip


def trace(steps: Sequence[Step], actors: Names, **more: object) -> Trace:
    made = Trace("sample", "pinned_page_stays", True, "", tuple(steps), {}, actors=tuple(actors))
    return replace(made, **more)  # type: ignore[arg-type]


GUP = ("get_user_pages_fast", "internal_get_user_pages_fast")
GUP_PTE = (*GUP, "gup_pgd_range", "gup_pte_range")
FORK = ("copy_page_range", "pte_alloc_map_lock")

# the message of 57efa1fe5957; the commit leaves the return of get_user_pages_fast() unsaid
GUP_FAST = trace(
    [
        step("gup", "internal_get_user_pages_fast", GUP),
        step(
            "fork", "copy_present_page", (*FORK, "copy_present_page"),
            found=[("atomic_read(self.has_pinned) == 0", True), ("page_maybe_dma_pinned(page)", False)],
        ),
        step("gup", "atomic_set(has_pinned, 1);", GUP, changes={"mm.has_pinned": ("false", "true")}),
        step("gup", "pte_t pte = gup_get_pte(ptep)", GUP_PTE),
        step("gup", "pte_access_permitted(pte)", GUP_PTE),
        step("gup", "try_grab_compound_head()", GUP_PTE, changes={"page.refcount[frame 0]": ("1", "1025")}),
        step("fork", "pte = pte_wrprotect(pte)", (*FORK, "copy_present_page")),
        step(
            "fork", "set_pte_at();", (*FORK, "copy_present_page"),
            changes={"mm.pte[parent,0]": ("frame 0, writable", "frame 0, not writable")},
        ),
        step("fork", "pte_unmap_unlock()", FORK[:1]),
        step("gup", "return", GUP[:1]),
    ],
    ["gup", "fork"],
    harm="GUP now returns with a write protected page",
    reproduce="explore replay --model sample --schedule gup/fork/gup*4/fork*3/gup",
)  # fmt: skip


def memory(
    parent: tuple[int, str], child: tuple[int, str] | None, hca: int | None, frames: dict[int, tuple[int, str]],
    broken: bool = False, stale: int | None = None,
) -> Picture:  # fmt: skip
    """The picture of the mail of 2018-11-19: who maps which frame."""
    boxes = [Box("parent", "CPU parent", kind="mapper"), Box("child", "CPU child", kind="mapper")]
    boxes.append(Box("hca", "HCA", () if hca is not None else ("nothing programmed",), "mapper"))
    boxes += [Box(f"f{f}", f"frame {f}", (f"refcount {n}", f"data {d}")) for f, (n, d) in frames.items()]
    arrows = [Arrow("parent", f"f{parent[0]}", parent[1])]
    if stale is not None:
        arrows.append(Arrow("parent", f"f{stale}", "TLB, writable", dashed=True))
    if child is not None:
        arrows.append(Arrow("child", f"f{child[0]}", child[1]))
    if hca is not None:
        arrows.append(Arrow("hca", f"f{hca}", "DMA", alarm=broken))
    return Picture(tuple(boxes), tuple(arrows))


WP = ("do_user_addr_fault", "do_wp_page")
SHARED = memory((0, "read-only"), (0, "read-only"), 0, {0: (3, "old")}, stale=0)
BOTH = memory((0, "read-only"), (0, "read-only"), 0, {0: (3, "device"), 1: (1, "old")})

# what the mails of 2018-11-19 call case 2, with a device that writes in between: three lanes and pictures
CASE_2 = trace(
    [
        step("parent", "follow_page_mask", ("ib_umem_get", "follow_page_mask"),
             changes={"page.refcount[frame 0]": ("1", "2"), "region.frame[0]": ("None", "frame 0")}, line=31),
        step("parent", "set_pte_at", ("dup_mmap", "copy_page_range", "copy_one_pte"), found=[("pte.writable", True)],
             changes={"mm.pte[child,0]": ("None", "frame 0, not writable"), "page.refcount[frame 0]": ("2", "3")}, line=75),
        step("hca", "DMA write", rule="dma_write(page=0)", line=12, changes={"page.data[frame 0]": ("old", "device")}),
        step("child", "load page 0", ("load",), found=[("self.tlb_hit(p)", False)], line=40),
        step("parent", "do_wp_page", WP, line=88,
             found=[("self.kernel.reuse is Reuse.MAPCOUNT and self.mapcount[orig.frame] == 1", False)]),
        step("parent", "alloc", (*WP, "wp_page_copy"), chosen=[("frame", "1")], line=97,
             changes={"page.refcount[frame 1]": ("0", "1")}),
        step("parent", "ptep_clear_flush, set_pte_at", (*WP, "wp_page_copy"), found=[("pte_same(pte, orig)", True)],
             line=99, changes={"mm.pte[parent,0]": ("frame 0, not writable", "frame 1, writable")}),
    ],
    ["parent", "child", "hca"],
    harm="the parent maps frame 1 while the HCA goes on writing frame 0",
    reproduce="explore replay --model sample --kernel v4.19 --schedule ...",
    pictures=((
        memory((0, "writable"), None, None, {0: (1, "old")}),
        memory((0, "writable"), None, 0, {0: (2, "old")}),
        SHARED,
        memory((0, "read-only"), (0, "read-only"), 0, {0: (3, "device")}, stale=0),
        memory((0, "read-only"), (0, "read-only"), 0, {0: (3, "device")}, stale=0),
        memory((0, "read-only"), (0, "read-only"), 0, {0: (3, "device")}, stale=0),
        BOTH,
        memory((1, "writable"), (0, "read-only"), 0, {0: (2, "device"), 1: (1, "old")}, broken=True),
    ),),
)  # fmt: skip

FIVE = trace(
    [
        step("writer[0]", "write_begin", ("generic_perform_write", "write_begin")),
        step("writer[0]", "grab_cache_page", ("generic_perform_write", "write_begin"), chosen=[("frame", "2")]),
        step("writer[1]", "lock_page", ("generic_perform_write",), found=[("not self.locked[page]", True)]),
        step("writeback", "clear_page_dirty_for_io", ("writepages", "write_cache_pages")),
        step("disk", "completion", rule="completion(page=0)"),
        step("truncate", "truncate_inode_page", ("truncate_setsize", "truncate_inode_pages_range")),
        step("writeback", "set_page_writeback", ("writepages", "write_cache_pages"), found=[("page.mapping is None", True)]),
    ],
    ["writer[0]", "writer[1]", "writeback", "truncate", "disk"],
    harm="writeback of a page that was truncated",
)  # fmt: skip

LONG = trace(
    [
        step(
            "a_thread_with_quite_a_long_name", "a label that says a good deal more than a label should, " * 3,
            tuple(f"routine_number_{i}_of_a_deep_call_chain" for i in range(40)),
            found=[("self.some_condition_" + "very_" * 20 + "long(page) == other.some_value", False)],
        ),
        step("b", "x" * 200, ("y" * 90,), chosen=[("frame", "1"), ("value", "3"), ("writer", "parent")],
             changes={"mm." + "state_" * 30: ("before " * 20, "after " * 20)}),
        step("a_thread_with_quite_a_long_name", "end", failure="assertion failed: " + "all of it " * 12),
    ],
    ["a_thread_with_quite_a_long_name", "b"],
    harm="a harm that needs more than a line to tell, since so much went wrong at once in this made-up trace",
    note="the trace is the shortest of the reduced graph; " * 3,
)  # fmt: skip

NASTY_LABELS = (
    "<b>&amp;</b> & { } | < > \" \\ \\n \\N %s", "a → b ⇒ c ≤ d, ü, 日本", "ends in a backslash\\", "{{", "|", "<port>",
    "-- -> /* no comment */ // nor this", "&lt;", "'single' `back`",
)  # fmt: skip
NASTY = trace(
    [step(f"act{i}", label, changes={label: (label, "x")}) for i, label in enumerate(NASTY_LABELS)],
    [f"act{i}" for i in range(len(NASTY_LABELS))],
    harm=NASTY_LABELS[0],
)
NASTY_PICTURE = trace(
    [step("one → two", "go", changes={"x": ("0", "1")})],
    ["one → two"],
    harm="<>&{}|",
    pictures=((
        Picture((Box("a", "a"),), ()),
        Picture(
            (Box("<a>", NASTY_LABELS[0], NASTY_LABELS, "mapper"), Box("b|", NASTY_LABELS[1], NASTY_LABELS)),
            tuple(Arrow("<a>", "b|", label) for label in NASTY_LABELS) + (Arrow("b|", "<a>"), Arrow("nobody", "b|", "?"),
            Arrow("<a>", "nobody", "to a mapper"), Arrow("b|", "b|", "itself")),
            note="<>&{}|\"\\ →",
        ),
    ),),
)  # fmt: skip
INITIAL = trace([], [], harm="it is broken from the start")

SAMPLES = {
    "gup_fast": GUP_FAST, "case_2": CASE_2, "five_actors": FIVE, "long": LONG, "nasty": NASTY,
    "nasty_picture": NASTY_PICTURE, "initial": INITIAL,
}  # fmt: skip
