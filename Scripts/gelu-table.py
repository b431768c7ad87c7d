"""Writes the table of Sources/CMartletKernels/isa/gelu_table.h: x * Phi(x) as a parabola on each of 30 segments around multiples of STEP,
0 below them and x above. Minimax by iterated reweighting; the largest error is printed."""
import math
import pathlib

import numpy as np

STEP = 0.28
FIRST = -15


def gelu(x):
    return x * 0.5 * np.array([math.erfc(-v / math.sqrt(2)) for v in x])


def parabola(middle):
    """Coefficients of 1, x, x^2 on [middle - STEP / 2, middle + STEP / 2], and their largest error there."""
    x = np.linspace(-STEP / 2, STEP / 2, 2001)
    y, weight = gelu(x + middle), np.ones_like(x)
    powers = np.vander(x, 3)
    for _ in range(200):
        fit = np.linalg.lstsq(powers * weight[:, None], y * weight, rcond=None)[0]
        error = np.abs(powers @ fit - y)
        weight *= np.sqrt(error / error.max() + 1e-3)
        weight /= weight.max()
    c2, c1, c0 = fit
    return (c0 - c1 * middle + c2 * middle**2, c1 - 2 * c2 * middle, c2), error.max()


fits = [parabola((FIRST + i) * STEP) for i in range(30)]
columns = zip(*([(0, 0, 0)] + [c for c, _ in fits] + [(0, 1, 0)]))
ends = np.array([(FIRST - 0.5) * STEP, (FIRST + 29.5) * STEP])
worst = max([e for _, e in fits] + [abs(gelu(ends[:1])[0]), abs(gelu(ends[1:])[0] - ends[1])])
text = f"""// x * Phi(x) as c0 + c1 x + c2 x^2 on segments {STEP} wide, by Scripts/gelu-table.py: largest error {worst:.1e}.
#define GELU_STEPS_PER_UNIT {1 / STEP:.9g}f
"""
for name, column in zip(("gelu_c0", "gelu_c1", "gelu_c2"), columns):
    text += f"static const float {name}[32] __attribute__((aligned(64))) = {{\n"
    for row in range(0, 32, 8):
        text += "    " + ", ".join(f"{float(np.float32(c)):.9g}f" if c != int(c) else f"{int(c)}.f" for c in column[row : row + 8]) + ",\n"
    text += "};\n"
path = pathlib.Path(__file__).resolve().parent.parent / "Sources/CMartletKernels/isa/gelu_table.h"
path.write_text(text)
print(f"largest error {worst:.3e}")
