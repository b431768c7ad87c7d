"""Prints the constants of `v_gelu_erf_short` in Sources/CMartletKernels/template/math.h, and the largest error of that form in float32.

h(t) = t * Phi(-t) on [0, 4] is a polynomial of degree 8 in seven constants and a scale, evaluated as a quartic of a quadratic times a
quadratic in it. Minimax by linear programs of the form linearised around the constants so far, which begin at a local optimum found from
random starts. Needs numpy and scipy.
"""
import numpy as np
from scipy.optimize import linprog
from scipy.special import erfc

LIMIT = 4.0
START = [-4.79, 7.32, -3.76, 12.15, -4.81, 6.185e-5, -2.763e-3, 1.171e-2]


def h(t):
    return t * 0.5 * erfc(t / np.sqrt(2))


def form(constants, t):
    a, b, c, d, e, f, g, i = constants
    y = t * (t + a) + b
    q = y * (t * c + (y + d)) + e
    return q * (q * f + (y * g + i))


def minimax(constants):
    # The last point holds the value beyond the limit to 0.
    t = np.append((1 - np.cos(np.linspace(0, np.pi, 400))) * LIMIT / 2, LIMIT)
    wanted = np.append(h(t[:-1]), 0)
    reach = 0.1
    error = form(constants, t) - wanted
    while reach > 1e-9:
        slope = np.stack([(form(constants + step, t) - wanted - error) / step.sum() for step in np.diag(constants * 1e-6)], 1) * constants
        one = np.ones((len(t), 1))
        program = linprog(
            [0] * len(constants) + [1], A_ub=np.block([[slope, -one], [-slope, -one]]) * 1e4, b_ub=np.concatenate([-error, error]) * 1e4,
            bounds=[(-reach, reach)] * len(constants) + [(0, None)], method="highs")
        if program.x is None:
            reach /= 3
            continue
        moved = constants * (1 + program.x[:-1])
        after = form(moved, t) - wanted
        if abs(after).max() < abs(error).max() * (1 - 1e-7):
            constants, error, reach = moved, after, min(2 * reach, 0.5)
        else:
            reach /= 3
    return constants


constants = minimax(np.array(START)).astype(np.float32)
x = np.linspace(-12, 12, 2_000_001).astype(np.float32)
short = np.maximum(0, x) - form(constants, np.minimum(np.abs(x), np.float32(LIMIT)))
assert short.dtype == np.float32
print("\n".join(f"{c:.9g}f" for c in constants))
print(f"largest error {abs(short - x * 0.5 * erfc(-x.astype(float) / np.sqrt(2))).max():.3e}")
