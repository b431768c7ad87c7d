"""Tiny sequence classifiers, and what sentence-transformers' CrossEncoder makes of pairs. usage: classifier-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/classifiers/<name>/: the model's folder with random weights, and goldens.jsonl, one object a line:
  {"texts": [query, document] or [text], "ids": […], "types": […], "total": tokens before truncation, "logits": […], "scores": […]}
`logits` without an activation, `scores` with the model's own; each pair alone, in float32. manifest.json records the versions and, for
each case, the worst difference to float64.
"""
import copy
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import gguf
import sentence_transformers
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder
from torch import nn
from transformers import PreTrainedTokenizerFast

import tiny_bert
import tiny_classifiers

WORDS = tiny_bert.lexicon()


def pairs():
    rng = random.Random(29)

    def text(words):
        return ' '.join(rng.choice(WORDS) for _ in range(words))

    out = [('', ''), ('', 'balo'), (text(1), ''), (' ', '\t\n'), ('Balo tuka?', 'balo tuka.'), ('日本 語', 'naïve ﬁn ＡＢＣ'),
           ('[SEP]', 'a [MASK] b'), (WORDS[3].upper(), '🙂🙂 🚀'), ('zorp! (q)', 'x' * 120)]
    lengths = [(2, 5), (5, 2), (3, 12), (1, 30), (30, 1), (4, 60), (60, 4), (14, 14), (15, 16), (16, 15), (40, 40), (41, 40), (40, 41),
               (200, 300), (7, 9), (9, 21)]
    return out + [(text(a), text(b)) for a, b in lengths]


def randomise(model, seed, zero_centred_norms):
    """Large weights: attention is sharp and activations reach the bends, so that a wrong kernel cannot hide."""
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        if p.ndim == 1:
            norm = name.endswith('weight')
            p.data = (0 if zero_centred_norms or not norm else 1) + noise * (0.25 if norm else 0.2)
        elif ('embed' in name or name.endswith(('words.weight', 'types.weight'))) and 'project' not in name:
            p.data = noise * 0.5
        elif 'relative_attention_bias' in name:
            p.data = noise * 1.5
        else:
            p.data = noise * 1.4 / p.shape[-1] ** 0.5


