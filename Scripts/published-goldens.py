"""The files of every known model as its repository publishes them, and what sentence-transformers makes of them. usage: published-goldens.py
FIXTURES_DIR [REPOSITORY…]

Writes FIXTURES_DIR/published/models.jsonl, one model a line: its files (published_models.py) with small sizes, the shapes of its tensors, and
what sentence-transformers reads: limit, pooling, normalisation, prompts, dimensions and, where transformers has the encoder, vectors of a few
texts or scores of a few pairs. The weights are a formula of their names and places (`values`), so that none is stored; the tokenizers beside it
are those of tokenizers/. Where the published configuration names code of its own, the encoder is run in transformers' spelling of the same, and
where transformers has none, another encoder of the same width stands in its place and only the settings are compared.
"""
import json
import os
import shutil
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
os.environ['HF_HUB_OFFLINE'] = '1'
import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder, SentenceTransformer
from tokenizers import Tokenizer, processors
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

import published_models

SMALL = {
    'hidden_size': 32, 'dim': 32, 'n_embd': 32, 'num_hidden_layers': 2, 'n_layers': 2, 'n_layer': 2, 'num_attention_heads': 4, 'n_heads': 4,
    'n_head': 4, 'intermediate_size': 40, 'hidden_dim': 40, 'n_inner': 40, 'num_key_value_heads': 2, 'head_dim': 8, 'in_features': 32,
    'out_features': 32, 'word_embedding_dimension': 32, 'embedding_dimension': 32, 'num_experts': 4}
FIXTURES = sys.argv[1]
SOURCES = {'wordpiece': 'classifiers/bert-cross', 'mpnet': 'classifiers/mpnet', 'roberta': 'classifiers/roberta', 'xlmr': 'classifiers/xlm-roberta',
           'modernbert': 'classifiers/modernbert-cls', 'qwen2': 'classifiers/qwen2', 'qwen3': 'classifiers/qwen2', 'qwen2-eos': 'classifiers/qwen2',
           'gemma': 'gemma', 'mistral': 'llama'}
PIECES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../Tests/MartletTokenizersTests/Goldens/SentencePiece')
TEXTS = ['zopa balo', 'Turi gemu: naïve (12) words.', '', 'balo ' * 40]
PAIRS = [('zopa', 'balo turi'), ('Gemu?', 'zopa zopa 12')]


def values(name, shape):
    """Numbers from a linear congruential generator that begins with the name's checksum."""
    state, out = zlib.crc32(name.encode()), []
    count = int(np.prod(shape)) if shape else 1
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        out.append(state >> 8)
    x = np.array(out, dtype=np.float32) / np.float32(8388608) - np.float32(1)
    if len(shape) < 2:
        norm = name.endswith('weight')
        x = x * np.float32(0.25) + np.float32(1 if norm else 0)
    elif 'embed' in name:
        x = x * np.float32(0.75)
    else:
        x = x * (np.float32(2) / np.sqrt(np.float32(shape[-1])))
    return torch.from_numpy(x.reshape(shape))


def tokenizer(name):
    """A small tokenizer of the kind, as its repository has it: with the tokens around a text in tokenizer.json."""
    source = SOURCES[name]
    if '/' in source:
        t = Tokenizer.from_file(f'{FIXTURES}/{source}/tokenizer.json')
    else:
        t = Tokenizer.from_str(json.dumps(json.load(open(f'{PIECES}/{source}.json', encoding='utf-8'))['tokenizer']))
    if name in ('gemma', 'mistral'):
        begin, end = ('<bos>', '<eos>') if name == 'gemma' else ('<s>', '</s>')
        t.post_processor = processors.TemplateProcessing(single=f'{begin} $A {end}', pair=f'{begin} $A {end} {begin} $B {end}', special_tokens=[
            (x, t.token_to_id(x)) for x in (begin, end)])
    if name in ('qwen3', 'qwen2-eos'):
        end = t.token_to_id('<|endoftext|>')
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
            single='$A <|endoftext|>', pair='$A <|endoftext|> $B <|endoftext|>', special_tokens=[('<|endoftext|>', end)])])
    return t


def small(config, vocab):
    out = {k: SMALL[k] if k in SMALL and v is not None else v for k, v in config.items()}
    if 'vocab_size' in out:
        out['vocab_size'] = vocab
    for key in ('layer_types',):
        if out.get(key):
            out[key] = ['sliding_attention', 'full_attention']
    if out.get('model_type') == 'gemma3_text':
        out['num_attention_heads'], out['num_key_value_heads'] = 4, 1
    for key in [k for k in out if k.endswith('_token_id') and isinstance(out[k], int) and out[k] >= vocab]:
        out[key] = 3
    return out


