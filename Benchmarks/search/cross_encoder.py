"""A cross-encoder of MiniLM-L6's shape with random weights, whose speed is that of trained ones: python cross_encoder.py VOCAB.txt OUT

    pip install numpy
"""
import json
import pathlib
import struct
import sys

import numpy as np

vocabulary, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
words = vocabulary.read_text().splitlines()
H, LAYERS, INNER = 384, 6, 1536
config = {
    "architectures": ["BertForSequenceClassification"], "model_type": "bert", "hidden_size": H, "num_hidden_layers": LAYERS,
    "num_attention_heads": 12, "intermediate_size": INNER, "vocab_size": len(words), "max_position_embeddings": 512, "type_vocab_size": 2,
    "hidden_act": "gelu", "layer_norm_eps": 1e-12, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "pad_token_id": 0,
    "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "initializer_range": 0.02, "position_embedding_type": "absolute",
}
(out / "config.json").write_text(json.dumps(config))
(out / "vocab.txt").write_text("\n".join(words) + "\n")
(out / "tokenizer_config.json").write_text(json.dumps({
    "tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512, "unk_token": "[UNK]", "sep_token": "[SEP]",
    "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}))
random = np.random.default_rng(5)
tensors = {}


def matrix(name, *shape):
    tensors[name] = (random.standard_normal(shape) * 0.05).astype(np.float32)


def linear(name, rows, columns):
    matrix(f"{name}.weight", rows, columns)
    matrix(f"{name}.bias", rows)


def norm(name):
    tensors[f"{name}.weight"], tensors[f"{name}.bias"] = np.ones(H, np.float32), np.zeros(H, np.float32)


for name, rows in (("word", len(words)), ("position", 512), ("token_type", 2)):
    matrix(f"bert.embeddings.{name}_embeddings.weight", rows, H)
norm("bert.embeddings.LayerNorm")
for layer in range(LAYERS):
    base = f"bert.encoder.layer.{layer}"
    for part in ("query", "key", "value"):
        linear(f"{base}.attention.self.{part}", H, H)
    linear(f"{base}.attention.output.dense", H, H)
    norm(f"{base}.attention.output.LayerNorm")
    linear(f"{base}.intermediate.dense", INNER, H)
    linear(f"{base}.output.dense", H, INNER)
    norm(f"{base}.output.LayerNorm")
linear("bert.pooler.dense", H, H)
linear("classifier", 1, H)
header, data = {}, bytearray()
for name, tensor in tensors.items():
    start = len(data)
    data += tensor.tobytes()
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, len(data)]}
head = json.dumps(header).encode()
head += b" " * (-len(head) % 8)
(out / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)
