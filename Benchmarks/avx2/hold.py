"""ONNX Runtime or OpenVINO held to AVX2. This makes a copy of the package whose libraries ask a signal handler (mask_cpuid.c) instead of
the CPU: each CPUID instruction that the disassembler finds becomes a UD2, which is as long.
usage: hold.py PACKAGE OUT_DIR"""
import importlib.util
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

# What is not copied, and the libraries that choose kernels.
PACKAGES = {
    'onnxruntime': (['libonnxruntime.so*', 'quantization', 'transformers'], ['capi/onnxruntime_pybind11_state*.so']),
    'openvino': (['*_gpu_*', '*_npu_*', 'cache.json'], ['libs/libopenvino.so*', 'libs/libopenvino_intel_cpu_plugin.so']),
}
CPUID, UD2 = b'\x0f\xa2', b'\x0f\x0b'


def segments(image):
    """(address, offset, size) of what an ELF file of 64 bits loads."""
    start, = struct.unpack_from('<Q', image, 32)
    size, count = struct.unpack_from('<HH', image, 54)
    for index in range(count):
        kind, _, offset, address, _, length = struct.unpack_from('<IIQQQQ', image, start + index * size)
        if kind == 1:
            yield address, offset, length


def replace(library):
    tool = next((name for name in ('objdump', 'llvm-objdump') if shutil.which(name)), None)
    if not tool:
        sys.exit('needs objdump')
    listing = subprocess.run([tool, '-d', '--no-show-raw-insn', str(library)], capture_output=True, text=True, check=True).stdout
    addresses = [int(address, 16) for address in re.findall(r'^\s*([0-9a-f]+):\s+cpuid\s*$', listing, re.M)]
    image = bytearray(library.read_bytes())
    places = list(segments(image))
    for address in addresses:
        offset = next(address - begin + offset for begin, offset, length in places if begin <= address < begin + length)
        if image[offset:offset + 2] != CPUID:
            sys.exit(f'{library.name}: no CPUID at {address:#x}')
        image[offset:offset + 2] = UD2
    if not addresses:
        sys.exit(f'{library.name}: no CPUID found')
    library.write_bytes(image)


def main(name, out):
    left, libraries = PACKAGES[name]
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(Path(importlib.util.find_spec(name).origin).parent, out / name, ignore=shutil.ignore_patterns(*left))
    for pattern in libraries:
        for library in (out / name).glob(pattern):
            replace(library)
    source = Path(__file__).with_name('mask_cpuid.c')
    compiler = next((name for name in ('clang', 'cc') if shutil.which(name)), 'cc')
    subprocess.run([compiler, '-O2', '-shared', '-fPIC', '-o', str(out / 'mask_cpuid.so'), str(source)], check=True)


main(sys.argv[1], Path(sys.argv[2]))
