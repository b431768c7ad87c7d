"""Tiny static embedding models and their vectors. usage: static-goldens.py FIXTURES_DIR

Needs model2vec 0.10 besides the other requirements. Writes FIXTURES_DIR/static/<name>/: the folder as model2vec or sentence-transformers
saves it, with random vectors, and goldens.jsonl, one object a text: {"text": …, "ids": tokens that have a vector, "embedding": […]}.

model2vec leaves unknown tokens out and cuts a text at its limit, by characters and then by tokens; sentence-transformers does neither.
"""
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import numpy as np
from model2vec import StaticModel
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

import tiny_bert

WORDS = tiny_bert.lexicon()
LIMIT = 24


def texts():
    rng = random.Random(5)
    out = ['', ' ', 'zzz', '\u2603 \u2603', WORDS[0], WORDS[1].upper(), 'Balo tuka, \u2603 zorp!', 'a' * 400, 'balo ' + 'x' * 130, '[CLS] balo [SEP]']
    return out + [' '.join(rng.choice(WORDS) for _ in range(n)) for n in (2, 3, 5, 8, 13, 20, 22, 23, 24, 25, 30, 60, 300)]


def wordlevel():
    """Whole words, some of them unknown."""
    t = Tokenizer(models.WordLevel({'[PAD]': 0, '[UNK]': 1} | {w: i + 2 for i, w in enumerate(WORDS[:200])}, unk_token='[UNK]'))
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    return t


def wordpiece():
    return tiny_bert.tokenizer_for(tiny_bert.vocabulary(300, False), False)


def vectors(count, seed, dtype, width=20):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(dtype)


def model2vec(folder, tokenizer, dtype, **more):
    normalize = more.pop('normalize')
    rows = more.pop('rows', tokenizer.get_vocab_size())
    StaticModel(vectors(rows, 3, dtype), tokenizer, normalize=normalize, max_length=LIMIT, **more).save_pretrained(folder)
    os.remove(f'{folder}/README.md')
    model = StaticModel.from_pretrained(folder)
    return lambda text: (model.encode(text), ids_of(model, text))


def ids_of(model, text):
    """As `encode` reads a text: the characters are cut first."""
    model._set_max_length_in_tokenizer(LIMIT)
    return model.tokenize([text[:LIMIT * model.median_token_length]])[0]


def potion(folder):
    """As potion-base is saved."""
    return model2vec(folder, wordpiece(), np.float32, normalize=True)


def weighted(folder):
    """Fewer vectors than tokens, and a weight for each token."""
    t = wordlevel()
    rng = np.random.default_rng(8)
    count = t.get_vocab_size()
    return model2vec(folder, t, np.float16, normalize=False, rows=50, token_mapping=rng.integers(0, 50, count),
                     weights=rng.uniform(0.1, 2, count))


def static_embedding(folder):
    """As sentence-transformers saves static-retrieval-mrl-en-v1, with a normalisation behind."""
    t = wordpiece()
    SentenceTransformer(modules=[StaticEmbedding(t, vectors(t.get_vocab_size(), 4, np.float32)), Normalize()], device='cpu').save_pretrained(
        folder, create_model_card=False)
    model = SentenceTransformer(folder, device='cpu')
    return lambda text: (model.encode([text])[0], model[0].tokenizer.encode(text, add_special_tokens=False).ids)


def main():
    root = f'{sys.argv[1]}/static'
    for build in (potion, weighted, static_embedding):
        folder = f'{root}/{build.__name__.replace("_", "-")}'
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        run = build(folder)
        with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
            for text in texts():
                vector, ids = run(text)
                row = {'text': text, 'ids': ids, 'embedding': [float(f'{x:.8g}') for x in np.asarray(vector, np.float32).tolist()]}
                out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')
        print(folder, sorted(os.listdir(folder)))


main()
