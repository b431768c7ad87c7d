#!/usr/bin/env bash
# Runs the kernel tables against the scalar one in plain C: natively, with the tiles of AMX imitated in C, then for 64-bit Arm under qemu with
# CPUs that have different features.
#
# Needs clang (the Swift toolchain's will do) and, on Debian or Ubuntu,
#   apt-get install qemu-user gcc-aarch64-linux-gnu
# Without qemu or the Arm C library the last part is skipped, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

clang=${CLANG:-$(command -v clang || true)}
if [[ -z $clang ]]; then
    echo "test-neon: no clang found; set CLANG to its path" >&2
    exit 1
fi
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
kernels=Sources/CMartletKernels
sources=(Tests/Kernels/tables.c "$kernels"/{cpu,choice,check,sizes,int4}.c "$kernels"/isa/*.c)
flags=(-std=gnu11 -O2 -fno-math-errno -Wall -Wextra -Werror)

echo "native, AMX in C:"
"$clang" "${flags[@]}" -DMK_AMX_IN_C "${sources[@]}" -o "$build/native" -lm
"$build/native"

if [[ $(uname -m) == x86_64 ]]; then
    "$clang" "${flags[@]}" -S "$kernels/isa/amx.c" -o "$build/amx.s"
    for instruction in ldtilecfg tilezero tileloadd tdpbusd tdpbf16ps tilestored tilerelease; do
        grep -qw "$instruction" "$build/amx.s" || { echo "amx: the compiled kernels have no $instruction" >&2; exit 1; }
    done
    echo "amx: compiled to the instructions of the CPU"
fi

for tool in qemu-aarch64 aarch64-linux-gnu-gcc; do
    if ! command -v "$tool" > /dev/null; then
        echo "neon: skipped: no $tool"
        exit 0
    fi
done
for source in "${sources[@]}"; do
    object=$build/$(basename "$source" .c).o
    "$clang" --target=aarch64-linux-gnu "${flags[@]}" -isystem /usr/aarch64-linux-gnu/include -c "$source" -o "$object"
done
aarch64-linux-gnu-gcc -static "$build"/*.o -o "$build/neon" -lm
# A CPU, and the tables that it must find.
while read -r cpu tables; do
    echo "neon, under qemu-aarch64 -cpu $cpu:"
    qemu-aarch64 -cpu "$cpu" "$build/neon" | tee "$build/found"
    found=$(awk '/agrees with scalar/ { print $1 }' "$build/found" | tr '\n' ' ')
    [[ "$found" == "$tables " ]] || { echo "test-neon: $cpu runs $found, expected $tables" >&2; exit 1; }
done << 'CPUS'
cortex-a53 neon
neoverse-n1 neondot neon
max,sve=off neoni8mm neondot neon
CPUS
