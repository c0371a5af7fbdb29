"""Raw memory: the regions that hold states, and loads, stores, prefetches and calls by address for numba's loops."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

I64, I32, I8P = ir.IntType(64), ir.IntType(32), ir.IntType(8).as_pointer()
NORESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000)
HUGE = 2 << 20


class Region:
    """Anonymous memory of at least `size` bytes. It reads as zero, and only what is written takes memory.

    `huge`: ask for large pages, where the region is far larger than one.
    """

    def __init__(self, size: int, huge: bool = False) -> None:
        self.size = max(mmap.PAGESIZE, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE)
        spare = HUGE if huge else 0  # to begin at a large page
        self.map = mmap.mmap(-1, self.size + spare, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NORESERVE)
        start = int(np.frombuffer(self.map, np.uint8, 1).ctypes.data)
        self.skipped = -start % HUGE if huge else 0
        self.address = start + self.skipped
        if huge and hasattr(mmap, "MADV_HUGEPAGE"):
            self.map.madvise(mmap.MADV_HUGEPAGE)

    def release(self, first: int, size: int) -> None:
        """Give the memory of these bytes back; they read as zero again."""
        self.map.madvise(mmap.MADV_DONTNEED, self.skipped + first, size)

    def words(self, count: int, first: int = 0) -> Any:
        """`count` 64-bit words from word `first` on, as an array on this memory."""
        return np.frombuffer(self.map, np.uint64, count, self.skipped + 8 * first)


def _at(builder: Any, address: Any, index: Any, element: Any) -> Any:
    return builder.gep(builder.inttoptr(address, element.as_pointer()), [index])


def _load(element: Any, result: Any) -> Any:
    """A reader of the elements at an address."""

    def generate(context, builder, signature, args):
        return builder.load(_at(builder, args[0], args[1], element))

    return result(types.int64, types.int64), generate


def _store(element: Any, value: Any) -> Any:
    """A writer of the elements at an address."""

    def generate(context, builder, signature, args):
        builder.store(args[2], _at(builder, args[0], args[1], element))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, value), generate


@intrinsic
def load64(typing, address, index):
    """The 64-bit word `index` at the address."""

    return _load(I64, types.uint64)


@intrinsic
def store64(typing, address, index, value):
    """Write the 64-bit word `index` at the address."""

    return _store(I64, types.uint64)


@intrinsic
def load32(typing, address, index):
    """The 32-bit word `index` at the address."""

    return _load(I32, types.uint32)


@intrinsic
def store32(typing, address, index, value):
    """Write the 32-bit word `index` at the address."""

    return _store(I32, types.uint32)


@intrinsic
def prefetch(typing, address, offset):
    """Ask for the cache line at address + offset bytes."""

    def generate(context, builder, signature, args):
        pointer = builder.inttoptr(builder.add(args[0], args[1]), I8P)
        kind = ir.FunctionType(ir.VoidType(), [I8P, I32, I32, I32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [I8P], kind)
        builder.call(function, [pointer, I32(0), I32(3), I32(1)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _call(count: int, result: Any) -> Any:
    """A caller of functions at an address with `count` 64-bit parameters."""

    def generate(context, builder, signature, args):
        kind = ir.FunctionType(I64 if result is types.int64 else ir.VoidType(), [I64] * count)
        value = builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return value if result is types.int64 else context.get_dummy_value()

    return result(*[types.int64] * (count + 1)), generate


@intrinsic
def call_expand(typing, function, states, n, fired, events, fill, shift):
    """`expand` of emit.py."""
    return _call(6, types.void)


@intrinsic
def call_expand_chosen(typing, function, states, n, fired, events, fill, shift, chosen):
    """`expand_chosen` of emit.py."""
    return _call(7, types.void)


@intrinsic
def call_truths(typing, function, state, out):
    """`truths` of emit.py."""
    return _call(2, types.void)


@intrinsic
def call_check(typing, function, states, n, events):
    """`check` of emit.py."""
    return _call(3, types.void)


@intrinsic
def call_moves(typing, function, state, out, actions, events):
    """`moves` of emit.py."""
    return _call(4, types.int64)


@intrinsic
def call_label(typing, function, state, out):
    """`label` of emit.py."""
    return _call(2, types.void)


@intrinsic
def call_canon(typing, function, state):
    """`canon` of canonical.py."""
    return _call(1, types.void)
