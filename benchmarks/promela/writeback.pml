/* Writeback against DMA, written by hand for Spin: the graph of benchmarks/models/writeback.py, prepare_at_unpin on.
 *
 *   spin -a -DN=3 -DW=2 -DD=2 -DK=2 writeback.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000 -w22
 *
 * Pages count from 1, 0 stands for none; what pages are is a byte of bits each, so the state vector is short. One process,
 * and one d_step for each rule and each of its values.
 */
#ifndef N
#define N 3
#endif
#ifndef W
#define W 2
#endif
#ifndef D
#define D 2
#endif
#ifndef K
#define K 2
#endif

#define IDLE 0
#define FAULT 1
#define STORE 2
#define CLEANED 1
#define WRITTEN 2

byte prepared, writable, dirty, locked;
byte writer[W], writer_page[W];
byte pinned[D];
bool written[D];
byte flusher[K], flusher_page[K];

#define is(set,v) ((set & (1 << v)) != 0)
#define add(set,v) set = set | (1 << v)
#define remove(set,v) set = set & (255 - (1 << v))
#define page_mkwrite(v) add(prepared, v); add(writable, v)

#define WRITER(w,v) \
  :: d_step { writer[w] == IDLE && !is(writable, v) -> writer[w] = FAULT; writer_page[w] = v } \
  :: d_step { writer[w] == FAULT && writer_page[w] == v && !is(locked, v) -> page_mkwrite(v); writer[w] = STORE } \
  :: d_step { writer[w] == STORE && writer_page[w] == v -> \
       if :: is(writable, v) -> add(dirty, v); writer[w] = IDLE; writer_page[w] = 0 \
          :: else -> writer[w] = FAULT fi }

#define DEVICE(d,v) \
  :: d_step { pinned[d] == 0 && !is(locked, v) -> page_mkwrite(v); pinned[d] = v } \
  :: d_step { pinned[d] == v && !written[d] -> written[d] = true } \
  :: d_step { pinned[d] == v && !is(locked, v) -> \
       if :: written[d] -> page_mkwrite(v); add(dirty, v) :: else fi; pinned[d] = 0; written[d] = false }

#define FLUSHER(k,v) \
  :: d_step { flusher[k] == IDLE && is(dirty, v) && !is(locked, v) -> \
       add(locked, v); remove(writable, v); flusher[k] = CLEANED; flusher_page[k] = v } \
  :: d_step { flusher[k] == CLEANED && flusher_page[k] == v -> remove(dirty, v); flusher[k] = WRITTEN } \
  :: d_step { flusher[k] == WRITTEN && flusher_page[k] == v -> \
       if :: !is(dirty, v) && !is(writable, v) -> remove(prepared, v) :: else fi; \
       remove(locked, v); flusher[k] = IDLE; flusher_page[k] = 0 }

#define PAGE(v) \
  WRITER(0,v) WRITERS(v) DEVICE(0,v) DEVICES(v) FLUSHER(0,v) FLUSHERS(v)

#if W == 1
#define WRITERS(v)
#elif W == 2
#define WRITERS(v) WRITER(1,v)
#else
#define WRITERS(v) WRITER(1,v) WRITER(2,v)
#endif
#if D == 1
#define DEVICES(v)
#else
#define DEVICES(v) DEVICE(1,v)
#endif
#if K == 1
#define FLUSHERS(v)
#else
#define FLUSHERS(v) FLUSHER(1,v)
#endif

active proctype system() {
end:
  do
  PAGE(1)
#if N >= 2
  PAGE(2)
#endif
#if N >= 3
  PAGE(3)
#endif
  od
}
