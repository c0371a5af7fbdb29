/* Copy-on-write with pins, written by hand for Spin: the graph of benchmarks/models/cow.py, early_copy on.
 *
 *   spin -a -DP=3 -DV=1 -DF=3 cow.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m100000 -w24
 *
 * Its first step, which says who is born, is one state and one transition more than the model has.
 *
 * Frames, pages and processes count from 1 (element 0 of an array is not used), 0 stands for none. One process, and one
 * d_step for each rule and each of its values: what varies at run time is an index, as one would write it by hand.
 */
#ifndef P
#define P 3
#endif
#ifndef V
#define V 1
#endif
#ifndef F
#define F 3
#endif

#define IDLE 0
#define NOT_BORN 1
#define CHECK 2
#define REUSE 3
#define COPY 4
#define STORE 5
#define PIN 6
#define WRPROTECT 7
#define SHARE 8
#define EMBRYO 9
#define EXIT 10

byte at[P+1], page[P+1], op[P+1], child[P+1], pinned_page[P+1], pinned_frame[P+1];
byte pte[(P+1)*(V+1)];
bool writable[(P+1)*(V+1)];
byte tag[F+1], refcount[F+1];
hidden byte new, old;

#define pv(p,v) ((p)*(V+1)+(v))
#define free_frame \
  new = 1; \
  do :: new <= F && refcount[new] != 0 -> new++ :: else -> break od; \
  if :: new > F -> new = 0 :: else fi
#define idle(p) at[p] = IDLE; page[p] = 0; op[p] = 0; child[p] = 0
#define retry(p) if :: op[p] == 1 -> at[p] = STORE :: else -> at[p] = PIN fi
#define advance(p,v,c) \
  if :: v == V -> idle(p); at[c] = IDLE \
     :: else -> at[p] = WRPROTECT; page[p] = v + 1 fi

#define PAGE_RULES(p,v) \
  :: d_step { at[p] == IDLE && writable[pv(p,v)] && pte[pv(p,v)] != 0 && tag[pte[pv(p,v)]] != 1 -> tag[pte[pv(p,v)]] = 1 } \
  :: d_step { at[p] == IDLE && !writable[pv(p,v)] -> at[p] = CHECK; page[p] = v; op[p] = 1 } \
  :: d_step { at[p] == IDLE && pinned_page[p] == 0 -> page[p] = v; op[p] = 2; \
       if :: writable[pv(p,v)] -> at[p] = PIN :: else -> at[p] = CHECK fi } \
  :: d_step { at[p] == CHECK && page[p] == v -> \
       if :: pte[pv(p,v)] != 0 && refcount[pte[pv(p,v)]] == 1 -> at[p] = REUSE :: else -> at[p] = COPY fi } \
  :: d_step { at[p] == REUSE && page[p] == v -> writable[pv(p,v)] = 1; retry(p) } \
  :: d_step { at[p] == COPY && page[p] == v -> free_frame; old = pte[pv(p,v)]; \
       if :: new == 0 -> idle(p) \
          :: else -> \
               tag[new] = 0; \
               if :: old != 0 -> tag[new] = tag[old]; refcount[old]-- :: else fi; \
               refcount[new] = 1; pte[pv(p,v)] = new; writable[pv(p,v)] = 1; retry(p) fi; \
       new = 0; old = 0 } \
  :: d_step { at[p] == STORE && page[p] == v -> \
       if :: pte[pv(p,v)] != 0 -> tag[pte[pv(p,v)]] = 1 :: else fi; idle(p) } \
  :: d_step { at[p] == PIN && page[p] == v -> pinned_page[p] = v; pinned_frame[p] = pte[pv(p,v)]; \
       if :: pte[pv(p,v)] != 0 -> refcount[pte[pv(p,v)]]++ :: else fi; idle(p) }

