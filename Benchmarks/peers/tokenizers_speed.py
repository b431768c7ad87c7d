"""Hugging Face tokenizers on one thread. usage: python -m peers.tokenizers_speed TOKENIZER.json TEXTS.jsonl LIMIT MAX_TOKENS ROUNDS"""
import json
import os
import sys
import time

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
os.environ['RAYON_NUM_THREADS'] = '1'
import tokenizers  # noqa: E402  it reads the variables

path, texts, limit, most, rounds = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
tokenizer = tokenizers.Tokenizer.from_file(path)
tokenizer.enable_truncation(most)
tokenizer.no_padding()
with open(texts) as file:
    texts = [json.loads(line)['text'] for line in file][:limit]
tokenizer.encode_batch_fast(texts[:64])
seconds = []
for _ in range(rounds):
    start = time.perf_counter()
    # Without the offsets into the text: the faster of its two calls.
    encodings = tokenizer.encode_batch_fast(texts)
    seconds.append(time.perf_counter() - start)
print(json.dumps({'version': tokenizers.__version__, 'rounds': seconds, 'tokens': sum(len(encoding.ids) for encoding in encodings)}))
