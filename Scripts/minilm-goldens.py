"""Vectors of all-MiniLM-L6-v2 by sentence-transformers in float32.
usage: minilm-goldens.py original MODEL_DIR FIXTURES_DIR         from the original float32 weights: goldens/minilm.jsonl
       minilm-goldens.py gguf MODEL_DIR FILE.gguf FIXTURES_DIR   from the weights of FILE, dequantised: goldens/minilm-gguf.jsonl

A line is {"text": …, "tokens": tokens fed, "embedding": [384 numbers rounded to seven decimals]}; the vectors have unit length. A text is
encoded alone, so that padding plays no part. The worst difference to float64 and between the two files is printed.
"""
import json
import logging
import os
import re
import sys

sys.dont_write_bytecode = True
import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer

from minilm_texts import TEXTS

OUTSIDE = {
    'token_embd.weight': 'embeddings.word_embeddings.weight', 'position_embd.weight': 'embeddings.position_embeddings.weight',
    'token_types.weight': 'embeddings.token_type_embeddings.weight', 'token_embd_norm': 'embeddings.LayerNorm',
}
BLOCK = {
    'attn_q': 'attention.self.query', 'attn_k': 'attention.self.key', 'attn_v': 'attention.self.value',
    'attn_output': 'attention.output.dense', 'attn_output_norm': 'attention.output.LayerNorm', 'ffn_up': 'intermediate.dense',
    'ffn_down': 'output.dense', 'layer_output_norm': 'output.LayerNorm',
}


def hugging_face_name(name):
    block = re.fullmatch(r'blk\.(\d+)\.(\w+)\.(weight|bias)', name)
    if block:
        return f'encoder.layer.{block[1]}.{BLOCK[block[2]]}.{block[3]}'
    stem, _, kind = name.rpartition('.')
    return OUTSIDE.get(name) or f'{OUTSIDE[stem]}.{kind}'


def gguf_weights(path):
    """Name → float32 tensor; GGUF keeps the fastest dimension first, the gguf package returns rows as numpy does."""
    from gguf import GGUFReader, dequantize
    out = {}
    for t in GGUFReader(path).tensors:
        values = np.array(dequantize(t.data, t.tensor_type), dtype=np.float32)
        out[hugging_face_name(t.name)] = torch.from_numpy(values.reshape([int(n) for n in t.shape][::-1]))
    return out


def replace(model, weights):
    """Every parameter but the unused pooler must come from the file."""
    bert = model[0].model
    missing, unexpected = bert.load_state_dict(weights, strict=False)
    missing = [n for n in missing if not n.startswith('pooler.') and not n.endswith('position_ids')]
    if missing or unexpected:
        sys.exit(f'tensors missing: {missing}; not known: {unexpected}')


def encode(model):
    return np.array([model.encode([t])[0] for t in TEXTS])


def read(path):
    with open(path, encoding='utf-8') as f:
        return np.array([json.loads(line)['embedding'] for line in f])


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in ('original', 'gguf'):
        sys.exit(__doc__)
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()
    folder, root = sys.argv[2], sys.argv[-1]
    model = SentenceTransformer(folder, device='cpu', model_kwargs={'dtype': torch.float32})
    if sys.argv[1] == 'gguf':
        replace(model, gguf_weights(sys.argv[3]))
    vectors = encode(model)
    path = f'{root}/goldens/minilm{"-gguf" if sys.argv[1] == "gguf" else ""}.jsonl'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        for text, vector in zip(TEXTS, vectors):
            tokens = len(model.tokenizer(text, truncation='longest_first', max_length=model.max_seq_length)['input_ids'])
            line = {'text': text, 'tokens': tokens, 'embedding': [round(float(x), 7) for x in vector]}
            f.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')) + '\n')
    exact = encode(model.double())
    print(f'{len(TEXTS)} texts, {os.path.getsize(path)} bytes, worst difference to float64 {np.abs(vectors - exact).max():.2g}')
    original = f'{root}/goldens/minilm.jsonl'
    if sys.argv[1] == 'gguf' and os.path.exists(original):
        cosine = (read(original) * vectors).sum(axis=1)
        print(f'cosine to the original weights: worst {cosine.min():.6f}, mean {cosine.mean():.6f}')


if __name__ == '__main__':
    main()
