"""Stems, BM25 and BM42 by fastembed's own code. usage: word-goldens.py FIXTURES_DIR [MINILM_ONNX_DIR]

Writes FIXTURES_DIR/words/stems.txt, "word stem" a line, by Snowball's English stemmer; FIXTURES_DIR/words/bm25.jsonl, vectors of documents and
queries; and with a folder of all-MiniLM-L6-v2 for transformers FIXTURES_DIR/words/bm42.jsonl, by fastembed's formulas over the attention that
transformers gives.
"""
import inspect
import itertools
import json
import os
import pydoc_data.topics
import random
import re
import sys
import tempfile
from types import SimpleNamespace

import numpy as np
from fastembed.sparse.bm25 import Bm25
from fastembed.sparse.bm42 import Bm42
from py_rust_stemmers import SnowballStemmer

STOP = '''i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself they them
their theirs themselves what which who whom this that these those am is are was were be been being have has had having do does did doing a an
the and but if or because as until while of at by for with about against between into through during before after above below to from up down
in out on off over under again further then once here there when where why how all any both each few more most other some such no nor not only
own same so than too very s t can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn haven isn ma mightn mustn needn
shan shouldn wasn weren won wouldn'''.split()

TEXTS = [
    '', ' \t', 'the', 'Pasta', 'How do I cook pasta?', 'Cooking pastas, cooked by the cooks of Cookery!', 'running RUNS ran runner run-time run_time __init__ _',
    'naïve café Éa über STRASSE straße İstanbul ΟΔΟΣ Σ ΑΣ', '日本語 123 ½ Ⅷ a1b2 3.14', "don't we'll it's the dog's o'clock", 'x' * 40 + ' ' + 'y' * 41,
    'e\u0301tude de\u0301ja\u0300 vu', 'The generously communicative arsenal of the universities was exceedingly skilful. ' * 30,
]


def words():
    text = ' '.join(pydoc_data.topics.topics[k] for k in sorted(pydoc_data.topics.topics))
    real = sorted({w for w in re.findall(r'[a-z]{3,}', text.lower())})
    random.Random(1).shuffle(real)
    starts = ['hop', 'gener', 'commun', 'arsen', 'rel', 'trad', 'nat', 'sky', 'fly', 'by', 'yell', 'sn', 'beau', 'eas', 'cri', 'vis', 'bab', 'ow',
              'controll', 'bl', 'log', 'e', 'ab', 'ny', 'boy', 'wax', 'tow']
    ends = ['s', 'es', 'ies', 'ied', 'sses', 'us', 'ss', 'ed', 'edly', 'ing', 'ingly', 'eed', 'eedly', 'y', 'ly', 'li', 'tional', 'enci', 'anci',
            'abli', 'entli', 'izer', 'ization', 'ational', 'ation', 'ator', 'alism', 'aliti', 'alli', 'fulness', 'ousli', 'ousness', 'iveness',
            'iviti', 'biliti', 'bli', 'logi', 'fulli', 'lessli', 'alize', 'icate', 'iciti', 'ical', 'ful', 'ness', 'ative', 'al', 'ance', 'ence',
            'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize', 'sion', 'tion', 'e', 'le', 'll',
            'ating', 'bled', 'izing', 'pped', "'s", "'"]
    made = [a + b for a, b in itertools.product(starts, ends)]
    random.Random(2).shuffle(made)
    odd = ['skis', 'skies', 'dying', 'idly', 'news', 'inning', 'innings', 'proceeding', 'succeeds', 'a', 'is', 'ye', "'tis", 'naïveté', 'éed', 'yearly', 'sayings']
    return odd + real[:900] + made[:900]


def dumps(row):
    return json.dumps(row, ensure_ascii=False) + '\n'


def vector(embedding):
    pairs = sorted(zip((int(i) for i in embedding.indices), (float(v) for v in embedding.values)))
    return {'indices': [i for i, _ in pairs], 'values': [float(f'{v:.7g}') for _, v in pairs]}


def main():
    out = f'{sys.argv[1]}/words'
    os.makedirs(out, exist_ok=True)
    stemmer = SnowballStemmer('english')
    with open(f'{out}/stems.txt', 'w', encoding='utf-8') as f:
        f.writelines(f'{w} {stemmer.stem_word(w)}\n' for w in words())
    with tempfile.TemporaryDirectory() as folder:
        for language in ('english',):
            with open(f'{folder}/{language}.txt', 'w') as f:
                f.write('\n'.join(STOP))
        open(f'{folder}/config.json', 'w').write('{}')
        bm25 = Bm25('Qdrant/bm25', specific_model_path=folder)
        with open(f'{out}/bm25.jsonl', 'w', encoding='utf-8') as f:
            for text in TEXTS:
                f.write(dumps({'text': text, 'role': 'document', 'tokens': bm25.token_count(text)} | vector(next(iter(bm25.embed([text]))))))
                f.write(dumps({'text': text, 'role': 'query', 'tokens': bm25.token_count(text)} | vector(next(iter(bm25.query_embed(text))))))
    if len(sys.argv) > 2:
        bm42(out, sys.argv[2], stemmer)


def bm42(out, folder, stemmer):
    import torch
    from fastembed.common.preprocessor_utils import load_tokenizer
    from transformers import AutoModel
    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(folder, attn_implementation='eager').eval()
    tokenizer, special = load_tokenizer(__import__('pathlib').Path(folder))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    reference = Bm42.__new__(Bm42)
    reference.__dict__.update(
        tokenizer=tokenizer, special_tokens=set(special), special_tokens_ids=set(special.values()), stopwords=set(STOP), stemmer=stemmer, alpha=0.5,
        punctuation=set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), invert_vocab={i: t for t, i in tokenizer.get_vocab().items()})
    reference._ensure_tokenizer = lambda: None
    with open(f'{out}/bm42.jsonl', 'w', encoding='utf-8') as f, torch.no_grad():
        for text in TEXTS + ['Vector search engines find the nearest neighbours of embeddings, unbelievably quickly.']:
            ids = tokenizer.encode(text).ids
            attention = model(input_ids=torch.tensor([ids]), output_attentions=True).attentions[-1].numpy()
            output = SimpleNamespace(input_ids=np.array([ids]), attention_mask=np.ones((1, len(ids))), model_output=attention)
            document = next(iter(reference._post_process_onnx_output(output)))
            query = next(iter(reference.query_embed(text)))
            f.write(dumps({'text': text, 'role': 'document', 'tokens': len(ids)} | vector(document)))
            f.write(dumps({'text': text, 'role': 'query', 'tokens': len(ids)} | vector(query)))


main()
