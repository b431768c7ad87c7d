#!/usr/bin/env python3
"""Replaces a tensor of tiny checkpoints by each kind that torch.save and safetensors can hold, and embeds a text with each.

    Tests/Weights/kinds.py MARTLET [--families bert-labels,qwen3]

The checkpoints are those of Tests/Fixtures/classifiers without their heads, of which a table of words, a matrix, the weight of a norm and a
bias are replaced in turn. Either the vector is the one of the same numbers as float32, converted by torch, or the command ends with an error
that names the tensor and its kind and says what to do. Needs torch, numpy and safetensors.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")
FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures/classifiers"
FAMILIES = "bert-labels,distilbert,roberta,xlm-roberta,mpnet,deberta-labels,modernbert-mean,nomic-bert,jina-bert,qwen3,gemma3"
TEXT = "The cat sat on the mat, and the dog watched."
REMEDY = "save it as a dense, contiguous tensor of float32, float16 or bfloat16"


class Own(torch.Tensor):
    """A class of its own, as quantisers make."""


def with_note(tensor):
    tensor.note = "mine"
    return tensor


# What is read: (kind, what is saved for a float32 tensor).
READ = {
    "float64": lambda t: t.double(), "float16": lambda t: t.half(), "bfloat16": lambda t: t.bfloat16(),
    "float8_e4m3fn": lambda t: t.to(torch.float8_e4m3fn), "float8_e5m2": lambda t: t.to(torch.float8_e5m2),
    "transposed": lambda t: t.t().contiguous().t(), "transposed float16": lambda t: t.half().t().contiguous().t(),
    "every second": lambda t: torch.stack([t, t + 1], -1)[..., 0], "a part of rows": lambda t: torch.cat([t, t + 1], -1)[..., :t.shape[-1]],
    "a part of a storage": lambda t: torch.cat([t + 1, t])[len(t):],
    "a parameter": torch.nn.Parameter, "a parameter with attributes": lambda t: with_note(torch.nn.Parameter(t)),
    "a tensor with attributes": lambda t: with_note(t.clone()),
}
# What is refused: (word of the message, what is saved); None: the tensor has no such form.
REFUSED = {
    "complex64": lambda t: t.to(torch.complex64), "complex128": lambda t: t.to(torch.complex128), "complex32": lambda t: t.to(torch.complex32),
    "bool": lambda t: t > 0, **{f"{u}int{b}": (lambda t, k=f"{u}int{b}": (t * 50).to(torch.int32).to(getattr(torch, k)))
                                for u in ["", "u"] for b in [8, 16, 32, 64]},
    "qint8": lambda t: torch.quantize_per_tensor(t, 0.01, 0, torch.qint8),
    "quint8": lambda t: torch.quantize_per_channel(t, torch.full((t.shape[0],), 0.01), torch.full((t.shape[0],), 128), 0, torch.quint8),
    "qint32": lambda t: torch.quantize_per_tensor(t, 0.01, 0, torch.qint32),
    "float8_e4m3fnuz": lambda t: t.to(torch.float8_e4m3fnuz), "float8_e5m2fnuz": lambda t: t.to(torch.float8_e5m2fnuz),
    "float8_e8m0fnu": lambda t: t.abs().to(torch.float8_e8m0fnu),
    "float4_e2m1fn_x2": lambda t: torch.zeros_like(t, dtype=torch.uint8).view(torch.float4_e2m1fn_x2),
    "sparse_coo": lambda t: t.to_sparse(), "sparse_csr": lambda t: t.to_sparse_csr() if t.dim() == 2 else None,
    "nested": lambda t: torch.nested.nested_tensor([t, t]), "meta": lambda t: t.to("meta"), "__main__.Own": lambda t: t.as_subclass(Own),
    "changed signs": torch._neg_view, "repeats elements": lambda t: t[:1].expand(t.shape) if len(t) > 1 else None,
}
# Of safetensors: bits of an element.
PLAIN = {"F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16, "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2}
BITS = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16,
        "I32": 32, "U32": 32, "C64": 64, "I64": 64, "U64": 64}


def fail(what: str) -> None:
    sys.exit(f"FAILED: {what}")


def folder_of(family: str, work: pathlib.Path) -> tuple[pathlib.Path, dict]:
    """The checkpoint as an encoder with mean pooling, and its tensors."""
    folder = work / family
    folder.mkdir()
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(FIXTURES / family / name, folder)
    config = json.load(open(FIXTURES / family / "config.json"))
    for key in ["id2label", "label2id", "num_labels", "classifier_pooling", "architectures", "problem_type", "sbert_ce_default_activation_function"]:
        config.pop(key, None)
    json.dump(config, open(folder / "config.json", "w"))
    json.dump([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}], open(folder / "modules.json", "w"))
    (folder / "1_Pooling").mkdir()
    json.dump({"word_embedding_dimension": config.get("hidden_size") or config.get("dim") or config.get("n_embd"), "pooling_mode_mean_tokens": True},
              open(folder / "1_Pooling/config.json", "w"))
    return folder, {name: tensor.float() for name, tensor in load_file(FIXTURES / family / "model.safetensors").items()}


def chosen(tensors: dict) -> list[str]:
    """A table of words, a matrix, the weight of a norm, a bias."""
    inside = [name for name in tensors if any(part.isdigit() for part in name.split("."))]
    words = max((name for name in tensors if tensors[name].dim() == 2 and name not in inside and "embed" in name or "wte" in name),
                key=lambda name: len(tensors[name]))
    rules = [lambda n, t: t.dim() == 2, lambda n, t: t.dim() == 1 and n.endswith("weight"), lambda n, t: t.dim() == 1 and n.endswith("bias")]
    return [words] + [found[0] for rule in rules if (found := [name for name in inside if rule(name, tensors[name])])]


class Runs:
    def __init__(self, martlet: str):
        self.martlet, self.counts, self.exact = martlet, collections.Counter(), True

    def run(self, *arguments) -> subprocess.CompletedProcess:
        done = subprocess.run([self.martlet, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode < 0 or done.returncode > 100:
            fail(f"{arguments}: status {done.returncode}: {done.stderr}")
        return done

    def vector(self, folder, what: str) -> list[float]:
        done = self.run("embed", "--precision", "f32", "--model", folder, TEXT)
        if done.returncode:
            fail(f"{what}: {done.stderr}")
        return json.loads(done.stdout)["embedding"]

    def check_same(self, folder, expected: list[float], what: str) -> None:
        found = self.vector(folder, what)
        product = sum(a * b for a, b in zip(found, expected))
        cosine = product / math.sqrt(sum(a * a for a in found) * sum(b * b for b in expected))
        if not cosine >= 0.999999:
            fail(f"{what}: cosine {cosine}")
        if found != expected:
            self.exact = False
        self.counts["the same numbers"] += 1

    def check_refused(self, folder, name: str, kind: str, what: str) -> None:
        for command in [["embed", "--model", folder, TEXT], ["inspect", folder]]:
            done = self.run(*command)
            message = done.stderr + (done.stdout if command[0] == "inspect" else "")
            if command[0] == "embed" and done.returncode == 0:
                fail(f"{what}: a vector")
            if not done.returncode:
                continue
            if name not in message or kind not in message or "missing" in message or "incomplete" in message or REMEDY not in message:
                fail(f"{what}: {command[0]}: {message}")
        self.counts["refused by name"] += 1
        self.example = message.strip()


def sweep(runs: Runs, family: str, work: pathlib.Path) -> None:
    folder, tensors = folder_of(family, work)
    torch_file, safe_file = folder / "pytorch_model.bin", folder / "model.safetensors"

    def reference(changed: dict) -> list[float]:
        save_file({name: tensor.detach().float().contiguous().clone() for name, tensor in changed.items()}, safe_file)
        vector = runs.vector(folder, f"{family}: the reference")
        safe_file.unlink()
        return vector

    base = reference(tensors)
    for name in chosen(tensors):
        tensor = tensors[name]
        for kind, make in READ.items():
            if kind.startswith("transposed") and tensor.dim() != 2:
                continue
            made = make(tensor)
            torch.save(tensors | {name: made}, torch_file)
            same = torch.equal(made.detach().float(), tensor)
            runs.check_same(folder, base if same else reference(tensors | {name: made}), f"{family}: {name} as {kind}")
        other = next(key for key in tensors if key != name)
        flat = torch.cat([tensor.flatten(), tensors[other].flatten()])
        torch.save(tensors | {name: flat[:tensor.numel()].view(tensor.shape), other: flat[tensor.numel():].view(tensors[other].shape)}, torch_file)
        runs.check_same(folder, base, f"{family}: {name} in one storage with {other}")
        for kind, make in REFUSED.items():
            if (made := make(tensor)) is None:
                continue
            torch.save(tensors | {name: made}, torch_file)
            runs.check_refused(folder, name, kind, f"{family}: {name} as {kind}")
        torch_file.unlink()
        for kind, dtype in PLAIN.items():
            changed = tensors | {name: tensor.to(dtype)}
            expected = reference(changed)
            save_file(changed, safe_file)
            runs.check_same(folder, expected, f"{family}: {name} as {kind}")
        for kind, bits in BITS.items():
            if tensor.numel() * bits % 8:
                continue
            write_safetensors(safe_file, tensors, name, kind, bits)
            runs.check_refused(folder, name, kind, f"{family}: {name} as {kind}")
        safe_file.unlink()
    shutil.rmtree(folder)


def write_safetensors(path, tensors: dict, name: str, kind: str, bits: int) -> None:
    """As the format says, which torch has no type for."""
    header, data = {}, b""
    for key, tensor in tensors.items():
        part = bytes(tensor.numel() * bits // 8) if key == name else tensor.numpy().tobytes()
        header[key] = {"dtype": kind if key == name else "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("martlet")
    parser.add_argument("--families", default=FAMILIES)
    options = parser.parse_args()
    runs, work = Runs(os.path.abspath(options.martlet)), pathlib.Path(tempfile.mkdtemp(prefix="martlet-kinds-"))
    try:
        for family in options.families.split(","):
            before = runs.counts.copy()
            sweep(runs, family, work)
            print(f"{family}: " + ", ".join(f"{count - before[what]} {what}" for what, count in runs.counts.items()), flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"bits of the vectors equal those of float32: {'always' if runs.exact else 'not always'}")
    print(f"such as: {runs.example}")


if __name__ == "__main__":
    main()
