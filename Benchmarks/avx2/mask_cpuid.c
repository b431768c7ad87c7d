// Answers CPUID for libraries whose CPUID instructions were replaced by UD2 (see hold.py): as the CPU does, without AVX-512, AMX and AVX-VNNI.
// With MASK_KEEPS=avx_vnni in the environment AVX-VNNI stays.
// Loaded with LD_PRELOAD before the library. x86-64 Linux.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

// Bits of leaf 7, by the Intel manual, volume 2A, CPUID.
static const uint32_t leaf7_ebx = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
static const uint32_t leaf7_ecx = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
static const uint32_t leaf7_edx = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;
enum { AVX_VNNI = 1u << 4 };
static uint32_t leaf7_1_eax = AVX_VNNI | 1u << 5 | 1u << 21;

static void on_illegal_instruction(int number, siginfo_t *info, void *context) {
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    if (code[0] != 0x0F || code[1] != 0x0B) {
        signal(number, SIG_DFL);
        return;
    }
    const uint32_t leaf = (uint32_t)registers[REG_RAX], part = (uint32_t)registers[REG_RCX];
    uint32_t a, b, c, d;
    __cpuid_count(leaf, part, a, b, c, d);
    if (leaf == 7 && part == 0) {
        b &= ~leaf7_ebx;
        c &= ~leaf7_ecx;
        d &= ~leaf7_edx;
    } else if (leaf == 7 && part == 1) {
        a &= ~leaf7_1_eax;
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void install(void) {
    const char *keeps = getenv("MASK_KEEPS");
    if (keeps && strcmp(keeps, "avx_vnni") == 0) leaf7_1_eax &= ~(uint32_t)AVX_VNNI;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_illegal_instruction;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGILL, &action, NULL);
}
