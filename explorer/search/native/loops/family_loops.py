"""The loops of the compiled search of a family. numba compiles each once, for states and sets of any size.

Sets of settings are interned, and named by their numbers: 0 is the empty set, 1 that of all. Tables are open addressing: 0 is
free, else the upper half of a state's hash and 1 + its row. Whole states are compared always. `counts`, which all share: states,
states of the next level, sets.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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
DEADLOCKED, FAILED, BROKEN, EVENTS = (
    0,
    1,
    2,
    3,
)  # positions in `hits`: what every model shows, then an entry for each event
BATCH = 32  # states whose successors are looked up together


class Sets(NamedTuple):
    """Interned sets. `rows`: a row of bits each; `names`: the hash table of rows; `keys`, `memo`: what two sets make together."""

    rows: Any
    names: Any
    counts: Any
    keys: Any
    memo: Any


class States(NamedTuple):
    """`size`: words of a state; `rows`: the states; `table`: the hash table of rows; `reached`: the set of each; `ahead`: the
    settings that are new to it in the next level; `following`: the states of that."""

    size: int
    rows: Any
    table: Any
    reached: Any
    ahead: Any
    following: Any
    counts: Any


class Moves(NamedTuple):
    """The step function, what is known of actions, and space for the moves of a batch.

    `function`: its address. `presence`: the settings under which an action is there; `kinds`: STEP, ASSERT, ... `out`: the states
    after the moves, `actions`: which these are, `events`: what they show, `words` for each; `first`: where the moves of a state
    begin; `under`: the settings of each; `hashes`: of the states after them.
    """

    function: int
    presence: Any
    kinds: Any
    out: Any
    actions: Any
    events: Any
    words: int
    first: Any
    under: Any
    hashes: Any


class Taken(NamedTuple):
    """How often each action was taken; the settings in which one was held up; how many steps there were under each set."""

    fired: Any
    blocked: Any
    steps: Any


class Shown(NamedTuple):
    """What is looked for. `watched`: the bits of events that some setting can still show first; `applies`: the settings for which
    an event speaks; `done`: those that have shown it; `hits`: those that show it in this level. `most`: new sets that one
    successor may need."""

    watched: Any
    applies: Any
    done: Any
    hits: Any
    most: int


class Rest(NamedTuple):
    """`threads`: word, shift and mask of the control point of each; `rests`: the codes at which it may stay for ever."""

    threads: Any
    rests: Any


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
def intern(sets):
    """The number of the set that stands in the first free row of `sets`."""
    rows, names = sets.rows, sets.names
    new = sets.counts[SETS]
    size = rows.shape[1]
    h = U(0)
    for i in range(size):
        h = (h ^ rows[new, i]) * FACTOR_0
        h ^= h >> SHIFT_0
    mask = U(len(names) - 1)
    slot = (h ^ (h >> SHIFT_1)) & mask
    while names[slot] != 0:
        known = names[slot] - 1
        same = True
        for i in range(size):
            if rows[known, i] != rows[new, i]:
                same = False
                break
        if same:
            return known
        slot = (slot + U(1)) & mask
    names[slot] = new + 1
    sets.counts[SETS] = new + 1
    return new


@kept_loop
def combine(kind, a, b, sets):
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
    if sets.keys[slot] == key:
        return sets.memo[slot]
    rows, new = sets.rows, sets.counts[SETS]
    for i in range(rows.shape[1]):
        if kind == BOTH:
            rows[new, i] = rows[a, i] & rows[b, i]
        elif kind == WITHOUT:
            rows[new, i] = rows[a, i] & ~rows[b, i]
        else:
            rows[new, i] = rows[a, i] | rows[b, i]
    made = intern(sets)
    sets.keys[slot] = key
    sets.memo[slot] = made
    return made


@kept_loop
def rename(sets):
    """Enter all sets into the empty table `names`."""
    rows, names = sets.rows, sets.names
    size = rows.shape[1]
    mask = U(len(names) - 1)
    for known in range(sets.counts[SETS]):
        h = U(0)
        for i in range(size):
            h = (h ^ rows[known, i]) * FACTOR_0
            h ^= h >> SHIFT_0
        slot = (h ^ (h >> SHIFT_1)) & mask
        while names[slot] != 0:
            slot = (slot + U(1)) & mask
        names[slot] = known + 1


@kept_loop
def enter(states):
    """Enter all states into the empty table."""
    table, size = states.table, states.size
    mask = U(len(table) - 1)
    for row in range(states.counts[STATES]):
        h = hash_words(states.rows.ctypes.data, row * size, size)
        slot = h & mask
        while table[slot] != 0:
            slot = (slot + U(1)) & mask
        table[slot] = (h >> HALF) << HALF | U(row + 1)


@njit(inline="always")
def row_of(h, at, first, states):
    """The row of the state that stands at word `first`; where it is new, the row that it has now."""
    table, rows, size = states.table, states.rows, states.size
    mask = U(len(table) - 1)
    slot = h & mask
    tag = h >> HALF
    while True:
        entry = table[slot]
        if entry == 0:
            row = states.counts[STATES]
            for k in range(size):
                rows[row * size + k] = load64(at, first + k)
            states.counts[STATES] = row + 1
            table[slot] = tag << HALF | U(row + 1)
            return row
        if entry >> HALF == tag:
            row = np.int64(entry & LOW) - 1
            same = True
            for k in range(size):
                if rows[row * size + k] != load64(at, first + k):
                    same = False
                    break
            if same:
                return row
        slot = (slot + U(1)) & mask


@njit(inline="always")
def at_rest(row, states, rest):
    """True where every thread is finished or parked where it may wait for ever."""
    threads = rest.threads
    for t in range(len(threads)):
        code = (states.rows[row * states.size + threads[t, 0]] >> U(threads[t, 1])) & U(threads[t, 2])
        if not rest.rests[t, code]:
            return False
    return True


@njit(inline="always")
def show(event, settings, shown, sets):
    """Settings for which the event speaks and that have not shown it before show it now."""
    mine = combine(BOTH, settings, shown.applies[event], sets)
    new = combine(WITHOUT, mine, shown.done[event], sets)
    if new != EMPTY:
        shown.hits[event] = combine(EITHER, shown.hits[event], new, sets)


@njit(inline="always")
def show_events(events, first, words, settings, shown, sets):
    """The settings show every event whose bit is set in the words."""
    for word in range(words):
        bits = events[first + word] & shown.watched[word]
        bit = 0
        while bits != 0:
            if bits & U(1):
                show(EVENTS + 64 * word + bit, settings, shown, sets)
            bits >>= U(1)
            bit += 1


@kept_loop
def expand(queue, news, position, stop, states, sets, moves, taken, shown, rest):
    """Expand the states of `queue` from the position on, each under the settings `news`; gives how far it came.

    It stops where states, the table or sets have to grow before.
    """
    size, counts, out_at = states.size, states.counts, moves.out.ctypes.data
    actions_at, events_at, table_at = moves.actions.ctypes.data, moves.events.ctypes.data, states.table.ctypes.data
    first, under, hashes = moves.first, moves.under, moves.hashes
    mask = U(len(states.table) - 1)
    while position < stop:
        n, some = 0, 0
        while some < BATCH and position + some < stop:
            first[some] = n
            n += call_moves(
                moves.function,
                states.rows.ctypes.data + 8 * size * queue[position + some],
                out_at + 8 * size * n,
                actions_at + 8 * n,
                events_at + 8 * moves.words * n,
            )
            some += 1
        first[some] = n
        more = counts[STATES] + n
        if more > len(states.reached) or 2 * more > len(states.table) or counts[SETS] + n > len(sets.rows):
            return position
        for j in range(some):
            new = news[position + j]
            for i in range(first[j], first[j + 1]):
                action = moves.actions[i]
                under[i] = combine(BOTH, new, moves.presence[action], sets)
                if under[i] != EMPTY and moves.kinds[action] == STEP:
                    hashes[i] = hash_words(out_at, i * size, size)
                    prefetch(table_at, np.int64(hashes[i] & mask) * 8)
        for j in range(some):
            if counts[SETS] + shown.most * (first[j + 1] - first[j] + 1) > len(sets.rows):
                return position + j
            moving = EMPTY
            for i in range(first[j], first[j + 1]):
                mine = under[i]
                if mine == EMPTY:
                    continue
                action = moves.actions[i]
                kind = moves.kinds[action]
                if kind == BLOCKED:
                    taken.blocked[action] = combine(EITHER, taken.blocked[action], mine, sets)
                    continue
                moving = combine(EITHER, moving, mine, sets)
                taken.fired[action] += 1
                taken.steps[mine] += 1
                if kind == ASSERT:
                    show(FAILED, mine, shown, sets)
                elif kind == ERROR:
                    show(BROKEN, mine, shown, sets)
                else:
                    show_events(moves.events, i * moves.words, moves.words, mine, shown, sets)
                    row = row_of(hashes[i], out_at, i * size, states)
                    fresh = combine(WITHOUT, mine, states.reached[row], sets)
                    if fresh != EMPTY:
                        states.reached[row] = combine(EITHER, states.reached[row], fresh, sets)
                        if states.ahead[row] == EMPTY:
                            states.following[counts[NEXT]] = row
                            counts[NEXT] += 1
                        states.ahead[row] = combine(EITHER, states.ahead[row], fresh, sets)
            left = combine(WITHOUT, news[position + j], moving, sets)
            if left != EMPTY and not at_rest(queue[position + j], states, rest):
                show(DEADLOCKED, left, shown, sets)
        position += some
    return position


@kept_loop
def stuck(queue, news, position, stop, states, sets, moves, shown, rest):
    """Look for deadlocks among the states of `queue` from the position on; gives how far it came, as `expand`."""
    while position < stop:
        n = call_moves(
            moves.function,
            states.rows.ctypes.data + 8 * states.size * queue[position],
            moves.out.ctypes.data,
            moves.actions.ctypes.data,
            moves.events.ctypes.data,
        )
        if states.counts[SETS] + shown.most * (n + 1) > len(sets.rows):
            return position
        left = news[position]
        for i in range(n):
            if moves.kinds[moves.actions[i]] != BLOCKED:
                left = combine(WITHOUT, left, moves.presence[moves.actions[i]], sets)
        if left != EMPTY and not at_rest(queue[position], states, rest):
            show(DEADLOCKED, left, shown, sets)
        position += 1
    return position


@kept_loop
def check(function, queue, news, position, stop, states, sets, moves, shown):
    """Look at the states of `queue` from the position on, under the settings `news`; gives how far it came, as `expand`."""
    while position < stop:
        if states.counts[SETS] + shown.most > len(sets.rows):
            return position
        for word in range(moves.words):
            moves.events[word] = U(0)
        address = states.rows.ctypes.data + 8 * states.size * queue[position]
        call_check(function, address, 1, moves.events.ctypes.data)
        show_events(moves.events, 0, moves.words, news[position], shown, sets)
        position += 1
    return position