def write_json(path, value):
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(value, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.write('\n')


def write_folder(case, folder, seed):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = case['model'].eval()
    randomise(model, seed, case.get('zero_centred_norms', False))
    dtype = case['dtype']
    for p in model.parameters():
        p.data = p.data.to(dtype).float()
    tokenizer, config = tiny_classifiers.TOKENIZERS[case['tokenizer']]()
    tokenizer.save(f'{folder}/tokenizer.json', pretty=False)
    write_json(f'{folder}/tokenizer_config.json', config | {'model_max_length': case['limit']})
    if 'logits' not in case:
        model.save_pretrained(folder)
        if case['style'] == 'logits':
            with open(f'{folder}/chat_template.jinja', 'w', encoding='utf-8') as f:
                f.write(tiny_classifiers.TEMPLATE)
        if case['style'] in ('cross', 'logits'):
            CrossEncoder(folder, device='cpu', activation_fn=case.get('activation')).save_pretrained(folder, create_model_card=False)


def publish(case, folder):
    """Spells the folder as published checkpoints are, after all has been computed with it."""
    path = f'{folder}/config.json'
    config = json.load(open(path, encoding='utf-8')) if os.path.exists(path) else {}
    config |= case.get('config', {})
    for key in case.get('without', ()):
        config.pop(key, None)
    write_json(path, config)
    weights = f'{folder}/model.safetensors'
    tensors = load_file(weights) if os.path.exists(weights) else case['model'].state_dict()
    rename = case.get('rename', lambda n: n)
    tensors = case.get('edit', lambda t: t)({rename(k): v for k, v in tensors.items()})
    save_file({k: v.to(case['dtype']).contiguous() for k, v in tensors.items()}, weights, metadata={'format': 'pt'})


def add_tokenizer(writer, folder):
    """As llama.cpp's converter does, for WordPiece and byte-level vocabularies."""
    spec = json.load(open(f'{folder}/tokenizer.json', encoding='utf-8'))
    config = json.load(open(f'{folder}/tokenizer_config.json', encoding='utf-8'))
    ids = spec['model']['vocab'] | {t['content']: t['id'] for t in spec['added_tokens']}
    tokens = sorted(ids, key=ids.get)
    special = {t['content'] for t in spec['added_tokens']}
    if spec['model']['type'] == 'WordPiece':
        writer.add_tokenizer_model('bert')
        writer.add_token_list([t if t in special else t[2:] if t.startswith('##') else '\u2581' + t for t in tokens])
        for name, add in (('cls', writer.add_bos_token_id), ('sep', writer.add_sep_token_id), ('unk', writer.add_unk_token_id),
                          ('pad', writer.add_pad_token_id), ('mask', writer.add_mask_token_id)):
            add(ids[config[name + '_token']])
    else:
        writer.add_tokenizer_model('gpt2')
        writer.add_tokenizer_pre('gpt-2')
        writer.add_token_list(tokens)
        writer.add_token_merges([' '.join(m) for m in spec['model']['merges']])
        writer.add_eos_token_id(ids[config['eos_token']])
        writer.add_add_bos_token(False)
    writer.add_token_types([3 if t in special else 1 for t in tokens])


def write_gguf(case, folder):
    """The file that llama.cpp's converter writes for a reranker; of a language model it keeps two rows of the logits' matrix."""
    form, tensors = case['gguf'], load_file(f'{folder}/model.safetensors')
    arch = form['arch']
    name = gguf.MODEL_ARCH_NAMES[arch]
    table = gguf.get_tensor_name_map(arch, 2)
    writer = gguf.GGUFWriter(f'{folder}/model.gguf', name)
    for key, value in form['metadata'].items():
        {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32}[type(value)](f'{name}.{key}', value)
    writer.add_pooling_type(gguf.PoolingType.RANK)
    add_tokenizer(writer, folder)
    if case['style'] == 'card':
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=f'{folder}/tokenizer.json')
        rows = [tokenizer.convert_tokens_to_ids(word) for word in ('yes', 'no')]
        tensors['cls.output.weight'] = tensors['model.embed_tokens.weight'][rows]
        writer.add_classifier_output_labels(['yes', 'no'])
        query = f'<Instruct>: {tiny_classifiers.INSTRUCTION}\n<Query>: {{query}}\n<Document>: {{document}}'
        writer.add_chat_template([{'name': 'rerank', 'template': tiny_classifiers.PREFIX + query + tiny_classifiers.SUFFIX}])
    for key, tensor in tensors.items():
        part, kind = key.rsplit('.', 1)
        own = form['heads'].get(part) or (part if part.startswith('cls.') else table.get_name(part.removeprefix(form['prefix'])))
        assert own, key
        value = tensor.float()
        writer.add_tensor(f'{own}.{kind}', (value.half() if value.ndim > 1 and tensor.dtype == torch.float16 else value).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Reference:
    """A case in float32 and in float64."""

    def __init__(self, case, folder):
        self.case = case
        if 'logits' in case:
            self.tokenizer = PreTrainedTokenizerFast(
                tokenizer_file=f'{folder}/tokenizer.json', model_input_names=['input_ids', 'token_type_ids', 'attention_mask'])
            self.limit, self.activation = case['limit'], nn.Sigmoid()
            self.exact = copy.deepcopy(case['model']).double()
            return
        legacy = {k: v for k, v in case.get('config', {}).items() if k.startswith('sbert_ce')}
        if legacy:
            write_json(f'{folder}/config.json', json.load(open(f'{folder}/config.json', encoding='utf-8')) | legacy)
        self.encoders = [CrossEncoder(folder, device='cpu', model_kwargs={'dtype': d}) for d in (torch.float32, torch.float64)]
        self.tokenizer, self.limit = self.encoders[0].tokenizer, self.encoders[0].max_seq_length
        self.activation = self.encoders[0].activation_fn

    def asked(self, query, document):
        """A pair as the card of Qwen3-Reranker has a language model read it; the score is the logit of yes less that of no."""
        def ids(text, **options):
            return self.tokenizer(text, add_special_tokens=False, **options)['input_ids']

        before, after = ids(tiny_classifiers.PREFIX), ids(tiny_classifiers.SUFFIX)
        body = f'<Instruct>: {tiny_classifiers.INSTRUCTION}\n<Query>: {query}\n<Document>: {document}'
        read = before + ids(body, truncation='longest_first', max_length=self.limit - len(before) - len(after)) + after
        yes, no = (self.tokenizer.convert_tokens_to_ids(w) for w in ('yes', 'no'))
        logits, exact = ((row[yes] - row[no]).reshape(1) for row in (e.model(torch.tensor([read])).logits[0, -1] for e in self.encoders))
        return read, len(before + ids(body) + after), logits, exact

    def conversed(self, pair):
        read = self.encoders[0].preprocess([pair])['input_ids'][0].tolist()
        messages = [{'role': 'query', 'content': pair[0]}, {'role': 'document', 'content': pair[1]}]
        total = len(self.tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)['input_ids'])
        logits, exact = (e.predict([pair], activation_fn=nn.Identity(), convert_to_tensor=True) for e in self.encoders)
        assert torch.equal(self.encoders[0].predict([pair], convert_to_tensor=True), self.activation(logits))
        return read, total, logits, exact

    def golden(self, texts):
        if self.case['style'] in ('card', 'logits'):
            read, total, logits, exact = self.asked(*texts) if self.case['style'] == 'card' else self.conversed(texts)
            row = {'texts': texts, 'ids': read, 'types': None, 'total': total, 'logits': digits(logits),
                   'scores': digits(torch.sigmoid(logits))}
            return row, float((logits.double() - exact).abs().max())
        call = [texts] if len(texts) == 2 else texts
        encoding = self.tokenizer(call, truncation='longest_first', max_length=self.limit)
        features = {k: torch.tensor(v) for k, v in encoding.items()}
        if 'logits' in self.case:
            pair = features['input_ids'], features['token_type_ids']
            logits, exact = (self.case['logits'](m, *pair)[0] for m in (self.case['model'], self.exact))
        else:
            logits, exact = (e.model(**features).logits[0] for e in self.encoders)
        scores = self.activation(logits)
        if len(texts) == 2 and 'logits' not in self.case:
            for activation, expected in ((nn.Identity(), logits), (None, scores)):
                own = self.encoders[0].predict(call, activation_fn=activation, convert_to_tensor=True)[0]
                assert torch.equal(own.ravel(), expected.ravel()), (own, expected)
        assert torch.isfinite(logits).all()
        row = {'texts': texts, 'ids': encoding['input_ids'][0], 'types': encoding.get('token_type_ids', [None])[0],
               'total': len(self.tokenizer(call)['input_ids'][0]), 'logits': digits(logits), 'scores': digits(scores)}
        return row, float((logits.double() - exact).abs().max())


