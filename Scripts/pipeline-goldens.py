"""Goldens of what happens after the encoder, computed by sentence-transformers' own modules on seeded values.

Usage: pipeline-goldens.py OUTPUT_DIR      writes OUTPUT_DIR/pooling.json (needs Scripts/requirements.txt)

The Swift tests make the same inputs from the formula in `values`, so that the file holds results only.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from sentence_transformers.base.modules.dense import Dense
from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling
from sentence_transformers.util.quantization import quantize_embeddings


def values(count, seed):
    """Numbers in [-1, 1) that are exact in float32: a 32-bit linear congruential generator, its upper 24 bits."""
    state, result = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        result.append((state >> 8) / 2**23 - 1)
    return np.array(result, dtype=np.float32)


def floats(array):
    return [float(x) for x in np.asarray(array).reshape(-1)]


def pooled(tokens, width, modes, prompt=None):
    features = {
        "token_embeddings": torch.from_numpy(values(tokens * width, seed=tokens).reshape(1, tokens, width)),
        "attention_mask": torch.ones(1, tokens, dtype=torch.int64),
    }
    if prompt is not None:
        features["prompt_length"] = prompt
    module = Pooling(width, modes, include_prompt=prompt is None)
    return floats(module(features)["sentence_embedding"])


def main():
    goldens = {"pooling": [], "dense": [], "normalize": [], "quantize": []}
    names = {"cls": "cls", "max": "max", "mean": "mean", "mean_sqrt_len_tokens": "mean_sqrt_len", "weightedmean": "weighted_mean",
             "lasttoken": "last"}
    cases = [(7, 13, (name,), prompt) for name in names for prompt in (None, 3)]
    cases += [(1, 13, (name,), None) for name in names] + [(40, 8, tuple(names), None), (5, 4, ("mean", "cls"), 2)]
    # A text that was cut inside its prompt: no token is left to pool.
    cases += [(4, 5, (name,), 4) for name in names if name != "max"]
    for tokens, width, modes, prompt in cases:
        goldens["pooling"].append({
            "tokens": tokens, "width": width, "modes": [names[m] for m in modes], "skip": prompt or 0,
            "expected": pooled(tokens, width, modes if len(modes) > 1 else modes[0], prompt)})

    activations = {"tanh": torch.nn.Tanh, "identity": torch.nn.Identity, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU,
                   "sigmoid": torch.nn.Sigmoid, "silu": torch.nn.SiLU}
    for inputs, outputs, bias, activation, residual in [
        (13, 7, True, "tanh", False), (13, 7, False, "identity", False), (6, 9, True, "relu", False), (6, 9, True, "gelu", False),
        (5, 5, True, "sigmoid", True), (6, 9, True, "silu", True)]:
        module = Dense(inputs, outputs, bias=bias, activation_function=activations[activation](), use_residual=residual)
        weights = {"linear.weight": values(outputs * inputs, 1).reshape(outputs, inputs)}
        if bias:
            weights["linear.bias"] = values(outputs, 2)
        if residual and inputs != outputs:
            weights["residual.weight"] = values(outputs * inputs, 3).reshape(outputs, inputs)
        module.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
        x = torch.from_numpy(values(2 * inputs, 4).reshape(2, inputs))
        with torch.no_grad():
            expected = module({"sentence_embedding": x})["sentence_embedding"]
        goldens["dense"].append({"inputs": inputs, "outputs": outputs, "bias": bias, "activation": activation, "residual": residual,
                                 "rows": 2, "expected": floats(expected)})

    module = LayerNorm(11)
    module.load_state_dict({"norm.weight": torch.from_numpy(values(11, 1)), "norm.bias": torch.from_numpy(values(11, 2))})
    with torch.no_grad():
        goldens["layer_norm"] = {"width": 11, "rows": 3, "expected": floats(
            module({"sentence_embedding": torch.from_numpy(values(33, 4).reshape(3, 11))})["sentence_embedding"])}

    for scale in (1.0, 1e-20, 0.0):
        x = torch.from_numpy(values(9, 5)) * scale
        goldens["normalize"].append({"scale": scale, "width": 9, "expected": floats(torch.nn.functional.normalize(x, dim=-1))})

    width, count = 19, 6
    block = values(count * width, 6).reshape(count, width)
    block[:, 3] = 0.25  # a dimension that does not vary
    block[:, 4] = 0.0
    block[2, 5] = -0.0
    ranges = np.stack([np.full(width, -0.5, dtype=np.float32), np.linspace(0.1, 0.7, width, dtype=np.float32)])
    for precision, given in [("int8", False), ("uint8", False), ("int8", True), ("uint8", True), ("binary", False), ("ubinary", False)]:
        result = quantize_embeddings(block, precision, ranges=ranges if given else None)
        goldens["quantize"].append({"precision": precision, "ranges": [floats(r) for r in ranges] if given else None,
                                    "shape": list(result.shape), "expected": [int(v) for v in result.reshape(-1)]})
    goldens["quantize_block"] = {"count": count, "width": width}

    halves = np.array([0, -0.0, 1, -2.5, 65504, 65519.996, 65520, 1e9, -1e9, 6.1035156e-05, 6.097555e-05, 6.0e-05, 5.9604645e-08,
                       2.9802322e-08, 2.9802326e-08, 8.940697e-08, 1e-12, 1.00048828125, 1.00146484375, 0.333333343, 2049, 2051,
                       float("inf"), float("-inf")], dtype=np.float32)
    with np.errstate(over="ignore"):
        goldens["float16"] = {"bits32": [int(b) for b in halves.view(np.uint32)],
                              "bits16": [int(b) for b in halves.astype(np.float16).view(np.uint16)]}
    a, b = block[0], block[1]
    goldens["similarity"] = {
        "cosine": float(np.dot(a.astype(float), b) / np.linalg.norm(a.astype(float)) / np.linalg.norm(b.astype(float))),
        "dot": float(np.dot(a.astype(float), b)), "euclidean": -float(np.linalg.norm(a.astype(float) - b)),
        "manhattan": -float(np.abs(a.astype(float) - b).sum())}
    out = Path(sys.argv[1]) / "pooling.json"
    text = ",\n".join(
        f"{json.dumps(k)}: " + ("[\n" + ",\n".join(json.dumps(e) for e in v) + "\n]" if isinstance(v, list) else json.dumps(v))
        for k, v in goldens.items())
    out.write_text("{\n" + text + "\n}\n")


main()
