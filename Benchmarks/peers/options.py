"""What an engine is asked to load, and the batching that suits engines that pad."""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer


@dataclass
class Options:
    model: Path          # checkpoint of sentence-transformers
    exports: Path        # the same model in other formats, see models/export.py
    precision: str
    threads: int
    max_tokens: int
    defaults: bool       # as the engine comes, in place of its best practice

    def tokenizer(self, padding=False):
        tokenizer = Tokenizer.from_file(str(self.model / 'tokenizer.json'))
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.enable_padding() if padding else tokenizer.no_padding()
        return tokenizer

    def pooling(self):
        """mean, cls or last, as the model's folder says."""
        modes = {'pooling_mode_mean_tokens': 'mean', 'pooling_mode_cls_token': 'cls', 'pooling_mode_lasttoken': 'last'}
        found = json.loads((self.model / '1_Pooling/config.json').read_text())
        return next(kind for mode, kind in modes.items() if found.get(mode))


def mean_of_unit_length(hidden, mask):
    """[texts, tokens, width] and the mask of padding to vectors."""
    weights = mask[..., None].astype(np.float32)
    mean = (hidden * weights).sum(1) / weights.sum(1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def pooled(hidden, mask, pooling):
    """[texts, tokens, width] and the mask of padding after the text to vectors of unit length."""
    if pooling == 'mean':
        return mean_of_unit_length(hidden, mask)
    rows = hidden[np.arange(len(hidden)), mask.sum(1) - 1 if pooling == 'last' else 0]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def in_batches(embed, size):
    """Calls `embed` with so many texts at a time, in their order."""
    return lambda texts: np.concatenate([np.asarray(embed(texts[start:start + size])) for start in range(0, len(texts), size)])


def in_length_order(embed, characters=4000, most=32):
    """Calls `embed` with batches of texts of like length, longest first, so that little is padded, and puts the vectors back in order. A batch
    has up to `most` texts and about so many characters: measured best, or near it, for every engine that pads."""
    def all_texts(texts):
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        vectors = None
        start = 0
        while start < len(order):
            longest = len(texts[order[start]])
            batch = order[start:start + max(1, min(most, characters // max(1, longest)))]
            start += len(batch)
            found = np.asarray(embed([texts[index] for index in batch]), dtype=np.float32)
            if vectors is None:
                vectors = np.empty((len(texts), found.shape[1]), dtype=np.float32)
            vectors[batch] = found
        return vectors
    return all_texts


def padded_inputs(tokenizer, texts):
    encodings = tokenizer.encode_batch(texts)
    ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
    mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
    return ids, mask
