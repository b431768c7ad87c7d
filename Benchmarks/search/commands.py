"""Whole processes over one collection: python commands.py MARTLET FOLDER N

`martlet search` is started 40 times, files in the page cache; `martlet index` once over the same lines, of which none has changed.
"""
import os
import resource
import subprocess
import sys
import time

martlet, folder, count = sys.argv[1], sys.argv[2], sys.argv[3]
collection = f"{folder}/bench-{count}.martlet"


def ran(*arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    ended = subprocess.run([martlet, *arguments], capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        sys.exit(f"martlet {' '.join(arguments)}: {ended.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.stderr.strip()


runs = sorted(ran("search", collection, "how do I cook pasta")[:2] for _ in range(40))
target = "45 ms" if int(count) <= 100_000 else "80 ms at a million"
print(f"| the whole process martlet search | {target} | p50 {runs[20][0] * 1e3:.0f} ms, least {runs[0][0] * 1e3:.0f}; "
      f"CPU {sorted(run[1] for run in runs)[20] * 1e3:.0f} |")
wall, cpu, said = ran("index", f"{folder}/lines.jsonl", "-o", collection)
print(f"| martlet index again, nothing changed | 10 s a million, nothing embedded | {wall:.1f} s, CPU {cpu:.1f}: {os.path.basename(said)} |")