def write(folder, files):
    for name, value in files.items():
        os.makedirs(os.path.dirname(f'{folder}/{name}') or folder, exist_ok=True)
        json.dump(value, open(f'{folder}/{name}', 'w', encoding='utf-8'))


def ntk(model, config):
    """The rope scaling of gte-*-en-v1.5, which transformers lacks: https://kexue.fm/archives/9706"""
    scaling = config.get('rope_scaling') or {}
    if scaling.get('type') != 'ntk':
        return
    inner = [m for m in model.modules() if hasattr(m, 'inv_freq')][0]
    dim, factor = 2 * inner.inv_freq.numel(), scaling['factor']
    inner.inv_freq = 1.0 / ((config['rope_theta'] * factor) ** (torch.arange(0, dim, 2).float() / dim)) / factor ** (2 / dim)
    inner.rope_type = 'default'


def native_config(row, config):
    kind = row['native']
    if kind is None:
        return config
    if callable(kind):
        return kind(config)
    if kind == 'jina-v3':
        names = ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'vocab_size', 'max_position_embeddings', 'type_vocab_size',
                 'layer_norm_eps', 'pad_token_id', 'hidden_act']
        return {k: config[k] for k in names} | {'model_type': 'jina_embeddings_v3', 'architectures': ['JinaEmbeddingsV3Model'],
                                                'rope_parameters': {'rope_type': 'default', 'rope_theta': config.get('rotary_emb_base', 10000.0)},
                                                **{k: config[k] for k in ('id2label', 'label2id') if k in config}}
    # Another encoder of the same width and limits.
    return {'model_type': 'modernbert', 'architectures': ['ModernBertModel'], 'hidden_size': 32, 'num_hidden_layers': 1, 'num_attention_heads': 4,
            'intermediate_size': 40, 'vocab_size': config['vocab_size'], 'pad_token_id': 0,
            'max_position_embeddings': config.get('n_positions', config.get('max_position_embeddings'))}


def jina_names(name):
    """jina-embeddings-v3's matrices and tables are the originals of parametrizations."""
    adapted = name.endswith('.weight') and 'norm' not in name and 'emb_ln' not in name
    return 'roberta.' + (name.removesuffix('weight') + 'parametrizations.weight.original' if adapted else name)


def own_tensors(row, config):
    """The tensors of encoders that transformers does not have."""
    import tiny_encoders
    if row['native'] in ('jina', 'load') and config['model_type'] == 'bert':
        model = tiny_encoders.JinaBert(config['vocab_size'], 32, 2, 4, 40)
        named = {model.names[k.rsplit('.', 1)[0]] + '.' + k.rsplit('.', 1)[1]: list(v.shape) for k, v in model.state_dict().items()}
        if row['kind'] == 'reranker':
            return {'bert.' + k: v for k, v in named.items()} | {
                'bert.pooler.dense.weight': [32, 32], 'bert.pooler.dense.bias': [32], 'classifier.weight': [1, 32], 'classifier.bias': [1]}
        return named
    if row['native'] == 'flash':
        # XLM-RoBERTa under other names: those of a classifier that classifier-goldens.py made, with its sizes.
        place = f'{FIXTURES}/classifiers/jina-flash'
        own = json.load(open(f'{place}/config.json'))
        for key in ('hidden_size', 'intermediate_size', 'num_attention_heads', 'num_hidden_layers', 'max_position_embeddings', 'vocab_size', 'type_vocab_size'):
            config[key] = own[key]
        return {k: list(v.shape) for k, v in load_file(f'{place}/model.safetensors').items()}
    if row['native'] == 'experts':
        model = tiny_encoders.NomicExperts(config['vocab_size'], 32, 2, 4, 40, 4, 2, 10000)
        named = {model.names[k.rsplit('.', 1)[0]] + '.' + k.rsplit('.', 1)[1]: list(v.shape) for k, v in model.state_dict().items()}
        return {k.replace('.w1.weight', '.w1').replace('.w2.weight', '.w2'): v for k, v in named.items() if not k.endswith('mlp.experts.weight')}
    return None


