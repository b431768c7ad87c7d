#!/usr/bin/env python3
"""Kills `martlet embed --resume` at random moments and compares what comes out with an uninterrupted run, byte for byte.

    Tests/Jobs/kills.py MARTLET [--kills 100] [--rows 3000] [--formats npy,f32,jsonl,json,csv,parquet] [--seed 1]

Each round of a format starts one job and kills it with SIGKILL after a random time until the job ends by itself; rounds go on until
there were as many kills as asked for.
"""
import argparse
import filecmp
import os
import random
import subprocess
import sys
import tempfile
import time


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--formats", default="npy,f32,jsonl,json,csv,parquet")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    choose = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        source = os.path.join(folder, "in.jsonl")
        with open(source, "w") as file:
            for row in range(options.rows):
                words = " ".join(choose.choice(["cat", "dog", "river", "stone", "tea"]) for _ in range(choose.randint(1, 60)))
                file.write(f'{{"id":"r{row}","text":"{words} {row}"}}\n')
        for name in options.formats.split(","):
            run(options, folder, source, name, choose)


def run(options, folder: str, source: str, name: str, choose: random.Random) -> None:
    def command(output: str, *more: str) -> list[str]:
        return [options.martlet, "embed", "-q", "-f", source, "--id", "id", "--meta", "-o", output, *more]

    whole = os.path.join(folder, f"whole.{name}")
    began = time.monotonic()
    subprocess.run(command(whole), check=True)
    length = time.monotonic() - began
    kills = rounds = 0
    while kills < options.kills:
        rounds += 1
        output = os.path.join(folder, f"{rounds}.{name}")
        while True:
            process = subprocess.Popen(command(output, "--resume"))
            try:
                process.wait(choose.uniform(0, length * 0.7))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
                continue
            if process.returncode != 0:
                sys.exit(f"{name}: the run ended with {process.returncode} after {kills} kills")
            break
        for ending in ["", ".meta.json"]:
            if not filecmp.cmp(whole + ending, output + ending, shallow=False):
                sys.exit(f"{name}: {output + ending} differs from the uninterrupted run after {kills} kills")
        for ending in ["", ".job", ".meta.json"]:
            os.remove(output + ending)
    print(f"{name}: {kills} kills in {rounds} jobs of {options.rows} rows; every output equals the uninterrupted one", flush=True)


main()
