"""The loops of the compiled search of a family. numba compiles each once, for states and sets of any size.

Sets of settings are interned: a row of `sets`, named by its number. 0 is the empty set, 1 that of all. What two sets make
together is remembered in `memo`, by their numbers. States are rows of `states`; `reached` has the set of each, `ahead` the
settings that are new to it in the next level. `table` is open addressing: 0 is free, else the upper half of a state's hash
and 1 + its row. Whole states are compared always.

`counts`: states, states of the next level, sets.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from explorer.search.native.codegen.emit import HASH_FACTORS, HASH_SHIFTS
from explorer.search.native.storage.cache import kept_loop
from explorer.search.native.storage.memory import call_check, call_moves, load64, prefetch

U = np.uint64
FACTOR_0, FACTOR_1 = U(HASH_FACTORS[0]), U(HASH_FACTORS[1])
SHIFT_0, SHIFT_1 = U(HASH_SHIFTS[0]), U(HASH_SHIFTS[1])
HALF, LOW = U(32), U(0xFFFFFFFF)
EMPTY, ALL = 0, 1
BOTH, WITHOUT, EITHER = 0, 1, 2  # what is made of two sets
STEP, ASSERT, ERROR, BLOCKED = 0, 1, 2, 3  # kinds of actions
STATES, NEXT, SETS = 0, 1, 2  # positions in `counts`
BATCH = 32  # states whose successors are looked up together


@njit(inline="always")
def hash_words(address, first, size):
    """The hash of `size` words."""
    h = U(0)
    for i in range(size):
        h = (h ^ load64(address, first + i)) * FACTOR_0
        h ^= h >> SHIFT_0
        h *= FACTOR_1
        h ^= h >> SHIFT_1
    return h


@kept_loop
def intern(sets, names, counts):
    """The number of the set that stands in the first free row of `sets`."""
    new = counts[SETS]
    size = sets.shape[1]
    h = U(0)
    for i in range(size):
        h = (h ^ sets[new, i]) * FACTOR_0
        h ^= h >> SHIFT_0
    mask = U(len(names) - 1)
    slot = (h ^ (h >> SHIFT_1)) & mask
    while names[slot] != 0:
        known = names[slot] - 1
        same = True
        for i in range(size):
            if sets[known, i] != sets[new, i]:
                same = False
                break
        if same:
            return known
        slot = (slot + U(1)) & mask
    names[slot] = new + 1
    counts[SETS] = new + 1
    return new


@kept_loop
def combine(kind, a, b, sets, names, counts, keys, memo):
    """The number of the set that two sets make."""
    if kind == BOTH:
        if a == EMPTY or b == EMPTY:
            return EMPTY
        if a == b or b == ALL:
            return a
        if a == ALL:
            return b
    elif kind == WITHOUT:
        if a == EMPTY or a == b or b == ALL:
            return EMPTY
        if b == EMPTY:
            return a
    else:
        if a == b or b == EMPTY or a == ALL:
            return a
        if a == EMPTY or b == ALL:
            return b
    key = U(kind) << U(60) | U(a) << U(30) | U(b)
    slot = (key * FACTOR_0) >> U(64 - 16)
    if keys[slot] == key:
        return memo[slot]
    new = counts[SETS]
    for i in range(sets.shape[1]):
        if kind == BOTH:
            sets[new, i] = sets[a, i] & sets[b, i]
        elif kind == WITHOUT:
            sets[new, i] = sets[a, i] & ~sets[b, i]
        else:
            sets[new, i] = sets[a, i] | sets[b, i]
    made = intern(sets, names, counts)
    keys[slot] = key
    memo[slot] = made
    return made


@kept_loop
def rename(sets, names, counts):
    """Enter all sets into the empty table `names`."""
    size = sets.shape[1]
    mask = U(len(names) - 1)
    for known in range(counts[SETS]):
        h = U(0)
        for i in range(size):
            h = (h ^ sets[known, i]) * FACTOR_0
            h ^= h >> SHIFT_0
        slot = (h ^ (h >> SHIFT_1)) & mask
        while names[slot] != 0:
            slot = (slot + U(1)) & mask
        names[slot] = known + 1


@kept_loop
def enter(states_at, size, table, counts):
    """Enter all states into the empty table."""
    mask = U(len(table) - 1)
    for row in range(counts[STATES]):
        h = hash_words(states_at, row * size, size)
        slot = h & mask
        while table[slot] != 0:
            slot = (slot + U(1)) & mask
        table[slot] = (h >> HALF) << HALF | U(row + 1)


@njit(inline="always")
def row_of(h, at, first, size, states, states_at, table, counts):
    """The row of the state that stands at word `first`; where it is new, the row that it has now."""
    mask = U(len(table) - 1)
    slot = h & mask
    tag = h >> HALF
    while True:
        entry = table[slot]
        if entry == 0:
            row = counts[STATES]
            for k in range(size):
                states[row * size + k] = load64(at, first + k)
            counts[STATES] = row + 1
            table[slot] = tag << HALF | U(row + 1)
            return row
        if entry >> HALF == tag:
            row = np.int64(entry & LOW) - 1
            same = True
            for k in range(size):
                if states[row * size + k] != load64(at, first + k):
                    same = False
                    break
            if same:
                return row
        slot = (slot + U(1)) & mask


@njit(inline="always")
def at_rest(row, size, states, threads, rests):
    """True where every thread is finished or parked where it may wait for ever. `threads`: word, shift and mask of each."""
    for t in range(len(threads)):
        code = (states[row * size + threads[t, 0]] >> U(threads[t, 1])) & U(threads[t, 2])
        if not rests[t, code]:
            return False
    return True


@njit(inline="always")
def show(event, settings, applies, done, hits, sets, names, counts, keys, memo):
    """Settings for which the event speaks and that have not shown it before show it now."""
    mine = combine(BOTH, settings, applies[event], sets, names, counts, keys, memo)
    new = combine(WITHOUT, mine, done[event], sets, names, counts, keys, memo)
    if new != EMPTY:
        hits[event] = combine(EITHER, hits[event], new, sets, names, counts, keys, memo)


@kept_loop
def expand(
    function, size, queue, news, position, stop, states, reached, ahead, following, table, counts, sets, names, keys, memo,
    presence, kinds, fired, blocked, taken, out, actions, events, event_words, first, under, hashes,
    watched, applies, done, hits, threads, rests, most,
):  # fmt: skip
    """Expand the states of `queue` from the position on, each under the settings `news`; gives how far it came.

    It stops where states, the table or sets have to grow before. `most`: new sets that one successor may need. `hits`:
    0 deadlock, 1 assertions, 2 errors of the model, then an entry for each bit of the events of emit.py. `watched`: the bits
    of events that some setting can still show first.
    """
    states_at, out_at = states.ctypes.data, out.ctypes.data
    actions_at, events_at, table_at = actions.ctypes.data, events.ctypes.data, table.ctypes.data
    mask = U(len(table) - 1)
    while position < stop:
        n, some = 0, 0
        while some < BATCH and position + some < stop:
            first[some] = n
            n += call_moves(
                function, states_at + 8 * size * queue[position + some], out_at + 8 * size * n, actions_at + 8 * n,
                events_at + 8 * event_words * n,
            )  # fmt: skip
            some += 1
        first[some] = n
        if counts[STATES] + n > len(reached) or 2 * (counts[STATES] + n) > len(table) or counts[SETS] + n > len(sets):
            return position
        for j in range(some):
            new = news[position + j]
            for i in range(first[j], first[j + 1]):
                action = actions[i]
                under[i] = combine(BOTH, new, presence[action], sets, names, counts, keys, memo)
                if under[i] != EMPTY and kinds[action] == STEP:
                    hashes[i] = hash_words(out_at, i * size, size)
                    prefetch(table_at, np.int64(hashes[i] & mask) * 8)
        for j in range(some):
            if counts[SETS] + most * (first[j + 1] - first[j] + 1) > len(sets):
                return position + j
            moving = EMPTY
            for i in range(first[j], first[j + 1]):
                mine = under[i]
                if mine == EMPTY:
                    continue
                action = actions[i]
                kind = kinds[action]
                if kind == BLOCKED:
                    blocked[action] = combine(EITHER, blocked[action], mine, sets, names, counts, keys, memo)
                    continue
                moving = combine(EITHER, moving, mine, sets, names, counts, keys, memo)
                fired[action] += 1
                taken[mine] += 1
                if kind == ASSERT:
                    show(1, mine, applies, done, hits, sets, names, counts, keys, memo)
                elif kind == ERROR:
                    show(2, mine, applies, done, hits, sets, names, counts, keys, memo)
                else:
                    for word in range(event_words):
                        bits = events[i * event_words + word] & watched[word]
                        bit = 0
                        while bits != 0:
                            if bits & U(1):
                                show(3 + 64 * word + bit, mine, applies, done, hits, sets, names, counts, keys, memo)
                            bits >>= U(1)
                            bit += 1
                    row = row_of(hashes[i], out_at, i * size, size, states, states_at, table, counts)
                    fresh = combine(WITHOUT, mine, reached[row], sets, names, counts, keys, memo)
                    if fresh != EMPTY:
                        reached[row] = combine(EITHER, reached[row], fresh, sets, names, counts, keys, memo)
                        if ahead[row] == EMPTY:
                            following[counts[NEXT]] = row
                            counts[NEXT] += 1
                        ahead[row] = combine(EITHER, ahead[row], fresh, sets, names, counts, keys, memo)
            left = combine(WITHOUT, news[position + j], moving, sets, names, counts, keys, memo)
            if left != EMPTY and not at_rest(queue[position + j], size, states, threads, rests):
                show(0, left, applies, done, hits, sets, names, counts, keys, memo)
        position += some
    return position


@kept_loop
def stuck(
    function, size, queue, news, position, stop, states, counts, sets, names, keys, memo, presence, kinds, out, actions,
    events, applies, done, hits, threads, rests, most,
):  # fmt: skip
    """Look for deadlocks among the states of `queue` from the position on; gives how far it came, as `expand`."""
    while position < stop:
        n = call_moves(
            function, states.ctypes.data + 8 * size * queue[position], out.ctypes.data, actions.ctypes.data,
            events.ctypes.data,
        )  # fmt: skip
        if counts[SETS] + most * (n + 1) > len(sets):
            return position
        left = news[position]
        for i in range(n):
            if kinds[actions[i]] != BLOCKED:
                left = combine(WITHOUT, left, presence[actions[i]], sets, names, counts, keys, memo)
        if left != EMPTY and not at_rest(queue[position], size, states, threads, rests):
            show(0, left, applies, done, hits, sets, names, counts, keys, memo)
        position += 1
    return position


@kept_loop
def check(
    function, size, queue, news, position, stop, states, counts, sets, names, keys, memo, events, event_words, watched, applies,
    done, hits, most,
):  # fmt: skip
    """Look at the states of `queue` from the position on, under the settings `news`; gives how far it came, as `expand`."""
    while position < stop:
        if counts[SETS] + most > len(sets):
            return position
        for word in range(event_words):
            events[word] = U(0)
        call_check(function, states.ctypes.data + 8 * size * queue[position], 1, events.ctypes.data)
        for word in range(event_words):
            bits = events[word] & watched[word]
            bit = 0
            while bits != 0:
                if bits & U(1):
                    show(3 + 64 * word + bit, news[position], applies, done, hits, sets, names, counts, keys, memo)
                bits >>= U(1)
                bit += 1
        position += 1
    return position
