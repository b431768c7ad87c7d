// The processors that the process may use.
#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#endif
#include "include/martlet_kernels.h"

int32_t mk_usable_processors(int32_t *numbers, int32_t capacity) {
    int32_t count = 0;
#if defined(__linux__)
    // The kernel refuses a mask that is shorter than its own.
    for (int size = 1024; size <= 1 << 16; size *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)size);
        if (!set) return 0;
        const size_t bytes = CPU_ALLOC_SIZE((size_t)size);
        CPU_ZERO_S(bytes, set);
        const int failed = sched_getaffinity(0, bytes, set), reason = errno;
        for (int cpu = 0; !failed && cpu < size; cpu++) {
            if (!CPU_ISSET_S((size_t)cpu, bytes, set)) continue;
            if (count < capacity) numbers[count] = cpu;
            count++;
        }
        CPU_FREE(set);
        if (!failed || reason != EINVAL) break;
    }
#else
    (void)numbers, (void)capacity;
#endif
    return count;
}

bool mk_stay_on(const int32_t *numbers, int32_t count) {
#if defined(__linux__)
    int32_t highest = -1;
    for (int32_t i = 0; i < count; i++) highest = numbers[i] > highest ? numbers[i] : highest;
    if (highest < 0) return false;
    cpu_set_t *set = CPU_ALLOC((size_t)highest + 1);
    if (!set) return false;
    const size_t bytes = CPU_ALLOC_SIZE((size_t)highest + 1);
    CPU_ZERO_S(bytes, set);
    for (int32_t i = 0; i < count; i++) CPU_SET_S((size_t)numbers[i], bytes, set);
    const bool stays = sched_setaffinity(0, bytes, set) == 0;
    CPU_FREE(set);
    return stays;
#else
    (void)numbers, (void)count;
    return false;
#endif
}