def build(row):
    t = tokenizer(row['tokenizer'])
    vocab = t.get_vocab_size()
    config = small(row['config'], vocab)
    files = {k: small(v, vocab) if isinstance(v, dict) and k.endswith('config.json') and not k.startswith(('tokenizer', 'config_sent', 'sentence')) else v
             for k, v in row['files'].items()}
    files['config.json'] = config
    native = native_config(row, config)
    scores = row['kind'] == 'reranker'
    shapes = own_tensors(row, config)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files | {'config.json': {k: v for k, v in native.items() if k not in ('torch_dtype', 'dtype')}})
        t.save(f'{folder}/tokenizer.json')
        transformers.set_seed(0)
        loaded = AutoConfig.from_pretrained(folder)
        model = (AutoModelForSequenceClassification if scores and row['native'] not in ('load', 'flash') else AutoModel).from_config(loaded)
        # Under the names that checkpoints have.
        model.save_pretrained(f'{folder}/saved')
        state = {k: v for k, v in load_file(f'{folder}/saved/model.safetensors').items() if not k.endswith(('position_ids', 'token_type_ids'))}
        save_file({k: values(k, list(v.shape)) for k, v in state.items()}, f'{folder}/model.safetensors', metadata={'format': 'pt'})
        if shapes is None:
            shapes = {k: list(v.shape) for k, v in state.items()}
        extra = {}
        for name in [k for k in files if 'Dense/' in k]:
            d = files[name]
            parts = {'linear.weight': [d['out_features'], d['in_features']]} | ({'linear.bias': [d['out_features']]} if d['bias'] else {})
            place = os.path.dirname(name)
            save_file({k: values(f'{place}/{k}', s) for k, s in parts.items()}, f'{folder}/{place}/model.safetensors')
            extra[place] = parts
        if row['native'] == 'jina-v3' and not scores:
            # The stand-in is plain Transformer: the published module is code of its own.
            files_here = json.load(open(f'{folder}/modules.json'))
            files_here[0]['type'] = published_models.ST + 'Transformer'
            write(folder, {'modules.json': files_here})
        out = {'repository': row['repository'], 'kind': row['kind'], 'tokenizer': row['tokenizer'], 'files': files, 'modules': extra}
        if scores:
            out['expected'] = {}
            if row['native'] not in ('load', 'flash'):
                ce = CrossEncoder(folder, device='cpu')
                ntk(ce.model, config)
                out['expected'] = {'limit': ce.max_length, 'scores': [float(x) for x in ce.predict(PAIRS, batch_size=1)]}
        else:
            st = SentenceTransformer(folder, device='cpu')
            ntk(st[0], config)
            names = [type(m).__name__ for m in st]
            pool = st[names.index('Pooling')]
            out['expected'] = {
                'limit': st.max_seq_length, 'pooling': pool.get_pooling_mode_str() if hasattr(pool, 'get_pooling_mode_str') else pool.pooling_mode,
                'normalizes': names[-1] == 'Normalize', 'prompts': st.prompts, 'default': st.default_prompt_name,
                'dimensions': st.get_embedding_dimension() if hasattr(st, 'get_embedding_dimension') else st.get_sentence_embedding_dimension(),
                'similarity': str(st.similarity_fn_name)}
            compared = row['native'] not in ('jina', 'experts', 'load')
            if compared:
                texts = [x for x in TEXTS if x or row['tokenizer'] not in ('qwen2',)]
                out['vectors'] = [{'text': x, 'embedding': [float(f'{y:.6g}') for y in st.encode(x, batch_size=1).tolist()]} for x in texts]
        out['tensors'] = shapes
        if row['native'] == 'jina-v3' and not scores:
            out['tensors'] = {jina_names(k): v for k, v in shapes.items() if 'pooler' not in k}
            out['values'] = {jina_names(k): k for k in shapes if 'pooler' not in k}
        return out


def main():
    target = f'{FIXTURES}/published'
    os.makedirs(f'{target}/tokenizers', exist_ok=True)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    for name in SOURCES:
        tokenizer(name).save(f'{target}/tokenizers/{name}.json', pretty=False)
    lines = []
    for row in published_models.ROWS:
        if sys.argv[2:] and row['repository'] not in sys.argv[2:]:
            continue
        try:
            out = build(row)
        except Exception as error:
            print(f'{row["repository"]}: {type(error).__name__}: {str(error)[:300]}')
            continue
        lines.append(json.dumps(out, ensure_ascii=False, separators=(',', ':'), sort_keys=True))
    if not sys.argv[2:]:
        open(f'{target}/models.jsonl', 'w', encoding='utf-8').write('\n'.join(lines) + '\n')
        json.dump(published_models.ELSEWHERE, open(f'{target}/elsewhere.json', 'w'), indent=1, sort_keys=True)
    print(len(lines), 'models')


main()