#define FORK_RULES(p,v,c) \
  :: d_step { at[p] == WRPROTECT && page[p] == v && child[p] == c -> free_frame; old = pte[pv(p,v)]; \
       if :: old == 0 -> advance(p,v,c) \
          :: old != 0 && pinned_frame[p] == old && new == 0 -> idle(p); at[c] = EXIT; page[c] = 1 \
          :: old != 0 && pinned_frame[p] == old && new != 0 -> \
               pte[pv(c,v)] = new; writable[pv(c,v)] = 1; refcount[new] = 1; tag[new] = tag[old]; advance(p,v,c) \
          :: else -> writable[pv(p,v)] = 0; at[p] = SHARE fi; \
       new = 0; old = 0 } \
  :: d_step { at[p] == SHARE && page[p] == v && child[p] == c -> \
       pte[pv(c,v)] = pte[pv(p,v)]; writable[pv(c,v)] = 0; \
       if :: pte[pv(p,v)] != 0 -> refcount[pte[pv(p,v)]]++ :: else fi; advance(p,v,c) }

#define EXIT_RULE(p,v) \
  :: d_step { at[p] == EXIT && page[p] == v -> \
       if :: pte[pv(p,v)] != 0 -> refcount[pte[pv(p,v)]]-- :: else fi; \
       pte[pv(p,v)] = 0; writable[pv(p,v)] = 0; \
       if :: v == V -> at[p] = NOT_BORN; page[p] = 0 :: else -> page[p] = v + 1 fi }

#define LEAVE(p) :: d_step { at[p] == IDLE && pinned_page[p] == 0 -> at[p] = EXIT; page[p] = 1 }

#define PROCESS_RULES(p) \
  :: d_step { at[p] == IDLE && pinned_page[p] != 0 -> \
       if :: pinned_frame[p] != 0 -> refcount[pinned_frame[p]]-- :: else fi; pinned_page[p] = 0; pinned_frame[p] = 0 } \
  :: d_step { pinned_frame[p] != 0 && tag[pinned_frame[p]] != 2 -> tag[pinned_frame[p]] = 2 }

/* the first process that is not born becomes the child */
#define FIRST_BORN(p,c) (((c) <= 1 || (p) == 1 || at[1] != NOT_BORN) && ((c) <= 2 || (p) == 2 || at[2] != NOT_BORN) \
  && ((c) <= 3 || (p) == 3 || at[(3 <= P -> 3 : 1)] != NOT_BORN) && ((c) <= 4 || (p) == 4 || at[(4 <= P -> 4 : 1)] != NOT_BORN))
#define FORK(p,c) \
  :: d_step { at[p] == IDLE && at[c] == NOT_BORN && FIRST_BORN(p,c) -> \
       at[p] = WRPROTECT; page[p] = 1; child[p] = c; at[c] = EMBRYO }

#if V == 1
#define PAGES(p) PAGE_RULES(p,1)
#define CHILD(p,c) FORK_RULES(p,1,c) FORK(p,c)
#define EXITS(p) EXIT_RULE(p,1) LEAVE(p)
#else
#define PAGES(p) PAGE_RULES(p,1) PAGE_RULES(p,2)
#define CHILD(p,c) FORK_RULES(p,1,c) FORK_RULES(p,2,c) FORK(p,c)
#define EXITS(p) EXIT_RULE(p,1) EXIT_RULE(p,2) LEAVE(p)
#endif

active proctype system() {
  d_step {
    at[2] = NOT_BORN;
#if P >= 3
    at[3] = NOT_BORN;
#endif
#if P >= 4
    at[4] = NOT_BORN;
#endif
  }
end:
  do
  PAGES(1) PROCESS_RULES(1) CHILD(1,2)
  PAGES(2) PROCESS_RULES(2) CHILD(2,1) EXITS(2)
#if P >= 3
  CHILD(1,3) CHILD(2,3)
  PAGES(3) PROCESS_RULES(3) CHILD(3,1) CHILD(3,2) EXITS(3)
#endif
#if P >= 4
  CHILD(1,4) CHILD(2,4) CHILD(3,4)
  PAGES(4) PROCESS_RULES(4) CHILD(4,1) CHILD(4,2) CHILD(4,3) EXITS(4)
#endif
  od
}
