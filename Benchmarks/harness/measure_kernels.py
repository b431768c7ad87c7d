"""The kernels alone, on one core, as shares of the peak that is measured beside each figure."""
import re

from . import process
from .prepare import ROOT, say

RUN = ROOT / 'Benchmarks/kernels/run'
PARTS = ('products', 'attention', 'norm', 'quantise')
FORWARD = re.compile(
    r'(?P<table>\S+) (?P<precision>\S+) +texts of +(?P<length>\d+) tokens: +(?P<speed>\d+) tokens/s, +(?P<ceiling>[\d.]+) % of the ceiling; '
    r'products +(?P<products>[\d.]+) % of the time at +(?P<peak>[\d.]+) % of peak, attention +(?P<attention>[\d.]+) %, '
    r'norm +(?P<norm>[\d.]+) %, quantise +(?P<quantise>[\d.]+) %')
GEMM = re.compile(r'(?P<table>\S+) (?P<precision>f32|bf16|int8)(?P<gelu> with bias and GELU)?, peak')


def _record(table, precision, workload, values, command):
    return dict(model='minilm', engine='Martlet kernels', precision=precision, settings=table, workload=workload, values=values, command=command)


def forward(seconds):
    """Whole passes of MiniLM for texts of three lengths."""
    arguments = ['forward', 'all', 'all', seconds]
    found = [line.groupdict() for line in map(FORWARD.match, process.run([RUN, *arguments]).output.splitlines()) if line]
    if not found:
        raise process.Failed('Benchmarks/kernels/run forward: no figures')
    shown = 'Benchmarks/kernels/run ' + ' '.join(map(str, arguments))
    return [_record(line['table'], line['precision'], f'forward-{line["length"]}',
                    {'share of ceiling': float(line['ceiling']), 'products of peak': float(line['peak']),
                     **{part: float(line[part]) for part in PARTS}}, shown) for line in found]


def products(seconds):
    """Matrix products by shape and number of rows."""
    arguments = ['gemm', 'all', 'all', seconds]
    shown = 'Benchmarks/kernels/run ' + ' '.join(map(str, arguments))
    records, heading, rows = [], None, []
    for line in process.run([RUN, *arguments]).output.splitlines():
        if found := GEMM.match(line):
            heading = found
        elif ' M=' in line:
            rows = re.findall(r'M=(\d+)', line)
        elif heading and '|' in line:
            shape, shares = line.split('|')
            workload = f'products-{"x".join(shape.split())}' + ('-gelu' if heading['gelu'] else '')
            shares = {f'M={m}': float(share) for m, share in zip(rows, re.findall(r'[\d.]+', shares), strict=True)}
            records.append(_record(heading['table'], heading['precision'], workload, shares, shown))
    if not records:
        raise process.Failed('Benchmarks/kernels/run gemm: no figures')
    return records


def measure(visits, rounds, seconds):
    for round in range(rounds):
        say(f'kernels, round {round + 1}')
        visits.visit('minilm/kernels', 'forward', round, lambda: forward(seconds))
        visits.visit('minilm/kernels', 'products', round, lambda: products(seconds / 50))
