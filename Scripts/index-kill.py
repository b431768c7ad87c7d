"""Kills `martlet` at random moments of indexing, searching through, deleting and compacting, and checks the collection each time.

    python Scripts/index-kill.py MARTLET [TIMES]     # 300 times by default

Every record of a run that ended is there once, no record is there twice, `collection check` finds nothing, and a run after a kill brings the
collection to where an undisturbed one would be.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

martlet, times = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300
rng = random.Random(1)
work = tempfile.mkdtemp(prefix="martlet-kill-")
os.chdir(work)
WORDS = "pasta water boil kitchen salt garden rose soil seed spring train station ticket journey map river".split()


def texts(seed, count):
    """Mostly the texts of other seeds, so that a run adds some, changes some and removes some."""
    r = random.Random(seed)
    rows = {}
    for i in range(count):
        if r.random() < 0.2:
            continue
        version = r.choice([0, 0, 0, seed])
        t = random.Random(i * 1000 + version)
        rows[f"r{i}"] = " ".join(t.choice(WORDS) for _ in range(3 + t.randrange(8)))
    return rows


def write(rows):
    with open("r.jsonl", "w") as out:
        for key, text in rows.items():
            out.write(json.dumps({"id": key, "text": text, "n": len(text)}) + "\n")


def export():
    out = subprocess.run([martlet, "collection", "export", "c.martlet"], capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"export failed: {out.stderr}")
    rows = [json.loads(line) for line in out.stdout.splitlines()]
    found = {row["id"]: row["text"] for row in rows}
    if len(found) != len(rows):
        sys.exit("a record is there twice")
    return found


def check():
    out = subprocess.run([martlet, "collection", "check", "c.martlet"], capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"check: {out.stdout}{out.stderr}")


command = [martlet, "index", "r.jsonl", "-o", "c.martlet", "-q"]
write(texts(0, 400))
began = time.time()
subprocess.run(command, check=True)
typical = time.time() - began
state = texts(0, 400)
killed = 0
for turn in range(1, times + 1):
    wanted = texts(turn, 400)
    write(wanted)
    kind = rng.choice(["index", "index", "compact"])
    run = command if kind == "index" else [martlet, "collection", "compact", "c.martlet"]
    child = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(0, 1.1 * typical))
    ended = child.poll() is not None
    if not ended:
        child.kill()
        child.wait()
        killed += 1
    check()
    found = export()
    for key, text in found.items():
        if text not in (state.get(key), wanted.get(key)):
            sys.exit(f"turn {turn}: {key} has a text that nobody gave it")
    for key in state:
        if key in wanted and key not in found:
            sys.exit(f"turn {turn}: {key} is lost")
    if kind == "compact":
        if found != state:
            sys.exit(f"turn {turn}: compacting changed what is there")
        continue
    if turn % 5 == 0 or ended:
        subprocess.run(command, check=True)
        found = export()
        if found != wanted:
            sys.exit(f"turn {turn}: a run after a kill did not finish the work")
    state = found
shutil.rmtree(work)
print(f"{times} turns, {killed} kills: nothing lost, nothing twice, no faults")
