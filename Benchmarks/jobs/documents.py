#!/usr/bin/env python3
"""What a million documents of about four pages take: a sample of them with martlet and with other engines, on the same texts in one run.

    Benchmarks/jobs/documents.py MARTLET WORK [--documents 1000] [--engines martlet,fastembed:f32,llama_cpp:f16,llama_cpp:q8_0] [--python PYTHON]

Benchmarks/jobs/documents makes what it needs and runs it. What an engine took is kept in WORK/documents-N.json, and a run that was interrupted
goes on with the next engine; --again measures all of them again.

Documents are descriptions of Debian's packages joined to about 8,000 characters. They are embedded whole, as chunks of 256 tokens that `martlet
chunk` cuts, and cut off at the model's 256 tokens. WORK has the model and its forms as Benchmarks/run leaves them: models/minilm and
exports/minilm. Each engine is a process of its own; its loading and a first call are not counted. Engines run one after the other.
"""
import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BENCHMARKS))


def make_documents(path: Path, count: int) -> None:
    from harness import corpus

    records = list(corpus._descriptions())
    number = 0
    with open(path, "w") as file:
        for row in range(count):
            text = ""
            while len(text) < 8_000:
                # Each round begins elsewhere, so that no document comes twice.
                text += records[(number + number // len(records)) % len(records)][1] + "\n\n"
                number += 1
            file.write(json.dumps({"id": row, "text": text}) + "\n")


def child(options) -> None:
    """Embeds the texts with one engine, and prints its times."""
    from peers.options import Options

    engine = importlib.import_module(f"peers.{options.child}_peer")
    exports = options.work / "exports/minilm"
    embed = engine.load(Options(options.work / "models/minilm", exports, options.precision, options.threads, 256, False))
    texts = [json.loads(line)["text"] for line in open(options.texts)]
    embed(texts[:32])
    wall, cpu = time.perf_counter(), time.process_time()
    vectors = embed(texts)
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "rows": len(vectors)}))


def martlet(options, texts: Path) -> dict:
    output = options.work / "documents.f32"
    for ending in ["", ".job", ".meta.json"]:
        Path(f"{output}{ending}").unlink(missing_ok=True)
    began = time.perf_counter()
    process = subprocess.Popen([options.martlet, "embed", "-q", "-f", texts, "--id", "id", "-o", output, "--resume",
                                "--threads", str(options.threads), "--report", options.work / "report.json"])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"martlet: {status}")
    report = json.loads((options.work / "report.json").read_text())
    return {"wall": time.perf_counter() - began, "cpu": usage.ru_utime + usage.ru_stime, "rows": report["texts"], "tokens": report["tokens"]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("work", type=Path)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--engines", default="martlet,fastembed:f32,llama_cpp:f16,llama_cpp:q8_0")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--forms", default="chunks,cut", help="chunks: whole documents, in chunks of 256 tokens; cut: their first 256 tokens")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--child")
    parser.add_argument("--precision")
    parser.add_argument("--texts")
    options = parser.parse_args()
    if options.child:
        return child(options)
    documents, chunks = options.work / f"documents-{options.documents}.jsonl", options.work / f"chunks-{options.documents}.jsonl"
    kept = options.work / f"documents-{options.documents}.json"
    found = json.loads(kept.read_text()) if kept.exists() and not options.again else {}
    if not documents.exists():
        make_documents(documents, options.documents)
    with open(chunks, "w") as file:
        cutting = subprocess.Popen([options.martlet, "chunk", "-f", documents, "--field", "text", "--id", "id", "--size", "256"],
                                   stdout=subprocess.PIPE, text=True)
        count = 0
        for line in cutting.stdout:
            chunk = json.loads(line)
            file.write(json.dumps({"id": f"{chunk['id']}#{chunk['chunk']}", "text": chunk["text"]}) + "\n")
            count += 1
    if cutting.wait():
        sys.exit(f"martlet chunk: {cutting.returncode}")
    print(f"{options.documents} documents of {documents.stat().st_size / options.documents:.0f} bytes, {count} chunks; load {os.getloadavg()[0]:.1f}")
    forms = {"chunks": ("whole, in chunks of 256 tokens", chunks), "cut": ("cut off at 256 tokens", documents)}
    for form in options.forms.split(","):
        title, texts = forms[form]
        print(title)
        for engine in options.engines.split(","):
            key = f"{form} {engine} {options.threads}"
            if key not in found:
                found[key] = martlet(options, texts) if engine == "martlet" else peer(options, engine, texts)
                if "problem" not in found[key]:
                    kept.write_text(json.dumps(found, indent=1))
            print(told(options, engine, found[key]), flush=True)


def peer(options, engine: str, texts: Path) -> dict:
    name, precision = engine.split(":")
    ended = subprocess.run(
        [options.python, __file__, options.martlet, options.work, "--child", name, "--precision", precision, "--texts", texts,
         "--threads", str(options.threads)], capture_output=True, text=True)
    if ended.returncode:
        return {"problem": ended.stderr.strip().splitlines()[-1]}
    return json.loads(ended.stdout.splitlines()[-1])


def told(options, engine: str, found: dict) -> str:
    if "problem" in found:
        return f"  {engine}: {found['problem']}"
    cpu = found["cpu"] / options.documents
    tokens = f"; {found['tokens'] / options.documents:.0f} tokens a document" if "tokens" in found else ""
    return (f"  {engine}: {found['cpu']:.1f} s of CPU time, {found['wall']:.1f} s, {found['rows']} texts; a million documents "
            f"{cpu * 1e6 / 3600:.1f} h of CPU time, {cpu * 1e6 / 3600 / options.threads:.1f} h on {options.threads} cores{tokens}")


main()
