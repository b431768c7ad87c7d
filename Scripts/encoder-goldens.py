"""Tiny BERT folders and their golden vectors, by sentence-transformers in float32. usage: encoder-goldens.py FIXTURES_DIR

Writes FIXTURES_DIR/models/<name>/ and FIXTURES_DIR/goldens/<name>.jsonl, one JSON object a line:
  {"text": …, "options": {…}, "ids": […], "tokens": tokens fed, "total": tokens before truncation, "embedding": […]}
`options` may hold pooling, dimensions, normalize, role, prompt, truncation; what is absent is as the model says. A text is encoded
alone, so that padding plays no part. goldens/manifest.json records the versions and, for each file, the worst difference to float64,
absolute and relative to the vector's largest value.
"""
import json
import logging
import os
import random
import sys

sys.dont_write_bytecode = True
import numpy as np
import torch
import sentence_transformers
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.util.quantization import quantize_embeddings
from transformers.activations import ACT2FN

import tiny_bert

POOLING = {'mean': 'mean', 'cls': 'cls', 'last': 'lasttoken', 'max': 'max', 'mean_sqrt_len': 'mean_sqrt_len_tokens',
           'weighted_mean': 'weightedmean'}
WORDS = tiny_bert.lexicon()[:500]


def sentences():
    rng = random.Random(17)
    out = ['', ' ', ' \t\n ', WORDS[0], WORDS[1], WORDS[2].upper(), 'a', '7', '.', '[UNK]', '[MASK]', 'zzz']
    out += ['Balo tuka, 日本語 Éa zorp!', 'naïve ﬁn ＡＢＣ １２３', 'я люблю ж', '🙂🙂 🚀', 'über straße', 'cafe\u0301 re\u0301su\u0301me\u0301',
            'a\u200db\u200bc\u00add', 'tab\tand\nnew\r\nline', '(quoted) "words" - and/or it\'s; 3.14!?', 'b' * 101, 'b' * 100]
    for words in (2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, 100, 140, 400):
        line = ' '.join(rng.choice(WORDS) for _ in range(words))
        out.append(line.capitalize() + rng.choice(['', '.', '?', ', ' + rng.choice(WORDS)]))
    return out


class Reference:
    """One folder in float32 and float64, with the options of Martlet spelled as calls of sentence-transformers."""

    def __init__(self, folder):
        self.models = [SentenceTransformer(folder, device='cpu', model_kwargs={'dtype': torch.float32}) for _ in range(2)]
        self.models[1].double()
        self.worst = self.relative = 0.0

    def modules(self, model, options):
        kept = []
        for module in model:
            kind = type(module).__name__
            if kind == 'Pooling':
                mode = options.get('pooling')
                if mode or 'include_prompt' in options:
                    mode = [POOLING[p] for p in mode.split('+')] if mode else module.pooling_mode
                    module = Pooling(module.embedding_dimension, mode, include_prompt=options.get('include_prompt', True))
            if kind == 'Normalize' and options.get('normalize') is False:
                continue
            kept.append(module)
        return kept

    def run(self, model, text, options):
        pipeline = SentenceTransformer(modules=self.modules(model, options), prompts=model.prompts,
                                       default_prompt_name=model.default_prompt_name, device='cpu')
        tokenizer = pipeline.tokenizer
        tokenizer.truncation_side = 'left' if options.get('truncation') == 'start' else 'right'
        call = {'query': pipeline.encode_query, 'document': pipeline.encode_document, None: pipeline.encode}[options.get('role')]
        normalizes = any(type(m).__name__ == 'Normalize' for m in pipeline)
        keep = options.get('normalize', normalizes)
        vector = call([text], prompt=options.get('prompt'), truncate_dim=options.get('dimensions'), normalize_embeddings=keep,
                      output_value=options.get('output', 'sentence_embedding'))[0]
        prompt = options.get('prompt')
        if prompt is None:
            prompt = model.prompts.get(options.get('role') or model.default_prompt_name, '')
        total = tokenizer(prompt + text)['input_ids']
        ids = tokenizer(prompt + text, truncation='longest_first', max_length=pipeline.max_seq_length)['input_ids']
        return np.asarray(vector), ids, len(total)

    def golden(self, text, options):
        vector, ids, total = self.run(self.models[0], text, options)
        exact, _, _ = self.run(self.models[1], text, options)
        assert vector.dtype == np.float32 and exact.dtype == np.float64 and np.isfinite(vector).all()
        difference = np.abs(vector - exact).max()
        self.worst = max(self.worst, float(difference))
        if 'dimensions' not in options:  # a cut may leave nothing but a value near zero
            self.relative = max(self.relative, float(difference / np.abs(exact).max()))
        return {'text': text, 'options': options, 'ids': ids, 'tokens': len(ids), 'total': total, 'embedding': vector}


