// For clock_gettime under strict C.
#define _POSIX_C_SOURCE 200809L
#include "martlet_kernels.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

// A line for each member, apart from its neighbour's by what the CPU fetches at once: a member writes its own alone, and each is
// carried to the others once.
typedef struct {
    _Alignas(128) _Atomic uint32_t step;
} member_line;

struct mk_barrier {
    _Alignas(128) _Atomic uint32_t is_abandoned;
    // When the work began that the leader can do again alone; 0: it cannot. The leader's alone.
    uint64_t begun;
    member_line members[1];
};

mk_barrier *mk_barrier_make(int32_t count) {
    size_t bytes = sizeof(mk_barrier) + sizeof(member_line) * (size_t)(count < 1 ? 0 : count - 1);
    mk_barrier *barrier = aligned_alloc(sizeof(member_line), bytes);
    if (!barrier) return NULL;
    atomic_init(&barrier->is_abandoned, 0);
    barrier->begun = 0;
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

void mk_yield(void) { sched_yield(); }

static uint64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int32_t mk_barrier_is_abandoned(const mk_barrier *barrier) {
    return atomic_load_explicit(&((mk_barrier *)barrier)->is_abandoned, memory_order_acquire) != 0;
}

void mk_barrier_begin(mk_barrier *barrier) { barrier->begun = nanoseconds(); }

static void abandon(mk_barrier *barrier) { atomic_store_explicit(&barrier->is_abandoned, 1, memory_order_release); }

void mk_barrier_wait(mk_barrier *barrier, int32_t member, int32_t count) {
    // Looks between two looks at the clock, and how long a member looks before it lets other threads run.
    enum { LOOKS = 64, PATIENCE = 100000 };
    uint32_t step = atomic_load_explicit(&barrier->members[member].step, memory_order_relaxed) + 1;
    atomic_store_explicit(&barrier->members[member].step, step, memory_order_release);
    uint64_t since = 0, begun = member == 0 ? barrier->begun : 0;
    for (int32_t other = 0; other < count; other++) {
        // A step ahead is as good; steps wrap around.
        for (uint32_t looks = 1; (int32_t)(atomic_load_explicit(&barrier->members[other].step, memory_order_acquire) - step) < 0; looks++) {
            mk_pause();
            if (looks % LOOKS) continue;
            if (mk_barrier_is_abandoned(barrier)) return;
            uint64_t now = nanoseconds();
            if (!since) since = now;
            uint64_t waited = now - since;
            if (begun) {
                // What it took so far will be lost: it is worth as long a wait, and no longer one.
                if (waited > PATIENCE + (since - begun)) return abandon(barrier);
            } else if (waited > PATIENCE) {
                sched_yield();
            }
        }
    }
}
