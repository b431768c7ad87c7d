/* Loaded before the C library (LD_PRELOAD): counts the calls that change files below a folder, and lets one of them fail.

   FAULT_FOLDER  the folder
   FAULT_COUNT   a file that gets one byte for each call
   FAULT_CALL    the call that fails, from 0
   FAULT_KIND    error: EIO, once
                 full:  half of a write, and ENOSPC from then on
                 short: half of a write, which the caller has to continue
                 end:   SIGKILL before the call
                 torn:  SIGKILL after half of a write */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder, *kind;
static long failing = -1;
static int counter = -1;
static atomic_long calls;
static atomic_int is_full;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULT_FOLDER");
    kind = getenv("FAULT_KIND");
    if (!kind) kind = "";
    const char *call = getenv("FAULT_CALL"), *count = getenv("FAULT_COUNT");
    if (call) failing = atol(call);
    if (count) counter = syscall(SYS_openat, AT_FDCWD, count, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    unsetenv("LD_PRELOAD");
}

static int is_below(const char *path) { return folder && path && strncmp(path, folder, strlen(folder)) == 0; }

static int is_watched(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

enum outcome { PASS, FAIL, HALF, HALF_THEN_END };

/* What becomes of this call. */
static enum outcome enter(int is_write) {
    long call = atomic_fetch_add(&calls, 1);
    if (counter >= 0) syscall(SYS_write, counter, ".", 1);
    if (atomic_load(&is_full) && is_write) {
        errno = ENOSPC;
        return FAIL;
    }
    if (call != failing) return PASS;
    if (!strcmp(kind, "end")) kill(getpid(), SIGKILL);
    if (!strcmp(kind, "torn")) {
        if (is_write) return HALF_THEN_END;
        kill(getpid(), SIGKILL);
    }
    if (!strcmp(kind, "short")) return is_write ? HALF : PASS;
    if (!strcmp(kind, "full")) {
        atomic_store(&is_full, 1);
        if (is_write) return HALF;
        errno = ENOSPC;
        return FAIL;
    }
    errno = EIO;
    return FAIL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t written(ssize_t result, enum outcome outcome) {
    if (outcome == HALF_THEN_END) kill(getpid(), SIGKILL);
    return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    enum outcome outcome = is_watched(descriptor) ? enter(1) : PASS;
    if (outcome == FAIL) return -1;
    if (outcome != PASS && count > 1) count /= 2;
    return written(REAL(write)(descriptor, bytes, count), outcome);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    enum outcome outcome = is_watched(descriptor) ? enter(1) : PASS;
    if (outcome == FAIL) return -1;
    if (outcome != PASS && count > 1) count /= 2;
    return written(REAL(pwrite64)(descriptor, bytes, count, offset), outcome);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
    if (is_watched(descriptor) && enter(0) != PASS) return -1;
    return REAL(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    if (is_watched(descriptor) && enter(0) != PASS) return -1;
    return REAL(fdatasync)(descriptor);
}

int ftruncate64(int descriptor, off64_t size) {
    if (is_watched(descriptor) && enter(0) != PASS) return -1;
    return REAL(ftruncate64)(descriptor, size);
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int rename(const char *from, const char *to) {
    if (is_below(to) && enter(0) != PASS) return -1;
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    if (is_below(path) && enter(0) != PASS) return -1;
    return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode) {
    if (is_below(path) && enter(0) != PASS) return -1;
    return REAL(mkdir)(path, mode);
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (flags & (O_CREAT | O_TRUNC) && is_below(path) && enter(0) != PASS) return -1;
    return REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open64(path, flags, mode);
}
