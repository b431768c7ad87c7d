#!/usr/bin/env python3
"""Kills `martlet embed` at random moments and compares what comes out with an uninterrupted run: files byte for byte, a collection row by row.

    Tests/Jobs/kills.py MARTLET [--kills 100] [--rows 3000] [--collection-rows 20000] [--sinks npy,f32,jsonl,json,csv,parquet,arrow,collection] [--seed 1]

Each round of a sink starts one job and kills it with SIGKILL after a random time until the job ends by itself; rounds go on until there were as
many kills as asked for.
"""
import argparse
import filecmp
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--collection-rows", type=int, default=20000, help="a collection is committed every 4,096 rows")
    parser.add_argument("--sinks", default="npy,f32,jsonl,json,csv,parquet,arrow,collection")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        for name in options.sinks.split(","):
            sink = Collection(options, folder) if name == "collection" else File(options, folder, name)
            run(options, sink, choose)


def make_input(path: str, rows: int, words: int) -> None:
    choose = random.Random(rows)
    with open(path, "w") as file:
        for row in range(rows):
            text = " ".join(choose.choice(["cat", "dog", "river", "stone", "tea"]) for _ in range(choose.randint(1, words)))
            file.write(f'{{"id":"r{row}","text":"{text} {row}"}}\n')


class File:
    """A job into a file, whose bytes count."""

    def __init__(self, options, folder: str, name: str):
        self.options, self.folder, self.name, self.rows = options, folder, name, options.rows
        self.source = os.path.join(folder, "in.jsonl")
        make_input(self.source, self.rows, 60)

    def command(self, number) -> list[str]:
        resume = [] if number == "whole" else ["--resume"]
        return [self.options.martlet, "embed", "-q", "-f", self.source, "--id", "id", "--meta", "-o", self.path(number), *resume]

    def path(self, number) -> str:
        return os.path.join(self.folder, f"{number}.{self.name}")

    def compare(self, number) -> None:
        for ending in ["", ".meta.json"]:
            if not filecmp.cmp(self.path("whole") + ending, self.path(number) + ending, shallow=False):
                sys.exit(f"{self.path(number) + ending} differs from the uninterrupted run")
        for ending in ["", ".job", ".meta.json"]:
            os.remove(self.path(number) + ending)


class Collection:
    """A collection, whose rows count: which segments they are in depends on the commits."""

    name = "collection"

    def __init__(self, options, folder: str):
        self.options, self.folder, self.rows = options, folder, options.collection_rows
        self.source = os.path.join(folder, "short.jsonl")
        make_input(self.source, self.rows, 4)
        self.wanted = None

    def command(self, number) -> list[str]:
        return [self.options.martlet, "embed", "-q", "-f", self.source, "--id", "id", "--to", f"martlet:{self.path(number)}"]

    def path(self, number) -> str:
        return os.path.join(self.folder, f"{number}.martlet")

    def contents(self, number) -> dict:
        def call(*arguments: str) -> str:
            ended = subprocess.run([self.options.martlet, "collection", *arguments], capture_output=True, text=True)
            if ended.returncode:
                sys.exit(f"collection {arguments}: {ended.stdout}{ended.stderr}")
            return ended.stdout

        call("check", self.path(number))
        lines = call("export", "--vectors", self.path(number)).splitlines()
        found = {row["id"]: row for row in map(json.loads, lines)}
        if len(found) != len(lines):
            sys.exit(f"{self.path(number)}: a row is there twice")
        return found

    def compare(self, number) -> None:
        self.wanted = self.wanted or self.contents("whole")
        if len(self.wanted) != self.rows or self.contents(number) != self.wanted:
            sys.exit(f"{self.path(number)}: other rows than those of the uninterrupted run")
        shutil.rmtree(self.path(number))


def run(options, sink, choose: random.Random) -> None:
    began = time.monotonic()
    subprocess.run(sink.command("whole"), check=True)
    length = time.monotonic() - began
    kills = rounds = 0
    while kills < options.kills:
        rounds += 1
        while True:
            process = subprocess.Popen(sink.command(rounds))
            try:
                process.wait(choose.uniform(0, length * 0.7))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                continue
            if process.returncode != 0:
                sys.exit(f"{sink.name}: the run ended with {process.returncode} after {kills} kills")
            break
        sink.compare(rounds)
    print(f"{sink.name}: {kills} kills in {rounds} jobs of {sink.rows} rows; every result equals the uninterrupted one", flush=True)


main()
