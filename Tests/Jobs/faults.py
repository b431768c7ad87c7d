#!/usr/bin/env python3
"""Lets each call of `martlet embed` that changes a file fail, one after the other, and compares what the same command gives afterwards.

    Tests/Jobs/faults.py MARTLET [--rows 300] [--sinks npy,f32,jsonl,json,csv,parquet,arrow,sqlite,collection,changes] [--kinds error,full,short,end,torn]

faults.c stands between the command and the C library. At each call, in turn: EIO; a full disk from there on; a short write; SIGKILL before the
call; SIGKILL after half of a write. After the first three the command ends by itself, with an error or whole; then it is run again without
faults, and has to give what a run without faults gives. Needs a C compiler; on Linux.
"""
import argparse
import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def fail(what: str) -> None:
    sys.exit(f"FAILED: {what}")


class Sink:
    """A destination in a folder of its own."""

    def __init__(self, name: str, source: str):
        self.name, self.source = name, source

    def arguments(self, folder: str) -> list[str]:
        # Short vectors: a page of SQLite is one write, whatever it holds.
        base = ["-f", self.source, "--id", "id", "--dimensions", "8"]
        if self.name == "sqlite":
            return [*base, "--to", f"sqlite:{folder}/out.db"]
        if self.name == "collection":
            return [*base, "--to", f"martlet:{folder}/c.martlet"]
        if self.name == "changes":
            # With a journal each batch is a commit of its own.
            return [*base, "--to", f"martlet:{folder}/c.martlet", "--only-changed", "--journal", f"{folder}/changes"]
        return [*base, "--meta", "-o", f"{folder}/out.{self.name}", "--resume"]

    def contents(self, martlet: str, folder: str):
        """What the destination holds; None: nothing yet."""
        if self.name == "sqlite":
            with sqlite3.connect(f"{folder}/out.db") as database:
                if database.execute("pragma integrity_check").fetchone() != ("ok",):
                    fail("integrity_check")
                return database.execute("select id, embedding from embeddings order by id").fetchall()
        if self.name in ["collection", "changes"]:
            path = f"{folder}/c.martlet"
            checked = subprocess.run([martlet, "collection", "check", path], capture_output=True, text=True)
            if checked.returncode:
                fail(f"collection check: {checked.stdout}{checked.stderr}")
            out = subprocess.run([martlet, "collection", "export", path, "--vectors"], capture_output=True, text=True, check=True).stdout
            rows = sorted(out.splitlines())
            if len({json.loads(row)["id"] for row in rows}) != len(rows):
                fail("a row is there twice")
            return rows
        found = []
        for ending in ["", ".meta.json"]:
            path = f"{folder}/out.{self.name}{ending}"
            if not os.path.exists(path):
                return None
            found.append(open(path, "rb").read())
        return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--sinks", default="npy,f32,jsonl,json,csv,parquet,arrow,sqlite,collection,changes")
    parser.add_argument("--kinds", default="error,full,short,end,torn")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="martlet-faults-")
    try:
        library = f"{work}/faults.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, f"{HERE}/faults.c", "-ldl"], check=True)
        os.environ["XDG_STATE_HOME"] = f"{work}/state"
        source = f"{work}/in.jsonl"
        choose = random.Random(1)
        with open(source, "w") as file:
            for row in range(options.rows):
                words = " ".join(choose.choice(["cat", "dog", "river", "stone"]) for _ in range(choose.randint(1, 9)))
                file.write(json.dumps({"id": f"r{row}", "text": f"{words} {row}"}) + "\n")
        for name in options.sinks.split(","):
            run(options, work, library, Sink(name, source))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(options, work: str, library: str, sink: Sink) -> None:
    def embed(folder: str, **faults: str) -> subprocess.CompletedProcess:
        environment = dict(os.environ)
        if faults:
            environment |= {"LD_PRELOAD": library, "FAULT_FOLDER": folder} | faults
        return subprocess.run([options.martlet, "embed", "-q", *sink.arguments(folder)], capture_output=True, text=True, env=environment)

    def fresh() -> str:
        folder = f"{work}/run"
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        return folder

    folder, count = fresh(), f"{work}/count"
    whole = embed(folder, FAULT_COUNT=count)
    if whole.returncode:
        fail(f"{sink.name}: without faults: {whole.stderr}")
    wanted = sink.contents(options.martlet, folder)
    calls = os.path.getsize(count)
    os.remove(count)
    tally = collections.Counter()
    for kind in options.kinds.split(","):
        for call in range(calls):
            folder = fresh()
            place = f"{sink.name}: {kind} at call {call} of {calls}"
            broken = embed(folder, FAULT_CALL=str(call), FAULT_KIND=kind)
            killed = broken.returncode == -9
            if broken.returncode < 0 and not (killed and kind in ["end", "torn"]):
                fail(f"{place}: ended by signal {-broken.returncode}: {broken.stderr}")
            if broken.returncode > 0 and "cannot" not in broken.stderr and "error" not in broken.stderr:
                fail(f"{place}: no reason in {broken.stderr!r}")
            if kind == "short" and broken.returncode:
                fail(f"{place}: a short write was not continued: {broken.stderr}")
            if sink.name not in ["sqlite", "collection", "changes"]:
                if sink.contents(options.martlet, folder) not in [None, wanted]:
                    fail(f"{place}: the output is neither absent nor whole")
            again = embed(folder)
            if again.returncode:
                fail(f"{place}: then {again.stderr}")
            if sink.contents(options.martlet, folder) != wanted:
                fail(f"{place}: then other rows")
            tally["killed" if killed else "an error" if broken.returncode else "went on"] += 1
    told = ", ".join(f"{tally[what]} {what}" for what in ["an error", "killed", "went on"])
    print(f"{sink.name}: {calls} calls, {sum(tally.values())} runs with a fault ({told}); every result equals the one without", flush=True)


main()
