// Timing by minimum, and the machine's peak for the instructions that a kernel table uses.
#ifndef MARTLET_BENCH_H
#define MARTLET_BENCH_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "martlet_kernels.h"

static inline double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);  // what other processes take does not count
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline float uniform(void) {  // [-1, 1)
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(int32_t)(state >> 32) / 2147483648.f;
}

static inline void *allocate(int64_t bytes) {
    void *p = aligned_alloc(64, (size_t)(bytes + 191) / 64 * 64);
    if (!p) abort();
    return memset(p, 0, (size_t)(bytes + 191) / 64 * 64);
}

// Bytes from a row of activations to the next, as the library lays them out: never whole KiB.
static inline int64_t row_bytes(int64_t width, int64_t element) {
    return width * element % 1024 ? width * element : width * element + 64;
}

// The least time of one call: calls repeat until each sample lasts 50 us, and samples until `budget` seconds have gone.
#define BEST(result, budget, call) \
    do { \
        double start_ = seconds(), once_; \
        call; \
        once_ = seconds() - start_; \
        const int repeats_ = once_ > 5e-5 ? 1 : (int)(5e-5 / (once_ + 1e-9)) + 1; \
        const double end_ = seconds() + (budget); \
        (result) = 1e9; \
        int samples_ = 0; \
        do { \
            start_ = seconds(); \
            for (int i_ = 0; i_ < repeats_; i_++) { call; } \
            once_ = (seconds() - start_) / repeats_; \
            if (once_ < (result)) (result) = once_; \
        } while (seconds() < end_ || ++samples_ < 3); \
    } while (0)

// Operations a second (a multiply and an add are two) of independent chains of the table's own instruction; 0 if unknown.
double peak(const mk_kernels *table, mk_precision precision);

#endif
