"""The loops that compute stubborn sets, compiled as those of `kernels.py`.

`tables`: as `stubborn.Choice` lays them out. Sets are rows of 64-bit words. What is chosen where several choices are as good
is what `reduction.stubborn.Chooser` chooses.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from explorer.search.native.loops.search_loops import BATCH, U, place, run_from
from explorer.search.native.storage.cache import kept_loop
from explorer.search.native.storage.memory import call_expand_chosen, call_truths

ENABLED, FOUND, PENDING, BEST = 0, 1, 2, 3  # rows of the scratch sets
SETS = 4
ONE = U(1)


@njit(inline="always")
def count(x):
    """The bits that are set."""
    x = x - ((x >> U(1)) & U(0x5555555555555555))
    x = (x & U(0x3333333333333333)) + ((x >> U(2)) & U(0x3333333333333333))
    x = (x + (x >> U(4))) & U(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * U(0x0101010101010101)) >> U(56))


@njit(inline="always")
def lowest(x):
    """The position of the lowest bit that is set."""
    return count((x & (~x + ONE)) - ONE)


@njit(inline="always")
def has(row, position):
    return (row[position >> 6] >> U(position & 63)) & ONE != U(0)


@kept_loop
def fewest(members, first, stop, enablers, truth, sets):
    """The false condition whose enablers add the fewest enabled steps, then the fewest; -1 where all hold."""
    best, best_enabled, best_all = -1, 0, 0
    for i in range(first, stop):
        condition = members[i]
        if has(truth, condition):
            continue
        enabled, every = 0, 0
        for k in range(sets.shape[1]):
            adding = enablers[condition, k] & ~sets[FOUND, k]
            enabled += count(adding & sets[ENABLED, k])
            every += count(adding)
        if best < 0 or enabled < best_enabled or (enabled == best_enabled and every < best_all):
            best, best_enabled, best_all = condition, enabled, every
    return best


@kept_loop
def add(row, sets):
    """Add a set to what is found; gives how many enabled steps are new."""
    new = 0
    for k in range(sets.shape[1]):
        adding = row[k] & ~sets[FOUND, k]
        sets[FOUND, k] |= adding
        sets[PENDING, k] |= adding
        new += count(adding & sets[ENABLED, k])
    return new


@kept_loop
def close(tables, truth, sets, size, least):
    """Add all that members bring; gives how many enabled steps there are, or stops at `least`."""
    guard_first, guards, dependent, enablers = tables[0], tables[1], tables[2], tables[3]
    while size < least:
        i = -1
        for k in range(sets.shape[1]):
            among = sets[PENDING, k] & sets[ENABLED, k]
            if among != U(0):
                i = 64 * k + lowest(among)
                break
        if i < 0:
            for k in range(sets.shape[1]):
                if sets[PENDING, k] != U(0):
                    i = 64 * k + lowest(sets[PENDING, k])
                    break
        if i < 0:
            break
        sets[PENDING, i >> 6] &= ~(ONE << U(i & 63))
        if has(sets[ENABLED], i):
            size += add(dependent[i], sets)
        else:
            condition = fewest(guards, guard_first[i], guard_first[i + 1], enablers, truth, sets)
            size += add(enablers[condition], sets)
    return size


@kept_loop
def keep(sets, size, least):
    """Remember what is found, where it has fewer than `least` enabled steps; gives the fewest now."""
    if size >= least:
        return least
    for k in range(sets.shape[1]):
        sets[BEST, k] = sets[FOUND, k] & sets[ENABLED, k]
    return size


@kept_loop
def choose(tables, truth, sets):
    """The steps to take where these conditions hold, in the row BEST."""
    guard_first, guards, enablers = tables[0], tables[1], tables[3]
    group_first, members, start_first, steps = tables[4], tables[5], tables[6], tables[7]
    least = 0
    for k in range(sets.shape[1]):
        sets[ENABLED, k] = U(0)
    for i in range(len(guard_first) - 1):
        if has(steps, i):
            enabled = True
            for j in range(guard_first[i], guard_first[i + 1]):
                if not has(truth, guards[j]):
                    enabled = False
                    break
            if enabled:
                sets[ENABLED, i >> 6] |= ONE << U(i & 63)
                least += 1
    for k in range(sets.shape[1]):
        sets[BEST, k] = sets[ENABLED, k]
    for start in range(len(start_first) - 1):
        for k in range(sets.shape[1]):
            sets[FOUND, k] = sets[PENDING, k] = U(0)
        size, begun = 0, True
        for group in range(start_first[start], start_first[start + 1]):
            condition = fewest(members, group_first[group], group_first[group + 1], enablers, truth, sets)
            if condition < 0:
                begun = False
                break
            size += add(enablers[condition], sets)
        if begun:
            least = keep(sets, close(tables, truth, sets, size, least), least)
    if len(start_first) == 1:
        for i in range(len(guard_first) - 1):
            if has(sets[ENABLED], i):
                for k in range(sets.shape[1]):
                    sets[FOUND, k] = sets[PENDING, k] = U(0)
                sets[FOUND, i >> 6] = sets[PENDING, i >> 6] = ONE << U(i & 63)
                least = keep(sets, close(tables, truth, sets, 1, least), least)


@kept_loop
def expand(
    function, truths, tables, scratch, words, shift, chunk, states, positions, stops, buffers, fill, fill_at, room, limit,
    fired, events,
):  # fmt: skip
    """As `kernels.expand`, with only the steps that are chosen."""
    chosen, sets, truth = scratch
    full, some = False, True
    while some and not full:
        some = False
        for p in range(len(stops)):
            n = min(BATCH, run_from(positions[p], stops[p], chunk))
            if n > 0:
                some = True
                at = states[p] + 8 * len(words) * place(positions[p], chunk)
                for i in range(n):
                    call_truths(truths, at + 8 * len(words) * i, truth.ctypes.data)
                    choose(tables, truth, sets)
                    for k in range(sets.shape[1]):
                        chosen[i, k] = sets[BEST, k]
                call_expand_chosen(function, at, n, fired, events, fill_at, shift, chosen.ctypes.data)
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
