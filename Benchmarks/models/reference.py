"""The vectors of sentence-transformers in fp32, which every engine is checked against.
usage: reference.py MODEL_DIR TEXTS.jsonl LIMIT MAX_TOKENS OUT.npy"""
import json
import sys

import numpy as np
from sentence_transformers import SentenceTransformer

model = SentenceTransformer(sys.argv[1], device='cpu')
model.max_seq_length = int(sys.argv[4])
with open(sys.argv[2]) as file:
    texts = [json.loads(line)['text'] for line in file][:int(sys.argv[3])]
np.save(sys.argv[5], model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False))