def digits(value):
    return [float(f'{x:.8g}') for x in value.float().ravel().tolist()]


def build(name, root, seed):
    case, folder = tiny_classifiers.CASES[name](), f'{root}/{name}'
    write_folder(case, folder, seed)
    reference = Reference(case, folder)
    texts = [list(p) for p in pairs()]
    if case.get('single'):
        texts += [[d] for _, d in pairs()[4::3]]
    if case['style'] in ('card', 'logits'):
        texts = texts[::2]
    if case['tokenizer'] == 'qwen_bytes':  # a pair without a token has no score
        texts = [t for t in texts if any(t)]
    with torch.no_grad():
        rows = [reference.golden(t) for t in texts]
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
        for row, _ in rows:
            out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')
    publish(case, folder)
    if 'gguf' in case:
        write_gguf(case, folder)
    return {'rows': len(rows), 'worst_difference_to_float64': float(f'{max(d for _, d in rows):.2g}')}


def main():
    root = f'{sys.argv[1]}/classifiers'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    os.makedirs(root, exist_ok=True)
    path = f'{root}/manifest.json'
    manifest = json.load(open(path)) if os.path.exists(path) else {'cases': {}}
    manifest['versions'] = {'torch': torch.__version__, 'transformers': transformers.__version__,
                            'sentence-transformers': sentence_transformers.__version__}
    for i, name in enumerate(tiny_classifiers.CASES):
        if not sys.argv[2:] or name in sys.argv[2:]:
            manifest['cases'][name] = build(name, root, 900 + i)
            print(name, manifest['cases'][name])
    write_json(path, manifest)


main()
