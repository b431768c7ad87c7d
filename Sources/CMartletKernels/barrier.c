#include "martlet_kernels.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

// A line for each member, apart from its neighbour's by what the CPU fetches at once: a member writes its own alone, and each is
// carried to the others once.
typedef struct {
    _Alignas(128) _Atomic uint32_t step;
} member_line;

struct mk_barrier {
    member_line members[1];
};

mk_barrier *mk_barrier_make(int32_t count) {
    size_t bytes = sizeof(member_line) * (size_t)(count < 1 ? 1 : count);
    mk_barrier *barrier = aligned_alloc(sizeof(member_line), bytes);
    if (!barrier) return NULL;
    for (int32_t i = 0; i < count; i++) atomic_init(&barrier->members[i].step, 0);
    return barrier;
}

void mk_barrier_free(mk_barrier *barrier) { free(barrier); }

void mk_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void mk_barrier_wait(mk_barrier *barrier, int32_t member, int32_t count) {
    enum { PATIENCE = 256 };
    uint32_t step = atomic_load_explicit(&barrier->members[member].step, memory_order_relaxed) + 1;
    atomic_store_explicit(&barrier->members[member].step, step, memory_order_release);
    for (int32_t other = 0; other < count; other++) {
        // A step ahead is as good; steps wrap around.
        for (int spins = 0; (int32_t)(atomic_load_explicit(&barrier->members[other].step, memory_order_acquire) - step) < 0; spins++) {
            if (spins < PATIENCE) {
                mk_pause();
            } else {
                sched_yield();
                spins = PATIENCE;
            }
        }
    }
}
