"""The examples of docs/SERVER.md: each curl is run, and its answer compared with the one that is printed."""

import os
import re
import subprocess
import tempfile

from served import CROSS_ENCODER, ROOT

PAGE = ROOT / "docs/SERVER.md"
COLBERT = ROOT / "Tests/Fixtures/multi/colbert"
SPARSE = ROOT / "Tests/Fixtures/sparse/splade-mpnet"
MODELS = ["all-MiniLM-L6-v2", f"reranker={CROSS_ENCODER}", f"sparse={SPARSE}", f"colbert={COLBERT}"]
DATA = tempfile.TemporaryDirectory()
ARGUMENTS = ["--data", DATA.name, "--precision", "f32", "--preload"] + [word for model in MODELS for word in ("--model", model)]
DECIMAL = r"-?\d+\.\d+(?:e-?\d+)?"


def examples():
    """Commands with what is printed after them."""
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("curl "):
                yield command, output.rstrip("\n")


def answer(command, server):
    command = command.replace("localhost:8080", server.url.removeprefix("http://"))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, env=os.environ | {"LC_ALL": "C.UTF-8"})
    return done.stdout.rstrip("\n")


def agree(printed, got):
    """… stands for anything; numbers with a point may differ in the third digit, as they do among processors."""
    pattern = "".join(
        ".*?" if part == "…" else f"({DECIMAL})" if re.fullmatch(DECIMAL, part) else re.escape(part)
        for part in re.split(f"(…|{DECIMAL})", printed))
    found = re.fullmatch(pattern, got, re.DOTALL)
    return bool(found) and all(abs(float(a) - float(b)) < 2e-3 for a, b in zip(re.findall(DECIMAL, printed), found.groups(), strict=True))


def curls(server):
    found = list(examples())
    assert len(found) >= 25, "docs/SERVER.md has lost its examples"
    for command, printed in found:
        got = answer(command, server)
        assert agree(printed, got), f"docs/SERVER.md: {command}\n  printed {printed}\n  got     {got}"


def programs(server, plain):
    """Its Python, those that rerank with `server`, the others with the default model."""
    found = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(found) >= 4
    for program in found:
        values = {}
        exec(program.replace("http://127.0.0.1:8080", (server if "rerank" in program or "stores" in program else plain).url), values)
        if "best" in values:
            assert values["best"] in (0, 1)
        for vector in [values["vector"]] if "vector" in values else values.get("vectors", []):
            assert len(vector) == 384
        if "hits" in values:
            assert [hit.filename for hit in values["hits"]] == ["a.txt"]
        if "embeddings" in values:
            assert len(values["embeddings"].embed_query("a")) == 384
