#!/usr/bin/env bash
# Runs the kernel tables against the scalar one in plain C: natively, then for 64-bit Arm under qemu.
#
# Needs clang (the Swift toolchain's will do) and, on Debian or Ubuntu,
#   apt-get install qemu-user gcc-aarch64-linux-gnu
# Without qemu or the Arm C library the second half is skipped, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

clang=${CLANG:-$(command -v clang || true)}
if [[ -z $clang ]]; then
    echo "test-neon: no clang found; set CLANG to its path" >&2
    exit 1
fi
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
sources=(Tests/Kernels/tables.c Sources/CMartletKernels/{cpu,choice,check,sizes}.c Sources/CMartletKernels/isa/*.c)
flags=(-std=gnu11 -O2 -fno-math-errno -Wall -Wextra -Werror)

echo "native:"
"$clang" "${flags[@]}" "${sources[@]}" -o "$build/native" -lm
"$build/native"

for tool in qemu-aarch64 aarch64-linux-gnu-gcc; do
    if ! command -v "$tool" > /dev/null; then
        echo "neon: skipped: no $tool"
        exit 0
    fi
done
echo "neon, under qemu-aarch64:"
for source in "${sources[@]}"; do
    object=$build/$(basename "$source" .c).o
    "$clang" --target=aarch64-linux-gnu "${flags[@]}" -isystem /usr/aarch64-linux-gnu/include -c "$source" -o "$object"
done
aarch64-linux-gnu-gcc -static "$build"/*.o -o "$build/neon" -lm
qemu-aarch64 "$build/neon"