def digits(value):
    """Nine significant digits: enough for a float32 to come back bit for bit."""
    return json.dumps([float(f'{x:.9g}') for x in np.asarray(value).ravel().tolist()], separators=(',', ':'))


def matrix(value):
    return '[' + ',\n'.join(digits(row) for row in value) + ']'


class Goldens:
    def __init__(self, folder):
        self.folder, self.manifest = folder, {}
        os.makedirs(folder, exist_ok=True)

    def write(self, file, reference, rows):
        reference.worst = reference.relative = 0.0
        count = 0
        with open(f'{self.folder}/{file}', 'w', encoding='utf-8') as out:
            for text, options in rows:
                g = reference.golden(text, options)
                vector = g.pop('embedding')
                head = json.dumps(g, ensure_ascii=False, separators=(',', ':'))[:-1]
                body = f'"tokenVectors":[{",".join(digits(r) for r in vector)}]' if vector.ndim == 2 else f'"embedding":{digits(vector)}'
                out.write(f'{head},{body}}}\n')
                count += 1
        self.manifest[file] = {
            'rows': count, 'worst_difference_to_float64': float(f'{reference.worst:.2g}'),
            'relative_to_largest_value': float(f'{reference.relative:.2g}')}


def model_goldens(goldens, name, reference, texts):
    m = tiny_bert.MODELS[name]
    size = m.get('dense') or m['hidden']
    some = [texts[i] for i in (0, 3, 12, 25, 30, 35, 41)]
    rows = [(t, {}) for t in texts]
    rows += [(t, {'normalize': not m['normalize']}) for t in some]
    for d in (size // 2, 8, 1):
        rows += [(t, {'dimensions': d}) for t in some]
    rows += [(t, {'dimensions': size // 3, 'normalize': not m['normalize']}) for t in some]
    rows += [(t, {'truncation': 'start'}) for t in texts[-6:]]
    rows += [(t, {'prompt': 'teki: '}) for t in some]
    if m.get('prompts'):
        rows += [(t, o) for t in some + texts[-1:] for o in ({'role': 'query'}, {'role': 'document'}, {'prompt': ''})]
    goldens.write(f'{name}.jsonl', reference, rows)


def pooling_goldens(goldens, reference, texts):
    goldens.write('bert-mini-pooling.jsonl', reference, [(t, {'pooling': p}) for p in POOLING for t in texts])
    goldens.write('bert-mini-pooling-unnormalized.jsonl', reference,
                  [(t, {'pooling': p, 'normalize': False}) for p in POOLING for t in texts[::4]])
    goldens.write('bert-mini-pooling-joined.jsonl', reference, [(t, {'pooling': 'cls+max+mean'}) for t in texts[::6]])
    goldens.write('bert-mini-tokens.jsonl', reference, [(texts[i], {'output': 'token_embeddings'}) for i in (0, 3, 12, 25, 27)])


def quantization_goldens(goldens, embeddings):
    """Rows of a model, and hand-made rows: zeros of both signs, range ends, values outside, a constant column, 13 columns."""
    rng = np.random.default_rng(5)
    hand = rng.normal(0, 0.4, (20, 13)).astype(np.float32)
    hand[0], hand[1, ::2], hand[2], hand[3], hand[4] = 0, -0.0, 1, -1, 3
    hand[:, 6] = 0.25
    for name, rows in (('bert-mini', embeddings), ('hand-made', hand)):
        given = np.vstack((np.full(rows.shape[1], -0.5), np.full(rows.shape[1], 0.5))).astype(np.float32)
        given[:, 0], given[:, 1] = (-1, 0.75), (0.125, 0.125)
        computed = np.vstack((rows.min(axis=0), rows.max(axis=0)))
        cases = [(p, kind, r) for p in ('int8', 'uint8') for kind, r in (('given', given), ('computed', None))]
        for precision, kind, ranges in cases + [('binary', None, None), ('ubinary', None, None)]:
            expected = quantize_embeddings(rows, precision, ranges=ranges)
            file = f'quantize-{name}-{precision}' + (f'-{kind}' if kind else '') + '.json'
            used = {'given': given, 'computed': computed}.get(kind)
            with open(f'{goldens.folder}/{file}', 'w', encoding='utf-8') as out:
                out.write(f'{{"precision":"{precision}","ranges":{json.dumps(kind)},\n')
                if used is not None:
                    out.write(f'"minimum":{digits(used[0])},\n"maximum":{digits(used[1])},\n')
                expected_rows = ',\n'.join(json.dumps(r, separators=(',', ':')) for r in expected.tolist())
                out.write(f'"embeddings":{matrix(rows)},\n"expected":[{expected_rows}]}}\n')
            goldens.manifest[file] = {'rows': len(rows)}


def activation_goldens(goldens):
    """Every plain `hidden_act` of transformers at inputs from the flat tails to the bend; values by float64."""
    x = np.unique(np.concatenate([np.linspace(-12, 12, 97), np.linspace(-2, 2, 41), [-1e-3, 1e-3, -30, 30, -88, 88]])).astype(np.float32)
    names = ['gelu', 'gelu_10', 'gelu_accurate', 'gelu_fast', 'gelu_new', 'gelu_python', 'gelu_python_tanh', 'gelu_pytorch_tanh',
             'hardswish', 'laplace', 'leaky_relu', 'linear', 'mish', 'quick_gelu', 'relu', 'relu2', 'relu6', 'sigmoid', 'silu', 'swish', 'tanh']
    with open(f'{goldens.folder}/activations.json', 'w', encoding='utf-8') as out:
        out.write(f'{{"inputs":{digits(x)},\n"outputs":{{\n')
        rows = [f'"{n}":{digits(ACT2FN[n](torch.tensor(x, dtype=torch.float64)).numpy())}' for n in names]
        out.write(',\n'.join(rows) + '}}\n')
    goldens.manifest['activations.json'] = {'rows': len(names)}


def main():
    root = sys.argv[1]
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    texts = sentences()
    goldens = Goldens(f'{root}/goldens')
    for name in tiny_bert.MODELS:
        reference = Reference(tiny_bert.build(name, f'{root}/models'))
        model_goldens(goldens, name, reference, texts)
        if name == 'bert-mini':
            pooling_goldens(goldens, reference, texts)
            quantization_goldens(goldens, np.vstack([reference.run(reference.models[0], t, {})[0] for t in texts]))
        if name == 'bert-dense':
            some = [texts[i] for i in (0, 12, 25, 41)]
            goldens.write('bert-dense-exclude-prompt.jsonl', reference, [
                (t, {'role': r, 'include_prompt': False}) for t in some for r in ('query', 'document')])
    activation_goldens(goldens)
    versions = {'torch': torch.__version__, 'transformers': transformers.__version__,
                'sentence-transformers': sentence_transformers.__version__}
    with open(f'{root}/goldens/manifest.json', 'w', encoding='utf-8') as out:
        json.dump({'versions': versions, 'files': goldens.manifest}, out, indent=1)
        out.write('\n')
    print(json.dumps(goldens.manifest, indent=1))


main()
