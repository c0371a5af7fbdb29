"""The loops that decide liveness on the graph of the compiled search, compiled as those of `kernels.py`.

The states are numbered: those of partition 0 first, and so on (`bases`). The steps out of state v are `start[v]` to
`start[v + 1] - 1` of `target` and `action`. Demands of fairness (search/fairness.py) are bits of a row of 64-bit words.
"""

from __future__ import annotations

import numpy as np

from explorer.search.native.loops.search_loops import SHIFT, TAG_SHIFT, U, equal, hash_at, place
from explorer.search.native.storage.cache import kept_loop
from explorer.search.native.storage.memory import call_label, call_moves, load32


@kept_loop
def label(function, words, chunk, states, count, labels):
    """What `label` of emit.py says of the `count` states of a partition, a row each."""
    for i in range(count):
        call_label(function, states + 8 * len(words) * place(i, chunk), labels.ctypes.data + labels.strides[0] * i)


@kept_loop
def look(function, words, chunk, states, count, scratch, actions, actions_at, events, is_step, bits, steps, possible):
    """How many steps leave each state of a partition, and which demands could be met there."""
    for i in range(count):
        m = call_moves(function, states + 8 * len(words) * place(i, chunk), scratch, actions_at, events)
        n = 0
        for j in range(m):
            n += is_step[actions[j]]
            for k in range(bits.shape[1]):
                possible[i, k] |= bits[actions[j], k]
        steps[i] = n


@kept_loop
def number(words, chunk, tables, table_bits, states, bases, address, index):
    """The number of the state at word `index` of the address, which is one of those found."""
    size = len(words)
    h = hash_at(words, address, index)
    p = np.int64(h >> U(SHIFT))
    mask = (U(1) << U(table_bits[p])) - U(1)
    low = np.uint32(mask)
    tag = np.uint32(h >> TAG_SHIFT) & ~low
    slot = h & mask
    while True:
        entry = load32(tables[p], np.int64(slot))
        if entry == 0:
            return np.int64(-1)
        if entry & ~low == tag:
            at = np.int64(entry & low) - 1
            if equal(words, states[p], place(at, chunk) * size, address, index):
                return bases[p] + at
        slot = (slot + U(1)) & mask


@kept_loop
def link(
    function, words, chunk, p, count, scratch, actions, actions_at, events, is_step, tables, table_bits, states, bases,
    start, target, action,
):  # fmt: skip
    """Fill in the steps of a partition, those of each state in the order of their actions. False if one leads nowhere."""
    size = len(words)
    for i in range(count):
        m = call_moves(function, states[p] + 8 * size * place(i, chunk), scratch, actions_at, events)
        first = start[bases[p] + i]
        n = first
        for j in range(m):
            if is_step[actions[j]]:
                w = number(words, chunk, tables, table_bits, states, bases, scratch, j * size)
                if w < 0:
                    return False
                k = n
                while k > first and action[k - 1] > actions[j]:
                    action[k], target[k] = action[k - 1], target[k - 1]
                    k -= 1
                action[k], target[k] = actions[j], w
                n += 1
    return True


@kept_loop
def components(start, target, group, component):
    """The strongly connected components of the states of one group each (-1: left out), by Tarjan's algorithm; how many."""
    n = len(group)
    index, low = np.zeros(n, np.int32), np.zeros(n, np.int32)
    path, calls = np.empty(n, np.int32), np.empty(n, np.int32)
    at = start[:n].copy()
    component[:] = -1
    top, count, found = 0, 0, 0
    for root in range(n):
        if group[root] < 0 or index[root] != 0:
            continue
        count += 1
        index[root] = low[root] = count
        path[top] = root
        top += 1
        calls[0] = root
        deep = 1
        while deep > 0:
            v = calls[deep - 1]
            if at[v] < start[v + 1]:
                w = target[at[v]]
                at[v] += 1
                if group[w] == group[v]:
                    if index[w] == 0:
                        count += 1
                        index[w] = low[w] = count
                        path[top] = w
                        top += 1
                        calls[deep] = w
                        deep += 1
                    elif component[w] < 0:
                        low[v] = min(low[v], index[w])
            else:
                deep -= 1
                if deep > 0:
                    low[calls[deep - 1]] = min(low[calls[deep - 1]], low[v])
                if low[v] == index[v]:
                    while True:
                        top -= 1
                        component[path[top]] = found
                        if path[top] == v:
                            break
                    found += 1
    return found


