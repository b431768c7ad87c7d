#!/usr/bin/env python3
"""Makes Sources/CMartletKernels/grids.c: the points of GGML's IQ formats, as the gguf package has them. usage: grid-tables.py OUT

A block of these formats holds indices of points, each of 8 or of 4 coordinates that are levels of a short list. Here a point is 16 bits: two
bits for each of 8 coordinates, or four bits for each of 4, from the first coordinate up: the place of its level in the list.
"""
import sys

import gguf.quants as quants
import numpy as np

TABLES = [("iq2_xxs", quants.IQ2_XXS), ("iq2_xs", quants.IQ2_XS), ("iq2_s", quants.IQ2_S), ("iq3_xxs", quants.IQ3_XXS),
          ("iq3_s", quants.IQ3_S), ("iq1", quants.IQ1_S)]


def codes(kind):
    kind.init_grid()
    points = kind.grid.reshape(kind.grid_shape)
    places = np.searchsorted(np.array(kind.grid_map, dtype=np.float32), points).astype(np.uint32)
    width = 16 // points.shape[1]
    return (places << (np.arange(points.shape[1], dtype=np.uint32) * width)).sum(axis=1)


def main():
    lines = ["// Points of GGML's IQ formats (ggml/src/ggml-common.h), made by Scripts/grid-tables.py.", "", '#include "grids.h"', ""]
    for name, kind in TABLES:
        values = codes(kind)
        lines.append(f"const uint16_t mk_grid_{name}[{len(values)}] = {{")
        for start in range(0, len(values), 14):
            lines.append("    " + ", ".join(f"0x{v:04x}" for v in values[start:start + 14]) + ",")
        lines += ["};", ""]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("\n".join(lines[:-1]) + "\n")


main()
