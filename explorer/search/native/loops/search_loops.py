"""The loops of the compiled search. numba compiles each once for a number of words per state, and keeps it on disk.

`words` is a tuple of zeros, one for each word of a state: its length is known to the compiler. States, tables and buffers
are given by address. The states of a partition lie in chunks of 2^`chunk`, those of the other partitions between them
(`place`), so that all partitions fill the same large pages. A partition's table is open addressing with 32-bit entries: 0
is free; else the low `bits` bits are 1 + the index of a state of the partition and the others a tag, part of the state's
hash, so that few states are compared that are not equal. Whole states are compared always.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from explorer.search.native.codegen.emit import HASH_FACTORS, HASH_SHIFTS
from explorer.search.native.storage.cache import kept_loop
from explorer.search.native.storage.memory import (
    call_canon,
    call_check,
    call_expand,
    call_moves,
    load32,
    load64,
    prefetch,
    store32,
    store64,
)

U = np.uint64
FACTOR_0, FACTOR_1 = U(HASH_FACTORS[0]), U(HASH_FACTORS[1])
SHIFT_0, SHIFT_1 = U(HASH_SHIFTS[0]), U(HASH_SHIFTS[1])
TAG_SHIFT = U(20)
WHOLE = 62  # the chunk of states that lie in one piece
BLOCK = 128
BATCH = 32  # states expanded by one call
PARTITION_BITS = 6
SHIFT = 64 - PARTITION_BITS  # a state's partition is the top bits of its hash


@njit(inline="always")
def hash_at(words, address, index):
    """The hash of the state at word `index`: what `put` of emit.py computes."""
    h = U(0)
    for i in range(len(words)):
        h = (h ^ load64(address, index + i)) * FACTOR_0
        h ^= h >> SHIFT_0
        h *= FACTOR_1
        h ^= h >> SHIFT_1
    return h


@njit(inline="always")
def equal(words, a, i, b, j):
    for k in range(len(words)):
        if load64(a, i + k) != load64(b, j + k):
            return False
    return True


@njit(inline="always")
def place(i, chunk):
    """Where state i of a partition lies, counted in states from its first."""
    return ((i >> chunk) << (chunk + PARTITION_BITS)) | (i & ((1 << chunk) - 1))


@njit(inline="always")
def run_from(i, stop, chunk):
    """How many states from i on, below `stop`, lie one behind the other."""
    return min(stop - i, (1 << chunk) - (i & ((1 << chunk) - 1)))


@kept_loop
def expand(function, words, shift, chunk, states, positions, stops, buffers, fill, fill_at, room, limit, fired, events):
    """Expand states positions[i]..stops[i]-1 of each piece i, and move the positions on; gives how many are left.

    Pieces are taken in turns, a few states of each, so that states found at the same time are expanded at the same time.
    Stops when a buffer holds more than `limit` states.
    """
    full, some = False, True
    while some and not full:
        some = False
        for p in range(len(stops)):
            n = min(BATCH, run_from(positions[p], stops[p], chunk))
            if n > 0:
                some = True
                at = states[p] + 8 * len(words) * place(positions[p], chunk)
                call_expand(function, at, n, fired, events, fill_at, shift)
                positions[p] += n
                end = buffers + 8 * len(words) * limit
                for q in range(len(fill)):
                    full |= fill[q] > end
                    end += 8 * len(words) * room
                if full:
                    break
    left = 0
    for p in range(len(stops)):
        left += stops[p] - positions[p]
    return left


@njit(inline="always")
def insert(words, chunk, table, bits, states, count, buffer, n, hashes, slots):
    """Insert the n states of the buffer into a partition that holds `count`; gives how many it holds then.

    In three passes over a block of states, so that memory is asked for long before it is used.
    """
    size = len(words)
    mask = (U(1) << U(bits)) - U(1)
    index = np.uint32(mask)
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        for j in range(m):
            h = hash_at(words, buffer, (first + j) * size)
            store64(hashes, j, h)
            prefetch(table, np.int64(h & mask) * 4)
        for j in range(m):
            h = load64(hashes, j)
            slot = h & mask
            tag = np.uint32(h >> TAG_SHIFT) & ~index
            entry = load32(table, np.int64(slot))
            while entry != 0 and entry & ~index != tag:
                slot = (slot + U(1)) & mask
                entry = load32(table, np.int64(slot))
            store64(slots, j, slot)
            if entry != 0:
                prefetch(states, place(np.int64(entry & index) - 1, chunk) * (8 * size))
        for j in range(m):
            slot = load64(slots, j)  # what stands before it are other states, and stay
            tag = np.uint32(load64(hashes, j) >> TAG_SHIFT) & ~index
            source = (first + j) * size
            while True:
                entry = load32(table, np.int64(slot))
                if entry == 0:
                    to = place(count, chunk) * size
                    for k in range(size):
                        store64(states, to + k, load64(buffer, source + k))
                    count += 1
                    store32(table, np.int64(slot), np.uint32(count) | tag)
                    break
                if entry & ~index == tag:
                    if equal(words, states, place(np.int64(entry & index) - 1, chunk) * size, buffer, source):
                        break
                slot = (slot + U(1)) & mask
    return count


@kept_loop
def insert_all(words, chunk, first, last, step, tables, bits, states, counts, buffers, fill, room, hashes, slots):
    """Insert the buffers of partitions first, first + step, ... below last. Stops at one that must grow before, and gives it."""
    p = first
    while p < last:
        buffer = buffers + 8 * len(words) * p * room
        n = (fill[p] - buffer) // (8 * len(words))
        if n:
            if 4 * (counts[p] + n) > 3 << bits[p]:
                return p
            counts[p] = insert(words, chunk, tables[p], bits[p], states[p], counts[p], buffer, n, hashes, slots)
            fill[p] = buffer
        p += step
    return p


@kept_loop
def rebuild(words, chunk, table, bits, states, count):
    """Enter the `count` states of a partition, all different, into an empty table."""
    size = len(words)
    mask = (U(1) << U(bits)) - U(1)
    index = np.uint32(mask)
    hashes = np.empty(BLOCK, np.uint64)
    for first in range(0, count, BLOCK):
        m = min(BLOCK, count - first)
        for j in range(m):
            hashes[j] = hash_at(words, states, place(first + j, chunk) * size)
            prefetch(table, np.int64(hashes[j] & mask) * 4)
        for j in range(m):
            slot = hashes[j] & mask
            while load32(table, np.int64(slot)) != 0:
                slot = (slot + U(1)) & mask
            store32(table, np.int64(slot), np.uint32(first + j + 1) | (np.uint32(hashes[j] >> TAG_SHIFT) & ~index))


@kept_loop
def check(function, words, chunk, states, first, stops, events):
    """Check states first[p]..stops[p]-1 of each partition p."""
    for p in range(len(first)):
        i = first[p]
        while i < stops[p]:
            n = run_from(i, stops[p], chunk)
            call_check(function, states[p] + 8 * len(words) * place(i, chunk), n, events)
            i += n


@kept_loop
def copy_out(words, chunk, states, first, count, out):
    """Copy `count` states of a partition from the first on to `out`, one behind the other."""
    size = len(words)
    for i in range(count):
        at = place(first + i, chunk) * size
        for k in range(size):
            store64(out, i * size + k, load64(states, at + k))


@kept_loop
def copy_in(words, chunk, states, first, count, rows):
    """Copy `count` states, one behind the other in `rows`, to those of a partition from the first on."""
    size = len(words)
    for i in range(count):
        at = place(first + i, chunk) * size
        for k in range(size):
            store64(states, at + k, load64(rows, i * size + k))


@kept_loop
def hash_of(words, address):
    """The hash of one state."""
    return hash_at(words, address, 0)


@kept_loop
def find(words, table, bits, states, address, index):
    """The index of the state at word `index` of the address among those of a table, -1 where it is not there."""
    size = len(words)
    mask = (U(1) << U(bits)) - U(1)
    low = np.uint32(mask)
    h = hash_at(words, address, index)
    slot = h & mask
    tag = np.uint32(h >> TAG_SHIFT) & ~low
    while True:
        entry = load32(table, np.int64(slot))
        if entry == 0:
            return -1
        if entry & ~low == tag and equal(words, states, (np.int64(entry & low) - 1) * size, address, index):
            return np.int64(entry & low) - 1
        slot = (slot + U(1)) & mask


@kept_loop
def moves_of(function, state, out, actions, events):
    """`moves` of emit.py, for one state."""
    return call_moves(function, state, out, actions, events)


@kept_loop
def states_with(function, words, states, count, events, events_at, event, rows):
    """The rows of the states that show the event; gives how many."""
    n = 0
    for i in range(count):
        events[event // 64] = 0
        call_check(function, states + 8 * len(words) * i, 1, events_at)
        if (events[event // 64] >> (event % 64)) & 1:
            rows[n] = i
            n += 1
    return n


@kept_loop
def stuck_states(function, words, states, count, buffers, fill, fill_at, room, fired, events, events_at, rows):
    """The rows of the states without a move that are not at rest; gives how many."""
    n = 0
    for i in range(count):
        events[0] = 0
        for q in range(len(fill)):
            fill[q] = buffers + 8 * len(words) * q * room
        call_expand(function, states + 8 * len(words) * i, 1, fired, events_at, fill_at, SHIFT)
        if events[0] & 1:
            rows[n] = i
            n += 1
    return n


@kept_loop
def canonical(function, address):
    """Put what stands for a state in its place."""
    call_canon(function, address)


@kept_loop
def leading(
    function, canon, words, states, count, out, actions, actions_at, events_at, is_step, table, bits, marked, one, found
):  # fmt: skip
    """Copy to `found` the successors of the states for which a marked state stands; gives how many. `one`: room for a state."""
    size = len(words)
    n = 0
    for i in range(count):
        m = call_moves(function, states + 8 * size * i, out, actions_at, events_at)
        for j in range(m):
            if is_step[actions[j]]:
                for k in range(size):
                    store64(one, k, load64(out, j * size + k))
                call_canon(canon, one)
                if find(words, table, bits, marked, one, 0) >= 0:
                    for k in range(size):
                        store64(found, n * size + k, load64(out, j * size + k))
                    n += 1
    return n


@kept_loop
def back(
    function, canon, words, states, count, out, actions, actions_at, events, events_at, event_words, event, wanted,
    actor_of, is_step, table, bits, marked, marked_costs, rows, costs,
):  # fmt: skip
    """The rows of the states from which the target is reached, and their costs; gives how many.

    With a table of marked states: by a step to one of them, or, where `canon` is not 0, to one for which it stands. Without:
    by a step that shows `event`, or, where it is -1, by one of the actions `wanted`.
    """
    size = len(words)
    far = np.int32(1 << 30)
    actors = costs.shape[1]
    n = 0
    for i in range(count):
        m = call_moves(function, states + 8 * size * i, out, actions_at, events_at)
        reached = False
        for j in range(m):
            action = actions[j]
            cost = far
            if table != 0:
                if is_step[action]:
                    if canon != 0:
                        call_canon(canon, out + 8 * size * j)
                    row = find(words, table, bits, marked, out, j * size)
                    if row >= 0:
                        for a in range(actors):
                            there = marked_costs[row, a] + np.int32(a != actor_of[action])
                            cost = min(cost, there)
            elif event >= 0:
                if (events[j * event_words + event // 64] >> U(event % 64)) & U(1):
                    cost = np.int32(0)
            elif wanted[action]:
                cost = np.int32(0)
            if cost < far:
                if not reached:
                    for a in range(actors):
                        costs[n, a] = far
                    reached = True
                actor = actor_of[action]
                costs[n, actor] = min(costs[n, actor], cost)
        if reached:
            rows[n] = i
            n += 1
    return n


@kept_loop
def gather(words, states, rows, out):
    """Copy the states of these rows to `out`, one after the other."""
    size = len(words)
    for n in range(len(rows)):
        for k in range(size):
            store64(out, n * size + k, load64(states, rows[n] * size + k))


@kept_loop
def hashes(words, states, found):
    """The hashes of len(found) states."""
    for i in range(len(found)):
        found[i] = hash_at(words, states, i * len(words))


@njit(inline="always")
def before(words, a, i, b, j):
    """Whether state i at a comes before state j at b in the order of their words."""
    for k in range(len(words)):
        x, y = load64(a, i + k), load64(b, j + k)
        if x != y:
            return x < y
    return False


@kept_loop
def sort_unique(words, states, count, out, out_hashes):
    """Copy the states to `out` without repetition, by hash and then by their words, with their hashes; gives how many.

    A bucket sort: hashes are spread evenly over their range, so a bucket holds a few states, which are sorted by insertion.
    """
    if count == 0:
        return 0
    size = len(words)
    keys = np.empty(count, np.uint64)
    low, high = U(0xFFFFFFFFFFFFFFFF), U(0)
    for i in range(count):
        keys[i] = hash_at(words, states, i * size)
        low, high = min(low, keys[i]), max(high, keys[i])
    shift = U(0)
    while (high - low) >> shift >= U(count):
        shift += U(1)
    starts = np.zeros(np.int64((high - low) >> shift) + 2, np.int64)
    for i in range(count):
        starts[np.int64((keys[i] - low) >> shift) + 1] += 1
    for i in range(1, len(starts)):
        starts[i] += starts[i - 1]
    order = np.empty(count, np.int64)
    for i in range(count):
        bucket = np.int64((keys[i] - low) >> shift)
        order[starts[bucket]] = i
        starts[bucket] += 1  # becomes the end of the bucket
    n = 0
    first = 0
    for bucket in range(len(starts) - 1):
        stop = starts[bucket]
        for i in range(first + 1, stop):
            moved = order[i]
            j = i
            while j > first:
                other = order[j - 1]
                if keys[other] < keys[moved]:
                    break
                if keys[other] == keys[moved] and not before(words, states, moved * size, states, other * size):
                    break
                order[j] = other
                j -= 1
            order[j] = moved
        for i in range(first, stop):
            source = order[i] * size
            if n > 0 and out_hashes[n - 1] == keys[order[i]] and equal(words, out, (n - 1) * size, states, source):
                continue
            for k in range(size):
                store64(out, n * size + k, load64(states, source + k))
            out_hashes[n] = keys[order[i]]
            n += 1
        first = stop
    return n


@kept_loop
def subtract(words, states, hashes, alive, start, old, old_hashes):
    """Clear `alive` of the states that are among the old ones, both sorted by hash and words; from state `start` on.

    Gives the first state that may still be among later old ones.
    """
    size = len(words)
    i, n, m = start, len(hashes), len(old_hashes)
    j = 0
    while i < n and j < m:
        if hashes[i] < old_hashes[j]:
            i += 1
        elif hashes[i] > old_hashes[j]:
            # far behind: leap, in growing steps
            step = 1
            while j + step < m and old_hashes[j + step] < hashes[i]:
                j += step
                step += step
            j += 1
        elif equal(words, states, i * size, old, j * size):
            alive[i] = False
            i += 1
        elif before(words, states, i * size, old, j * size):
            i += 1
        else:
            j += 1
    return i


def prepare(words: tuple[int, ...]) -> None:
    """Have the loops of the search ready: compiled, or loaded from where they are kept."""
    none, one = np.zeros(0, np.int64), np.zeros(1, np.int64)
    expand(0, words, SHIFT, WHOLE, none, none, none, 0, one, 0, 0, 0, 0, 0)
    insert_all(words, WHOLE, 0, 0, 1, none, none, none, none, 0, none, 0, 0, 0)
    rebuild(words, WHOLE, 0, 0, 0, 0)
    check(0, words, WHOLE, none, none, none, 0)
    hash_of(words, np.zeros(len(words), np.uint64).ctypes.data)
