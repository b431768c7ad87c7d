"""Goldens of MartletIndex: BM25 by bm25s, and RaBitQ's codes, factors and estimates by numpy in float64.

    pip install numpy bm25s
    python Scripts/index-goldens.py        # writes Tests/MartletIndexTests/Goldens
"""

import json
import pathlib

import bm25s
import numpy as np

GOLDENS = pathlib.Path(__file__).parent.parent / "Tests/MartletIndexTests/Goldens"
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        return (self.next() >> 33) % bound


def bm25():
    random = SplitMix64(1)
    words = [f"w{i}" for i in range(60)]

    def text(length):
        return [words[min(random.below(60), random.below(60))] for _ in range(length)]

    texts = [text(1 + random.below(40)) for _ in range(400)]
    queries = [text(1 + random.below(6)) for _ in range(25)]
    k, b = 1.2, 0.75
    index = bm25s.BM25(k1=k, b=b, method="lucene", dtype="float64")
    index.index(texts, show_progress=False)
    # bm25s leaves the constant factor k + 1 out, as Lucene does.
    scores = [[float(s) * (k + 1) for s in index.get_scores(query)] for query in queries]
    return {
        "texts": [" ".join(t) for t in texts],
        "queries": [" ".join(q) for q in queries],
        "best": [sorted(((round(s, 6), i) for i, s in enumerate(row) if s > 0), key=lambda p: (-p[0], p[1]))[:20] for row in scores],
    }


def hadamard(x):
    x = x.copy()
    step = 1
    while step < len(x):
        x = x.reshape(-1, 2, step)
        x = np.stack([x[:, 0] + x[:, 1], x[:, 0] - x[:, 1]], axis=1).reshape(-1)
        step *= 2
    return x / np.sqrt(len(x))


def rotate(x, signs):
    n = len(x)
    power = 1 << (n.bit_length() - 1)
    for turn in range(4):
        x = x * signs[turn]
        start = 0 if turn % 2 == 0 else n - power
        x[start : start + power] = hadamard(x[start : start + power])
        if power != n:
            half = n // 2
            x = np.concatenate([x[:half] + x[half:], x[:half] - x[half:]]) / np.sqrt(2)
    return x


def rabitq(dimensions, rows):
    seed = 99
    padded = (dimensions + 63) // 64 * 64
    generator = SplitMix64(seed)
    words = [generator.next() for _ in range(4 * padded // 64)]
    bits = np.array([word >> bit & 1 for word in words for bit in range(64)]).reshape(4, padded)
    signs = 1.0 - 2.0 * bits
    numbers = SplitMix64(7)
    x = np.array([[numbers.below(2001) / 1000 - 1 for _ in range(dimensions)] for _ in range(rows + 1)])
    vectors, query = x[:rows], x[rows]
    mean = vectors.mean(axis=0)
    pad = np.zeros(padded - dimensions)
    rotated = np.array([rotate(np.concatenate([v - mean, pad]), signs) for v in vectors])
    q = rotate(np.concatenate([query, pad]), signs)
    factors = (rotated**2).sum(axis=1) / np.abs(rotated).sum(axis=1)
    estimates = query @ mean + factors * (np.sign(rotated) @ q)
    return {
        "seed": seed,
        "dimensions": dimensions,
        "vectors": [[round(float(v), 3) for v in row] for row in vectors],
        "query": [round(float(v), 3) for v in query],
        "rotatedQuery": [round(float(v), 6) for v in q],
        "factors": [round(float(v), 6) for v in factors],
        "estimates": [round(float(v), 5) for v in estimates],
        "exact": [round(float(v), 5) for v in vectors @ query],
    }


GOLDENS.mkdir(parents=True, exist_ok=True)
(GOLDENS / "bm25.json").write_text(json.dumps(bm25()) + "\n")
(GOLDENS / "rabitq.json").write_text(json.dumps([rabitq(64, 70), rabitq(100, 70), rabitq(384, 24)]) + "\n")