@kept_loop
def judge(start, target, action, component, count, bits, possible, strong, group, fair, first):
    """Which components meet every demand: `fair` becomes their number + `first`. States of the others that are left for
    another round have their component as `group`; gives how many these are."""
    size = bits.shape[1]
    taken, ever = np.zeros((count, size), np.uint64), np.zeros((count, size), np.uint64)
    always = np.full((count, size), np.uint64(0xFFFFFFFFFFFFFFFF))
    for v in range(len(component)):
        c = component[v]
        if c >= 0:
            for k in range(size):
                always[c, k] &= possible[v, k]
                ever[c, k] |= possible[v, k]
            for e in range(start[v], start[v + 1]):
                if component[target[e]] == c:
                    for k in range(size):
                        taken[c, k] |= bits[action[e], k]
    left = 0
    for v in range(len(component)):
        c = component[v]
        group[v] = -1
        if c >= 0:
            hopeless, again, stays = False, False, True
            for k in range(size):
                hopeless |= (always[c, k] & ~strong[k] & ~taken[c, k]) != 0
                unmet = ever[c, k] & strong[k] & ~taken[c, k]
                again |= unmet != 0
                stays &= possible[v, k] & unmet == 0
            if not hopeless:
                if not again:
                    fair[v] = first + c
                elif stays:
                    group[v] = c
                    left += 1
    return left


@kept_loop
def spread(start, target, without, entries, fair, initial, later, distance, queue):
    """Breadth first over the nodes of lasso.py (v: not entered; n + v: entered) up to the first level with a fair state.

    Gives that level, -1 for none, and how many nodes are in the queue.
    """
    n = len(without)
    last = -1
    head = tail = 0
    for v in initial:
        if entries[v] and distance[n + v] < 0:
            distance[n + v] = 0
            queue[tail] = n + v
            tail += 1
            if fair[v] >= 0:
                last = 0
        if later and distance[v] < 0:
            distance[v] = 0
            queue[tail] = v
            tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        if distance[node] == last:
            break
        inside = node >= n
        v = node - n if inside else node
        for e in range(start[v], start[v + 1]):
            w = target[e]
            if not inside and distance[w] < 0:
                distance[w] = distance[node] + 1
                queue[tail] = w
                tail += 1
            if (without[w] if inside else entries[w]) and distance[n + w] < 0:
                distance[n + w] = distance[node] + 1
                queue[tail] = n + w
                tail += 1
                if fair[w] >= 0 and last < 0:
                    last = distance[n + w]
    return last, tail


@kept_loop
def mark(start, target, without, entries, fair, distance, queue, last, tail, marked):
    """Mark the nodes of the queue from which a fair state of level `last` is reached in time."""
    n = len(without)
    for at in range(tail - 1, -1, -1):
        node = queue[at]
        inside = node >= n
        v = node - n if inside else node
        if distance[node] == last:
            marked[node] = inside and fair[v] >= 0
            continue
        for e in range(start[v], start[v + 1]):
            w = target[e]
            if not inside and marked[w] and distance[w] == distance[node] + 1:
                marked[node] = True
            if (without[w] if inside else entries[w]) and marked[n + w] and distance[n + w] == distance[node] + 1:
                marked[node] = True


@kept_loop
def seek(start, target, action, fair, bits, possible, strong, origin, wanted, home, came, via, queue):
    """Breadth first inside the component of `origin` to a step that meets a wanted demand, or leads home where there is none.

    Gives the state before that step, and the step; `came` and `via` have the state and the step before each other one, and
    -1 where there is none: `came` must hold nothing else at first, and is restored by `forget`. Last: how far the queue is used.
    """
    size = bits.shape[1]
    anything = False
    for k in range(size):
        anything |= wanted[k] != 0
    came[origin] = origin
    queue[0] = origin
    head, tail = 0, 1
    while head < tail:
        v = queue[head]
        head += 1
        for e in range(start[v], start[v + 1]):
            w = target[e]
            if fair[w] == fair[origin]:
                found = w == home
                if anything:
                    found = False
                    for k in range(size):
                        met = bits[action[e], k] | (~possible[w, k] & ~strong[k])
                        found |= met & wanted[k] != 0
                if found:
                    return v, e, tail
                if came[w] < 0:
                    came[w] = v
                    via[w] = e
                    queue[tail] = w
                    tail += 1
    return np.int64(-1), np.int64(-1), tail


@kept_loop
def forget(came, queue, tail):
    """Make `came` as it was before `seek`."""
    for i in range(tail):
        came[queue[i]] = -1
