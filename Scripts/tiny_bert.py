"""Tiny BERT checkpoints with random weights, as complete sentence-transformers folders.

Each folder is odd in a way of its own (see MODELS), so that together they cover what a BERT checkpoint may do: head sizes and widths
that are no multiple of a SIMD register, every usual activation, F32, F16 and BF16 storage, one file or shards, tensor names with and
without the `bert.` prefix, old and new spellings of the sentence-transformers configuration, tokenizer.json or only vocab.txt.
"""
import json
import os
import random
import shutil
import string

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
SYLLABLES = [c + v for c in 'bdfgklmnprstvz' for v in 'aeiou']


def lexicon(count=800, seed=3):
    """Made-up words of two to four syllables."""
    rng = random.Random(seed)
    words = []
    while len(words) < count:
        word = ''.join(rng.choice(SYLLABLES) for _ in range(rng.choice([2, 2, 3, 3, 4])))
        if word not in words:
            words.append(word)
    return words


def vocabulary(size, cased):
    """Special tokens, characters, syllables and whole words; every second word of the lexicon is missing, so it splits into pieces."""
    letters = string.ascii_lowercase + string.digits
    pieces = list(SPECIAL) + list(letters) + ['##' + c for c in letters] + list('.,;:!?-()\'"/')
    if cased:
        pieces += list(string.ascii_uppercase) + ['é', '##é', 'ü', '##ü']
    pieces += ['日', '本', '語', 'я', '##я', 'ж', '##ж', 'ß', '##ß', '🙂']
    pieces += SYLLABLES + ['##' + s for s in SYLLABLES] + ['##' + a + b for a, b in zip(SYLLABLES[::3], SYLLABLES[1::3])]
    pieces += [w for w in lexicon()[::2] if w not in pieces]
    assert len(set(pieces)) == len(pieces) and len(pieces) >= size, len(pieces)
    return pieces[:size]


