/*
 * lost_update
 * Written by `explore export --to promela`. To count states and transitions:
 *
 *     spin -a lost_update.pml
 *     gcc -O2 -w -DSAFETY -DNOREDUCE -o pan pan.c
 *     ./pan -m1000000
 *
 * "states, stored" are the states that `explore` counts; "transitions" are its transitions plus 1.
 * If it prints "max search depth too small", the counts mean nothing: give it a larger -m.
 *
 * To look for a violation, give spin -a one of these; with -DBFS for gcc, the run found is one of the shortest:
 *     -DPROPERTY_never_goes_down: where never_goes_down is violated
 *     -DPROPERTY_the_first_is_done: where the first is done is reached
 *     -DPROPERTY_checked: where checked is reached
 *     -DASSERTIONS: where an assertion of the model fails
 *     -DERRORS: where the model itself is in error (ranges, indexes)
 *     -DDEADLOCK: where nobody can move and somebody should
 * Without them a failing step leads back to its state, so that it is counted.
 */

#define worker_0_at_finished 0
#define worker_0_at_read 1
#define worker_0_at_write 2
#define worker_0_at_read_2 3
#define worker_0_at_write_2 4
#define worker_1_at_finished 0
#define worker_1_at_read 1
#define worker_1_at_write 2
#define worker_1_at_read_2 3
#define worker_1_at_write_2 4
#define checker_at_finished 0
#define checker_at_check 1

byte counter_count = 0;                                      /* counter.count: 0..4 */
byte worker_0_at = worker_0_at_read;                         /* worker[0].at: 5 values */
byte worker_1_at = worker_1_at_read;                         /* worker[1].at: 5 values */
byte checker_at = checker_at_check;                          /* checker.at: 2 values */
byte worker_0_worker_seen = 0;                               /* worker[0].worker.seen: 0..4 */
byte worker_1_worker_seen = 0;                               /* worker[1].worker.seen: 0..4 */

#ifdef ASSERTIONS
#define FAILED assert(false)
#else
#define FAILED skip
#endif
#ifdef ERRORS
#define FAULT assert(false)
#else
#define FAULT skip
#endif

/* properties of steps: what they need of the state before is kept while a step assigns */
#ifdef PROPERTY_never_goes_down
int before_counter_count = 0;
#define BEFORE before_counter_count = counter_count;
#define AFTER ; assert(before_counter_count <= counter_count); before_counter_count = 0
#endif
#ifndef AFTER
#define BEFORE
#define AFTER
#endif

active proctype system()
{
#ifndef DEADLOCK
end:
#endif
    do
    /* worker[0]: read; lost_update.py:32 */
    :: d_step { worker_0_at == worker_0_at_read ->
        BEFORE
        worker_0_worker_seen = counter_count; worker_0_at = worker_0_at_write
        AFTER }
    /* worker[0]: write; lost_update.py:35 */
    :: d_step { worker_0_at == worker_0_at_write && (worker_0_worker_seen + 1) <= 4 ->
        BEFORE
        counter_count = worker_0_worker_seen + 1; worker_0_worker_seen = 0; worker_0_at = worker_0_at_read_2
        AFTER }
    /* worker[0]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4 */
    :: d_step { worker_0_at == worker_0_at_write && 4 < (worker_0_worker_seen + 1) -> FAULT }
    /* worker[0]: read; lost_update.py:32 */
    :: d_step { worker_0_at == worker_0_at_read_2 ->
        BEFORE
        worker_0_worker_seen = counter_count; worker_0_at = worker_0_at_write_2
        AFTER }
    /* worker[0]: write; lost_update.py:35 */
    :: d_step { worker_0_at == worker_0_at_write_2 && (worker_0_worker_seen + 1) <= 4 ->
        BEFORE
        counter_count = worker_0_worker_seen + 1; worker_0_worker_seen = 0; worker_0_at = worker_0_at_finished
        AFTER }
    /* worker[0]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4 */
    :: d_step { worker_0_at == worker_0_at_write_2 && 4 < (worker_0_worker_seen + 1) -> FAULT }
    /* worker[1]: read; lost_update.py:32 */
    :: d_step { worker_1_at == worker_1_at_read ->
        BEFORE
        worker_1_worker_seen = counter_count; worker_1_at = worker_1_at_write
        AFTER }
    /* worker[1]: write; lost_update.py:35 */
    :: d_step { worker_1_at == worker_1_at_write && (worker_1_worker_seen + 1) <= 4 ->
        BEFORE
        counter_count = worker_1_worker_seen + 1; worker_1_worker_seen = 0; worker_1_at = worker_1_at_read_2
        AFTER }
    /* worker[1]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4 */
    :: d_step { worker_1_at == worker_1_at_write && 4 < (worker_1_worker_seen + 1) -> FAULT }
    /* worker[1]: read; lost_update.py:32 */
    :: d_step { worker_1_at == worker_1_at_read_2 ->
        BEFORE
        worker_1_worker_seen = counter_count; worker_1_at = worker_1_at_write_2
        AFTER }
    /* worker[1]: write; lost_update.py:35 */
    :: d_step { worker_1_at == worker_1_at_write_2 && (worker_1_worker_seen + 1) <= 4 ->
        BEFORE
        counter_count = worker_1_worker_seen + 1; worker_1_worker_seen = 0; worker_1_at = worker_1_at_finished
        AFTER }
    /* worker[1]: write; lost_update.py:35; range: counter.count would become ...; its range is 0..4 */
    :: d_step { worker_1_at == worker_1_at_write_2 && 4 < (worker_1_worker_seen + 1) -> FAULT }
    /* checker: check; lost_update.py:40 */
    :: d_step { checker_at == checker_at_check && worker_0_at == worker_0_at_finished &&
        worker_1_at == worker_1_at_finished && counter_count == 4 ->
        BEFORE
        checker_at = checker_at_finished
        AFTER }
    /* checker: check; lost_update.py:40; assert: lost update */
    :: d_step { checker_at == checker_at_check && worker_0_at == worker_0_at_finished &&
        worker_1_at == worker_1_at_finished && !(counter_count == 4) -> FAILED }
#ifdef PROPERTY_the_first_is_done
    /* reachable the first is done */
    :: d_step { worker_0_at == worker_0_at_finished -> assert(false) }
#endif
#ifdef PROPERTY_checked
    /* reachable checked */
    :: d_step { checker_at == checker_at_finished -> assert(false) }
#endif
#ifdef DEADLOCK
    /* everybody is finished or may wait for ever */
    :: d_step { (worker_0_at == worker_0_at_finished) && (worker_1_at == worker_1_at_finished) && (checker_at == checker_at_finished) -> skip }
#endif
    od
}
