"""Vectors of late chunking (Günther et al. 2024, arXiv:2409.04701) by transformers in float32: Tests/Fixtures/goldens/late.jsonl.
usage: late-goldens.py FIXTURES_DIR MINILM_DIR FILE.gguf

The models are the tiny ones of encoder-goldens.py and all-MiniLM-L6-v2 with the weights of FILE, dequantised.
A line is {"model", "text", "spans": bytes of the chunks, "limit", "context", "prompt", "embeddings"}. A text is read in windows of whole
chunks of at most `limit` tokens, each of which repeats as many whole chunks as have at most `context` tokens; a chunk's vector is the mean
of the hidden states of the tokens that begin in it, taken through the model's further modules.
"""
import json
import logging
import re
import sys

sys.dont_write_bytecode = True
import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer

TEXTS = [
    'Berlin is the capital of Germany. Its more than 3.85 million inhabitants make it the largest city. The city is also one of the states.',
    'Naïve café — déjà vu! Übergröße? 漢字と仮名。 The cat sat on the mat, and the cat’s friend didn’t. “Quoted.” End',
    '\n'.join(f'Line {i}: the quick brown fox jumps over dog number {i * i}, and says nothing about it. Then it sleeps.' for i in range(14)),
]
# Characters of a chunk, the most tokens of a window (0: the model's), those it may repeat, and the prompt.
CASES = [(30, 0, 56, ''), (60, 0, 0, 'passage: '), (25, 60, 12, ''), (25, 60, 20, 'query: ')]


def spans_of(text, size):
    """Chunks of about `size` characters, cut before a word, as ranges of bytes."""
    starts, last = [0], 0
    for match in re.finditer(r'(?<=\s)\S', text):
        if match.start() - last >= size:
            last = match.start()
            starts.append(last)
    ends = starts[1:] + [len(text)]
    byte = lambda position: len(text[:position].encode())
    return [[byte(a), byte(b)] for a, b in zip(starts, ends)]


def windows_of(text, spans, limit, context, count):
    data = text.encode()
    tokens = lambda a, b: count(data[a:b].decode())
    alone = count('')
    first = 0
    while first < len(spans):
        start = spans[first][0]
        for earlier in range(first - 1, -1, -1):
            a = spans[earlier][0]
            if tokens(a, spans[first][0]) - alone > context or tokens(a, spans[first][1]) > limit:
                break
            start = a
        end = first
        while end < len(spans) and tokens(start, spans[end][1]) <= limit:
            end += 1
        assert end > first, 'a chunk is longer than the limit'
        yield start, spans[end - 1][1], range(first, end)
        first = end


@torch.no_grad()
def late(model, text, spans, limit, context, prompt):
    tokenizer, encoder = model.tokenizer, model[0].model
    data = text.encode()
    count = lambda part: len(tokenizer(prompt + part)['input_ids'])
    vectors = []
    for start, end, own in windows_of(text, spans, limit, context, count):
        part = prompt + data[start:end].decode()
        inputs = tokenizer(part, return_tensors='pt', return_offsets_mapping=True, return_special_tokens_mask=True)
        offsets = inputs.pop('offset_mapping')[0].tolist()
        special = inputs.pop('special_tokens_mask')[0].tolist()
        states = encoder(**inputs).last_hidden_state[0]
        begins = [len(part[:a].encode()) - len(prompt.encode()) + start for a, _ in offsets]
        for index in own:
            a, b = spans[index]
            rows = [i for i, at in enumerate(begins) if not special[i] and a <= at < b and offsets[i][0] >= len(prompt)]
            features = {'sentence_embedding': states[rows].mean(dim=0, keepdim=True)}
            for module in list(model)[2:]:
                features = module(features)
            vectors.append(features['sentence_embedding'][0].numpy())
    return np.array(vectors)


def main(root, minilm, gguf):
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()
    sys.argv = sys.argv[:1]
    import importlib
    goldens = importlib.import_module('minilm-goldens')
    load = lambda folder: SentenceTransformer(folder, device='cpu', model_kwargs={'dtype': torch.float32})
    models = {name: load(f'{root}/models/{name}') for name in ['bert-mini', 'bert-dense']}
    models['minilm'] = load(minilm)
    goldens.replace(models['minilm'], goldens.gguf_weights(gguf))
    path = f'{root}/goldens/late.jsonl'
    rows = 0
    with open(path, 'w', encoding='utf-8') as file:
        for name, model in models.items():
            model.eval()
            most = model.max_seq_length
            for text in TEXTS:
                for size, limit, context, prompt in CASES:
                    # MiniLM's vectors are long: few chunks are enough.
                    if name == 'minilm':
                        size *= 5
                    limit = min((3 if name == 'minilm' else 1) * limit or most, most)
                    spans = spans_of(text, size)
                    vectors = late(model, text, spans, limit, context, prompt)
                    digits = 7 if name != 'minilm' else 6
                    line = {'model': name, 'text': text, 'spans': spans, 'limit': limit, 'context': context, 'prompt': prompt,
                            'embeddings': [[round(float(x), digits) for x in vector] for vector in vectors]}
                    file.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')) + '\n')
                    rows += 1
    print(rows, 'rows')


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
