"""How few tokens measure int8's scales. usage: calibration-study.py MODEL_DIR TEXTS [COUNT]

MODEL_DIR is a BERT of sentence-transformers, TEXTS a text a line. int8 is imitated as in int8-study.py, with the scales that Martlet computes:
half of the difference of the logarithms of the largest activation and the largest weight, rounded to eighths. Each row takes the largest
activations from another set of random ids; two rows take no forward pass at all. Prints the worst and the mean cosine to the float32 forward.
"""
import importlib.util
import sys
from pathlib import Path

import torch

spec = importlib.util.spec_from_file_location("int8_study", Path(__file__).with_name("int8-study.py"))
study_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(study_module)

SPECIAL = (101, 102)


def calibration(sequences, length):
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(999, 30000, (sequences, max(length - 2, 0)), generator=generator)
    return torch.cat([torch.full((sequences, 1), SPECIAL[0]), ids, torch.full((sequences, 1), SPECIAL[1])], 1)


def measured(study, ids):
    largest = {}

    def record(layer, name, x):
        top = x.abs().amax((0, 1))
        largest[layer, name] = torch.maximum(largest.get((layer, name), top), top)
        return study.exact(layer, name, x)

    study.forward(ids, record)
    return largest


def from_norms(study, spread):
    """The largest activations that a norm's factors allow, where every channel spreads alike."""
    largest = {}
    for layer in range(study_module.LAYERS):
        before = f"encoder.layer.{layer - 1}.output.LayerNorm" if layer else "embeddings.LayerNorm"
        for which, name in [("qkv", before), ("up", f"encoder.layer.{layer}.attention.output.LayerNorm")]:
            largest[layer, which] = spread * study.weights[name + ".weight"].abs() + study.weights[name + ".bias"].abs()
    return largest


def scales(study, largest):
    out = {}
    for layer in range(study_module.LAYERS):
        for name in ("qkv", "up"):
            columns = study.matrix(layer, name)[0].abs().amax(0).clamp(min=1e-5)
            logs = (largest[layer, name].clamp(min=1e-5).log2() - columns.log2()) / 2
            out[layer, name] = torch.exp2(torch.round((logs - logs.mean()) * 8) / 8)
    return out


@torch.no_grad()
def main(folder, file, count):
    study = study_module.Study(folder)
    config = study_module.AutoModel.from_pretrained(folder).config
    study_module.LAYERS, study_module.HEADS = config.num_hidden_layers, config.num_attention_heads
    texts = [line.strip() for line in open(file, encoding="utf-8") if line.strip()][:count]
    by_length = {}
    for ids in study.tokenizer(texts, truncation=True, max_length=256)["input_ids"]:
        by_length.setdefault(len(ids), []).append(ids)
    batches = [torch.tensor(rows[i : i + 64]) for rows in by_length.values() for i in range(0, len(rows), 64)]
    expected = [study.forward(ids, study.exact) for ids in batches]
    rows = {"no scales": None}
    for sequences, length in [(6, 64), (4, 32), (2, 32), (1, 64), (1, 40), (1, 32), (1, 16), (1, 8), (1, 4), (1, 2)]:
        rows[f"{sequences} × {length} tokens"] = measured(study, calibration(sequences, length))
    rows["the norms' factors, 3 deviations"] = from_norms(study, 3)
    rows["the norms' factors alone"] = from_norms(study, 1e3)
    print(f"{sum(len(b) for b in batches)} texts, {sum(b.numel() for b in batches)} tokens\n\n| scales from | worst cosine | mean |\n|---|---|---|")
    for name, largest in rows.items():
        product = study.choice(smoothing=largest and scales(study, largest))
        cosines = torch.cat([(study.forward(ids, product) * e).sum(-1) for ids, e in zip(batches, expected)])
        print(f"| {name} | {cosines.min():.5f} | {cosines.mean():.5f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 5000)
