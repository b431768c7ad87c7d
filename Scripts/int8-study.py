"""What each choice of the int8 forward costs in accuracy. usage: int8-study.py MODEL_DIR TEXTS [COUNT]

MODEL_DIR is the original all-MiniLM-L6-v2, TEXTS a text a line. The arithmetic of 8 bits is imitated in float32: every matrix product takes rounded
weights and rounded inputs, and what lies between products is rounded to bf16 as the kernels do. Prints the worst and the mean cosine to
the float32 forward, one choice a row.
"""
import sys

import torch
from transformers import AutoModel, AutoTokenizer

LAYERS, HEADS, HIDDEN = 6, 12, 384
MATRICES = {
    "qkv": ["attention.self.query", "attention.self.key", "attention.self.value"],
    "out": ["attention.output.dense"],
    "up": ["intermediate.dense"],
    "down": ["output.dense"],
}


def bf16(x):
    return x.to(torch.bfloat16).float()


def rounded_weights(w, group):
    """Symmetric, a scale for each output and `group` inputs."""
    outputs, inputs = w.shape
    parts = w.reshape(outputs, inputs // group, group)
    scale = (parts.abs().amax(-1, keepdim=True) / 127).clamp(min=1e-30)
    return (torch.round(parts / scale) * scale).reshape(outputs, inputs)


def rounded_inputs(x, group, levels=255):
    """Asymmetric, a scale for each token, or for each token and `group` inputs."""
    parts = x if group is None else x.reshape(*x.shape[:-1], -1, group)
    low, high = parts.amin(-1, keepdim=True).clamp(max=0), parts.amax(-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / levels).clamp(min=1e-30)
    zero = torch.round(-low / scale)
    return ((torch.round(parts / scale + zero).clamp(0, levels) - zero) * scale).reshape(x.shape)


class Study:
    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.weights = AutoModel.from_pretrained(folder).eval().state_dict()

    def matrix(self, layer, which):
        base = f"encoder.layer.{layer}."
        names = [base + name for name in MATRICES[which]]
        return torch.cat([self.weights[n + ".weight"] for n in names]), torch.cat([self.weights[n + ".bias"] for n in names])

    def forward(self, ids, product):
        """ids [texts, tokens] of one length -> unit vectors; product(layer, which, inputs, weights, bias) is a matrix product."""
        w = self.weights
        norm = lambda x, name: torch.nn.functional.layer_norm(x, (HIDDEN,), w[name + ".weight"], w[name + ".bias"], 1e-12)
        texts, tokens = ids.shape
        words, positions = w["embeddings.word_embeddings.weight"][ids], w["embeddings.position_embeddings.weight"][:tokens]
        x = norm(words + positions + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        heads = lambda y: y.reshape(texts, tokens, HEADS, -1).transpose(1, 2)
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}."
            q, k, v = product(layer, "qkv", x).chunk(3, -1)
            attention = torch.softmax(heads(q) @ heads(k).transpose(-1, -2) / (HIDDEN / HEADS) ** 0.5, -1)
            context = (attention @ heads(v)).transpose(1, 2).reshape(texts, tokens, HIDDEN)
            x = norm(x + product(layer, "out", context), name + "attention.output.LayerNorm")
            inner = torch.nn.functional.gelu(product(layer, "up", x))
            x = norm(x + product(layer, "down", inner), name + "output.LayerNorm")
        return torch.nn.functional.normalize(x.mean(1), dim=-1)

    def exact(self, layer, which, x):
        weights, bias = self.matrix(layer, which)
        return x @ weights.T + bias

    def smoothing(self, alpha, which):
        """Scales of a matrix's inputs by the largest activations over random ids (Xiao et al. 2022)."""
        generator = torch.Generator().manual_seed(1)
        largest = {}

        def record(layer, name, x):
            top = x.abs().amax((0, 1))
            largest[layer, name] = torch.maximum(largest.get((layer, name), top), top)
            return self.exact(layer, name, x)

        for tokens in (1, 2, 4, 8, 16, 32, 64, 128):
            ids = torch.randint(999, 30000, (4, tokens), generator=generator)
            self.forward(torch.cat([torch.full((4, 1), 101), ids, torch.full((4, 1), 102)], 1), record)
        scales = {}
        for layer in range(LAYERS):
            for name in which:
                columns = self.matrix(layer, name)[0].abs().amax(0).clamp(min=1e-5)
                s = alpha * largest[layer, name].clamp(min=1e-5).log() - (1 - alpha) * columns.log()
                scales[layer, name] = (s - s.mean()).exp()
        return scales

    def choice(self, weight_group=HIDDEN, input_group=None, smoothing=None, wide=(), fine=()):
        cache = {}

        def product(layer, which, x):
            x = bf16(x) if which in ("out", "down") else x
            if (layer, which) not in cache:
                weights, bias = self.matrix(layer, which)
                scale = (smoothing or {}).get((layer, which))
                weights = weights if scale is None else weights * scale
                group = weight_group or weights.shape[1]
                cache[layer, which] = bf16(weights) if which in wide else rounded_weights(weights, group), bias, scale
            weights, bias, scale = cache[layer, which]
            x = x if scale is None else x / scale
            x = bf16(x) if which in wide else rounded_inputs(x, input_group, 255 * 256 if which in fine else 255)
            y = x @ weights.T + bias
            return bf16(y) if which in ("qkv", "up") else y

        return product


@torch.no_grad()
def main(folder, file, count):
    study = Study(folder)
    texts = [line.strip() for line in open(file, encoding="utf-8") if line.strip()][:count]
    by_length = {}
    for ids in study.tokenizer(texts, truncation=True, max_length=256)["input_ids"]:
        by_length.setdefault(len(ids), []).append(ids)
    batches = [torch.tensor(rows[i : i + 64]) for rows in by_length.values() for i in range(0, len(rows), 64)]
    expected = [study.forward(ids, study.exact) for ids in batches]
    half = study.smoothing(0.5, ["qkv", "up"])
    choices = {
        "a scale for each output and each token": study.choice(weight_group=None),
        "weights in groups of 384": study.choice(),
        "the same, smoothed before qkv and up, exponent 0.5 (what Martlet does to texts of 6 tokens and more)": study.choice(smoothing=half),
        "smoothed, exponent 0.35": study.choice(smoothing=study.smoothing(0.35, ["qkv", "up"])),
        "smoothed, exponent 0.65": study.choice(smoothing=study.smoothing(0.65, ["qkv", "up"])),
        "smoothed before out and down too": study.choice(smoothing=study.smoothing(0.5, list(MATRICES))),
        "smoothed, inputs in groups of 384": study.choice(smoothing=half, input_group=384),
        "smoothed, inputs in groups of 192": study.choice(smoothing=half, input_group=192),
        "smoothed, weights and inputs in groups of 192": study.choice(smoothing=half, weight_group=192, input_group=192),
        "smoothed, inputs of 16 bits (what Martlet does to shorter texts)": study.choice(smoothing=half, fine=tuple(MATRICES)),
        "smoothed, inputs of 16 bits before up and down": study.choice(smoothing=half, fine=("up", "down")),
        "smoothed, down in bf16": study.choice(smoothing=half, wide=("down",)),
        "smoothed, up in bf16": study.choice(smoothing=half, wide=("up",)),
        "smoothed, qkv in bf16": study.choice(smoothing=half, wide=("qkv",)),
        "all in bf16": study.choice(wide=tuple(MATRICES)),
    }
    print(f"{sum(len(b) for b in batches)} texts, {sum(b.numel() for b in batches)} tokens\n\n| choice | worst cosine | mean |\n|---|---|---|")
    for name, product in choices.items():
        cosines = torch.cat([(study.forward(ids, product) * e).sum(-1) for ids, e in zip(batches, expected)])
        print(f"| {name} | {cosines.min():.5f} | {cosines.mean():.5f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 5000)
