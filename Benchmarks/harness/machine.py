"""What the figures were measured on."""
import os
import platform
import re
from pathlib import Path

# The features that decide which kernels an engine takes, as Linux spells them.
FEATURES = {'avx2': 'AVX2', 'avx512f': 'AVX-512', 'avx512_vnni': 'VNNI', 'avx_vnni': 'AVX-VNNI', 'avx512_bf16': 'BF16', 'amx_tile': 'AMX',
            'asimd': 'NEON', 'asimddp': 'DOT', 'i8mm': 'I8MM', 'bf16': 'BF16'}
CORES_BY_FAMILY = {('AuthenticAMD', '25'): 'Zen 3 or 4', ('AuthenticAMD', '26'): 'Zen 5'}


def cores():
    return len(os.sched_getaffinity(0))


def _processor():
    fields = {}
    for line in Path('/proc/cpuinfo').read_text().splitlines():
        name, _, value = line.partition(':')
        fields.setdefault(name.strip(), value.strip())
    return fields


def _memory():
    found = re.search(r'MemTotal:\s+(\d+)', Path('/proc/meminfo').read_text())
    return int(found.group(1)) / 2**20


def description():
    fields = _processor()
    name = fields.get('model name', platform.machine())
    family = CORES_BY_FAMILY.get((fields.get('vendor_id'), fields.get('cpu family')))
    present = set((fields.get('flags') or fields.get('Features') or '').split())
    features = ', '.join(dict.fromkeys(label for flag, label in FEATURES.items() if flag in present))
    return (f'{name}{f" ({family})" if family else ""}, {cores()} cores, {features}, {_memory():.0f} GiB memory, '
            f'Linux {".".join(platform.release().split(".")[:2])}')


def slug():
    name = re.sub(r'\(.*?\)|@.*|\bProcessor\b|\bCPU\b', ' ', _processor().get('model name', platform.machine()))
    return re.sub(r'[^a-z0-9]+', '-', f'{name.strip()} {cores()} cores'.lower()).strip('-')


def has(flag):
    return flag in (_processor().get('flags') or '').split()