def tokenizer_for(pieces, cased, limit=None):
    """`limit` is written into the file as `truncation`, with padding; sentence-transformers overrides both at every call."""
    ids = {p: i for i, p in enumerate(pieces)}
    t = Tokenizer(models.WordPiece(ids, unk_token='[UNK]', max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=not cased)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.TemplateProcessing(
        single='[CLS]:0 $A:0 [SEP]:0', pair='[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1',
        special_tokens=[('[CLS]', ids['[CLS]']), ('[SEP]', ids['[SEP]'])])
    t.decoder = decoders.WordPiece(prefix='##')
    t.add_special_tokens(SPECIAL)
    if limit:
        t.enable_truncation(limit)
        t.enable_padding(length=limit, pad_id=0, pad_token='[PAD]')
    return t


# name: (config, storage, sentence-transformers side)
MODELS = {
    'bert-mini': dict(
        hidden=32, layers=2, heads=4, ffn=64, act='gelu', eps=1e-12, vocab=600, positions=256, types=2, dtype=torch.float32,
        max_seq_length=224, file_limit=16, pooling='mean', old_style=True, normalize=True, position_ids=True),
    'bert-odd': dict(
        hidden=36, layers=2, heads=3, ffn=50, act='gelu_new', eps=1e-5, vocab=613, positions=80, types=2, dtype=torch.float32,
        max_seq_length=48, pooling='cls', old_style=False, normalize=False, cased=True),
    'bert-dense': dict(
        hidden=48, layers=2, heads=4, ffn=96, act='relu', eps=1e-12, vocab=520, positions=128, types=2, dtype=torch.float16,
        max_seq_length=128, pooling='mean', old_style=True, dense=24, normalize=True, shards=3,
        prompts={'query': 'query: ', 'document': 'passage: '}, default_prompt='document'),
    'bert-silu': dict(
        hidden=40, layers=3, heads=5, ffn=72, act='silu', eps=1e-12, vocab=601, positions=96, types=1, dtype=torch.bfloat16,
        max_seq_length=None, pooling='max', old_style=True, normalize=False, prefix='bert.'),
    'bert-narrow': dict(
        hidden=20, layers=1, heads=2, ffn=30, act='quick_gelu', eps=1e-7, vocab=557, positions=64, types=2, dtype=torch.float32,
        max_seq_length=64, pooling='weightedmean', old_style=True, normalize=True, only_vocab=True),
}

OLD_POOLING_KEYS = {
    'cls': 'pooling_mode_cls_token', 'mean': 'pooling_mode_mean_tokens', 'max': 'pooling_mode_max_tokens',
    'mean_sqrt_len_tokens': 'pooling_mode_mean_sqrt_len_tokens', 'weightedmean': 'pooling_mode_weightedmean_tokens',
    'lasttoken': 'pooling_mode_lasttoken',
}


def weights(m, seed):
    """Large weights: attention is sharp and activations reach the bends, so that a wrong kernel cannot hide."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape, std):
        return torch.randn(*shape, generator=g) * std

    h, f = m['hidden'], m['ffn']
    t = {
        'embeddings.word_embeddings.weight': normal(m['vocab'], h, std=0.5),
        'embeddings.position_embeddings.weight': normal(m['positions'], h, std=0.3),
        'embeddings.token_type_embeddings.weight': normal(m['types'], h, std=0.3),
    }

    def norm(name):
        t[name + '.weight'] = 1 + normal(h, std=0.25)
        t[name + '.bias'] = normal(h, std=0.2)

    def linear(name, rows, columns, std):
        t[name + '.weight'] = normal(rows, columns, std=std / columns ** 0.5)
        t[name + '.bias'] = normal(rows, std=0.2)

    norm('embeddings.LayerNorm')
    for i in range(m['layers']):
        p = f'encoder.layer.{i}.'
        for part in ('query', 'key', 'value'):
            linear(p + 'attention.self.' + part, h, h, 1.6)
        linear(p + 'attention.output.dense', h, h, 1.3)
        norm(p + 'attention.output.LayerNorm')
        linear(p + 'intermediate.dense', f, h, 1.4)
        linear(p + 'output.dense', h, f, 1.4)
        norm(p + 'output.LayerNorm')
    extra = {}
    if m.get('prefix'):  # as BertForMaskedLM saves: no pooler, a prediction head
        extra['cls.predictions.bias'] = normal(m['vocab'], std=0.2)
        extra['cls.predictions.transform.dense.weight'] = normal(h, h, std=0.2)
        extra['cls.predictions.transform.dense.bias'] = normal(h, std=0.2)
        extra['cls.predictions.transform.LayerNorm.weight'] = 1 + normal(h, std=0.2)
        extra['cls.predictions.transform.LayerNorm.bias'] = normal(h, std=0.2)
    else:
        linear('pooler.dense', h, h, 1.0)
    t = {m.get('prefix', '') + k: v for k, v in t.items()} | extra
    t = {k: v.to(m['dtype']) for k, v in t.items()}
    if m.get('position_ids'):
        t['embeddings.position_ids'] = torch.arange(m['positions'], dtype=torch.int64)[None]
    return t


def write_json(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(value, f, indent=2, ensure_ascii=False)
        f.write('\n')


def write_weights(m, folder, seed):
    tensors = {k: v.contiguous() for k, v in weights(m, seed).items()}
    count = m.get('shards', 1)
    if count == 1:
        save_file(tensors, f'{folder}/model.safetensors', metadata={'format': 'pt'})
        return
    names = list(tensors)
    where = {}
    for i in range(count):
        file = f'model-{i + 1:05}-of-{count:05}.safetensors'
        part = names[len(names) * i // count:len(names) * (i + 1) // count]
        save_file({n: tensors[n] for n in part}, f'{folder}/{file}', metadata={'format': 'pt'})
        where |= {n: file for n in part}
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    write_json(f'{folder}/model.safetensors.index.json', {'metadata': {'total_size': total}, 'weight_map': where})


def write_tokenizer(m, folder):
    cased = m.get('cased', False)
    pieces = vocabulary(m['vocab'], cased)
    with open(f'{folder}/vocab.txt', 'w', encoding='utf-8') as f:
        f.write('\n'.join(pieces) + '\n')
    if not m.get('only_vocab'):
        tokenizer_for(pieces, cased, m.get('file_limit')).save(f'{folder}/tokenizer.json', pretty=False)
    write_json(f'{folder}/tokenizer_config.json', {
        'do_lower_case': not cased, 'unk_token': '[UNK]', 'sep_token': '[SEP]', 'pad_token': '[PAD]', 'cls_token': '[CLS]',
        'mask_token': '[MASK]', 'tokenize_chinese_chars': True, 'strip_accents': None, 'tokenizer_class': 'BertTokenizer',
        'model_max_length': m['positions']})


def write_pipeline(m, folder, seed):
    """modules.json and what it names, in the spelling of sentence-transformers 2 (old style) or 6."""
    old = m['old_style']
    kinds = {
        'Transformer': 'sentence_transformers.base.modules.transformer.Transformer',
        'Pooling': 'sentence_transformers.sentence_transformer.modules.pooling.Pooling',
        'Dense': 'sentence_transformers.base.modules.dense.Dense',
        'Normalize': 'sentence_transformers.base.modules.normalize.Normalize',
    }
    modules = [('', 'Transformer'), ('1_Pooling', 'Pooling')]
    if old:
        write_json(f'{folder}/1_Pooling/config.json', {'word_embedding_dimension': m['hidden']} | {
            key: mode == m['pooling'] for mode, key in OLD_POOLING_KEYS.items()})
        write_json(f'{folder}/sentence_bert_config.json', {'max_seq_length': m['max_seq_length'], 'do_lower_case': False})
    else:
        write_json(f'{folder}/1_Pooling/config.json', {
            'embedding_dimension': m['hidden'], 'pooling_mode': m['pooling'], 'include_prompt': True})
        write_json(f'{folder}/sentence_bert_config.json', {
            'transformer_task': 'feature-extraction',
            'modality_config': {'text': {'method': 'forward', 'method_output_name': 'last_hidden_state'}},
            'module_output_name': 'token_embeddings'})
        # Version 6 keeps the token limit in the tokenizer's configuration.
        path = f'{folder}/tokenizer_config.json'
        config = json.load(open(path, encoding='utf-8'))
        write_json(path, config | {'model_max_length': m['max_seq_length']})
    if m.get('dense'):
        g = torch.Generator().manual_seed(seed + 1000)
        modules.append(('2_Dense', 'Dense'))
        write_json(f'{folder}/2_Dense/config.json', {
            'in_features': m['hidden'], 'out_features': m['dense'], 'bias': True,
            'activation_function': 'torch.nn.modules.activation.Tanh'})
        linear = {'linear.weight': 2.5 * torch.randn(m['dense'], m['hidden'], generator=g) / m['hidden'] ** 0.5,
                  'linear.bias': torch.randn(m['dense'], generator=g) * 0.2}
        save_file(linear, f'{folder}/2_Dense/model.safetensors', metadata={'format': 'pt'})
    if m['normalize']:
        modules.append((f'{len(modules)}_Normalize', 'Normalize'))
    write_json(f'{folder}/modules.json', [
        {'idx': i, 'name': str(i), 'path': path, 'type': f'sentence_transformers.models.{kind}' if old else kinds[kind]}
        for i, (path, kind) in enumerate(modules)])
    write_json(f'{folder}/config_sentence_transformers.json', {
        '__version__': {'sentence_transformers': '2.2.2' if old else '6.2.0'}, 'prompts': m.get('prompts', {}),
        'default_prompt_name': m.get('default_prompt'), 'similarity_fn_name': 'cosine'})


def build(name, root):
    """Writes the folder `root/name` anew and returns its path."""
    m, folder = MODELS[name], f'{root}/{name}'
    seed = 100 + list(MODELS).index(name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    write_json(f'{folder}/config.json', {
        'architectures': ['BertForMaskedLM' if m.get('prefix') else 'BertModel'], 'model_type': 'bert',
        'attention_probs_dropout_prob': 0.1, 'hidden_dropout_prob': 0.1, 'hidden_act': m['act'], 'hidden_size': m['hidden'],
        'initializer_range': 0.02, 'intermediate_size': m['ffn'], 'layer_norm_eps': m['eps'], 'max_position_embeddings': m['positions'],
        'num_attention_heads': m['heads'], 'num_hidden_layers': m['layers'], 'pad_token_id': 0, 'position_embedding_type': 'absolute',
        'torch_dtype': str(m['dtype']).removeprefix('torch.'), 'type_vocab_size': m['types'], 'vocab_size': m['vocab']})
    write_weights(m, folder, seed)
    write_tokenizer(m, folder)
    write_pipeline(m, folder, seed)
    return folder
