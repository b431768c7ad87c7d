"""What the Python package costs: python cost.py [--model FOLDER] [--onnx FILE]

Over the C library: CPU seconds of `martlet_embed` from memory beside `Embedder.embed`, in turn, on one thread. Cold starts: processes that import,
load and embed one text, in turn, beside fastembed and sentence-transformers with the same model, where those are installed: FOLDER is
all-MiniLM-L6-v2 as sentence-transformers saves it, FILE its export to ONNX."""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from ctypes import byref
from importlib.util import find_spec
from pathlib import Path

ROUNDS = 9
TEXT = "How do I cook pasta?"


def median(values):
    return statistics.median(list(values))


def over_the_library():
    import numpy as np

    import martlet
    from martlet._library import Usage, call, library
    from martlet._texts import text_block

    embedder = martlet.Embedder(threads=1)
    texts = [f"how do I cook pasta for {n} people" for n in range(10_000)]

    def direct(block):
        out, usage = np.empty((block.count, 384), np.float32), Usage()
        call(library.martlet_embed, embedder._handle, byref(block), None, None, out.ctypes.data, out.size, byref(usage))

    def used(work, times=1):
        start = time.thread_time()
        for _ in range(times):
            work()
        return time.thread_time() - start

    many, one = text_block(texts), text_block(texts[:1])
    found = [(used(lambda: direct(many)), used(lambda: embedder.embed(texts))) for _ in range(ROUNDS)]
    print(json.dumps({
        "texts": len(texts), "martlet_embed_s": round(median(a for a, _ in found), 4), "embed_s": round(median(b for _, b in found), 4),
        "more": f"{100 * (median(b / a for a, b in found) - 1):.2f} %"}))
    pointers = byref(one), np.empty((1, 384), np.float32), Usage()
    bare = lambda: library.martlet_embed(embedder._handle, pointers[0], None, None, pointers[1].ctypes.data, 384, byref(pointers[2]), None)
    found = [(used(bare, 100) / 100, used(lambda: embedder.embed(texts[:1]), 100) / 100) for _ in range(4 * ROUNDS)]
    print(json.dumps({
        "one_text_by_martlet_embed_us": round(1e6 * median(a for a, _ in found), 1),
        "more_by_embed_us": round(1e6 * median(b - a for a, b in found), 2),
        "call_without_text_us": round(1e6 * median(used(lambda: embedder.embed([]), 2000) / 2000 for _ in range(ROUNDS)), 2)}))


def run(code):
    """Seconds and CPU seconds of a process."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return (time.perf_counter() - start, usage.ru_utime + usage.ru_stime) if status == 0 else None


def cold_starts(model, onnx):
    cases = {
        "python": "pass", "import numpy": "import numpy",
        "martlet, first vector": f"import martlet; martlet.Embedder().embed([{TEXT!r}])",
    }
    with tempfile.TemporaryDirectory() as folder:
        if find_spec("fastembed"):
            cases["import fastembed"] = "import fastembed"
            if model and onnx:
                place = Path(shutil.copytree(model, f"{folder}/onnx", ignore=shutil.ignore_patterns("*.safetensors")))
                shutil.copy(onnx, place / "model.onnx")
                name = "sentence-transformers/all-MiniLM-L6-v2"
                cases["fastembed, first vector"] = (
                    f"import fastembed; list(fastembed.TextEmbedding({name!r}, specific_model_path={str(place)!r}).embed([{TEXT!r}]))")
        if find_spec("sentence_transformers"):
            cases["import sentence_transformers"] = "import sentence_transformers"
            if model:
                cases["sentence-transformers, first vector"] = (
                    f"import sentence_transformers as s; s.SentenceTransformer({str(model)!r}, device='cpu').encode([{TEXT!r}])")
        found = {name: [] for name in cases}
        for code in cases.values():
            run(code)
        for _ in range(ROUNDS):
            for name, code in cases.items():
                found[name].append(run(code))
    for name, runs in found.items():
        if None in runs:
            print(json.dumps({"cold": name, "failed": True}))
            continue
        print(json.dumps({"cold": name, "ms": round(1e3 * median(a for a, _ in runs)), "cpu_ms": round(1e3 * median(b for _, b in runs))}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model")
    parser.add_argument("--onnx")
    arguments = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    over_the_library()
    cold_starts(arguments.model, arguments.onnx)


if __name__ == "__main__":
    main()
