/* Names that the static libraries of Swift, libstdc++ and libgcc ask of a newer glibc than the rest needs. */
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* glibc 2.32. 0: there may be threads. */
HIDDEN char __libc_single_threaded = 0;

/* glibc 2.35. -1: not found, so that the unwinder goes through the list of loaded objects. */
HIDDEN int _dl_find_object(void *pc, void *result) {
    (void)pc, (void)result;
    return -1;
}

/* glibc 2.36. */
HIDDEN uint32_t arc4random(void) {
    uint32_t value = 0;
    while (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {}
    return value;
}

/* glibc 2.35 has new versions of both; the old ones are in every glibc. */
#ifdef __x86_64__
#define OLDEST "GLIBC_2.2.5"
#else
#define OLDEST "GLIBC_2.17"
#endif
__asm__(".symver old_hypot, hypot@" OLDEST);
__asm__(".symver old_hypotf, hypotf@" OLDEST);
double old_hypot(double, double);
float old_hypotf(float, float);
HIDDEN double hypot(double x, double y) { return old_hypot(x, y); }
HIDDEN float hypotf(float x, float y) { return old_hypotf(x, y); }
