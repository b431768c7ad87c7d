"""What is measured on what."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    name: str
    texts: int
    max_tokens: int


@dataclass(frozen=True)
class Size:
    """How much of everything."""
    workloads: dict
    queries: int
    colds: int
    scaling: tuple         # lines
    output: dict           # workload: texts
    tokenizer: dict        # workload: texts


def _workloads(short, para, doc, limit=256):
    # MiniLM was made for 256 tokens and has positions for 512, which doc uses.
    return {'short': Workload('short', short, limit), 'para': Workload('para', para, limit), 'doc': Workload('doc', doc, 512)}


FULL = Size(_workloads(2000, 400, 32), 200, 5, (1_000, 10_000, 100_000), {'short': 20_000, 'para': 3_000},
            {'short': 20_000, 'para': 5_000, 'doc': 400})
QUICK = Size(_workloads(400, 100, 10), 50, 2, (1_000, 10_000), {'short': 2_000, 'para': 500}, {'short': 4_000, 'para': 1_000, 'doc': 50})
# One pass of a big model costs as much as many of a small one.
SHAPES = {'bge-base': _workloads(100, 24, 4, 512), 'bge-large': _workloads(50, 12, 2, 512)}
SHAPES_QUICK = {'bge-base': _workloads(20, 6, 1, 512), 'bge-large': _workloads(10, 4, 1, 512)}
