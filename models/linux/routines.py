"""The kernel's routines that a model may have otherwise: a proposed patch, or a fault, as an argument of one memory.

Each is called by others through its memory, ``memory.routines.do_wp_page(...)``. What is a class is subclassed instead: a fork
(`fork.ForkCall`), who gets user pages (`gup.UserPages`), a page cache, swap, `Memory` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

from explorer.models.linux.faults import do_anonymous_page, do_wp_page, wp_can_reuse_anon_folio, wp_page_copy
from explorer.models.linux.filemap import Fault, do_cow_fault, do_fault, do_page_mkwrite, wp_page_shared
from explorer.models.linux.ksm import replace_page, write_protect_page
from explorer.models.linux.memory import Access, Frame, Memory, Pte, SwapEntry
from explorer.models.linux.migrate import remove_migration_pte, try_to_migrate_one
from explorer.models.linux.numa import do_numa_page
from explorer.models.linux.page_cache import PageCache
from explorer.models.linux.protect import clear_soft_dirty_pte, move_ptes, mprotect_fixup
from explorer.models.linux.rmap import page_mkclean_one
from explorer.models.linux.swap import do_swap_page, try_to_unmap_one
from explorer.models.linux.unmap import gather_pte, zap_page_range


@dataclass(frozen=True, kw_only=True)
class Routines:
    """Each under its kernel name; the kernel's are `KERNEL`. ``replace(KERNEL, do_wp_page=mine)`` is a proposed change."""

    # page faults
    do_anonymous_page: Callable[[Memory, Enum, int, Access], Coroutine[Any, Any, None]]
    do_swap_page: Callable[[Memory, Enum, int, SwapEntry, Access], Coroutine[Any, Any, None]]
    do_numa_page: Callable[[Memory, Enum, int], Coroutine[Any, Any, None]]
    do_fault: Callable[[Memory, Enum, int, Access], Coroutine[Any, Any, Fault]]
    do_cow_fault: Callable[[Memory, Enum, int, Frame], Coroutine[Any, Any, None]]
    do_page_mkwrite: Callable[[PageCache, int, Frame], Coroutine[Any, Any, Fault]]
    wp_page_shared: Callable[[Memory, Enum, int, Pte], Coroutine[Any, Any, Fault]]
    do_wp_page: Callable[[Memory, Enum, int, Pte, Access], Coroutine[Any, Any, None]]
    wp_can_reuse_anon_folio: Callable[[Memory, Frame], bool]
    wp_page_copy: Callable[[Memory, Enum, int, Pte, Access], Coroutine[Any, Any, None]]
    # what walks rmap
    try_to_unmap_one: Callable[[Memory, Enum, int, Frame], Coroutine[Any, Any, bool]]
    try_to_migrate_one: Callable[[Memory, Enum, int, Frame], Coroutine[Any, Any, bool]]
    remove_migration_pte: Callable[[Memory, Enum, int, Frame, Frame], Coroutine[Any, Any, None]]
    write_protect_page: Callable[[Memory, Enum, int, Frame], Coroutine[Any, Any, bool]]
    replace_page: Callable[[Memory, Enum, int, Frame, Frame], Coroutine[Any, Any, bool]]
    page_mkclean_one: Callable[[PageCache, Enum, int, Frame], Coroutine[Any, Any, bool]]
    # system calls
    mprotect_fixup: Callable[[Memory, Enum, int, bool], Coroutine[Any, Any, None]]
    clear_soft_dirty_pte: Callable[[Memory, Enum, int], Coroutine[Any, Any, None]]
    move_ptes: Callable[[Memory, Enum, int, int], Coroutine[Any, Any, None]]
    gather_pte: Callable[[Memory, Enum, int], Frame | None]
    zap_page_range: Callable[[Memory, Enum, int], Coroutine[Any, Any, None]]


KERNEL = Routines(
    do_anonymous_page=do_anonymous_page,
    do_swap_page=do_swap_page,
    do_numa_page=do_numa_page,
    do_fault=do_fault,
    do_cow_fault=do_cow_fault,
    do_page_mkwrite=do_page_mkwrite,
    wp_page_shared=wp_page_shared,
    do_wp_page=do_wp_page,
    wp_can_reuse_anon_folio=wp_can_reuse_anon_folio,
    wp_page_copy=wp_page_copy,
    try_to_unmap_one=try_to_unmap_one,
    try_to_migrate_one=try_to_migrate_one,
    remove_migration_pte=remove_migration_pte,
    write_protect_page=write_protect_page,
    replace_page=replace_page,
    page_mkclean_one=page_mkclean_one,
    mprotect_fixup=mprotect_fixup,
    clear_soft_dirty_pte=clear_soft_dirty_pte,
    move_ptes=move_ptes,
    gather_pte=gather_pte,
    zap_page_range=zap_page_range,
)
