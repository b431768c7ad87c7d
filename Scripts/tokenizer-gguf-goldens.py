"""Writes gguf.json beside the goldens of tokenizer-sp-goldens.py. usage: tokenizer-gguf-goldens.py FOLDER   (needs: pip install gguf llama-cpp-python)

SentencePiece models as GGUF metadata, made from the tokenizers of that folder, with the ids that llama.cpp gives.
"""
import base64, json, os, random, re, sys, tempfile
import gguf
from llama_cpp import Llama

FOLDER = sys.argv[1]
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


def load(name):
    with open(os.path.join(FOLDER, name + '.json'), encoding='utf-8') as f:
        return json.load(f)


def types(tokens, control):
    kinds = []
    for index, token in enumerate(tokens):
        kind = UNKNOWN if token == '<unk>' else CONTROL if token in control else BYTE if re.fullmatch('<0x[0-9A-F]{2}>', token) else NORMAL
        # llama.cpp leaves what a user-defined piece only begins with unchanged too, so these begin with what no rule changes.
        if kind == NORMAL and index % 2 and re.fullmatch(r'[0-9,.;()-]+', token):
            kind = USER_DEFINED
        kinds.append(UNUSED if kind == NORMAL and index % 97 == 51 else kind)
    return kinds


def settings():
    xlmr = load('xlmr')
    pieces = [piece for piece in xlmr['tokenizer']['model']['vocab']] + [['<mask>', 0.0]]
    tokens = [piece for piece, _ in pieces]
    common = {'model': 't5', 'tokens': tokens, 'scores': [score for _, score in pieces], 'types': types(tokens, ['<s>', '<pad>', '</s>', '<mask>']), 'unknown': 3, 'bos': 0, 'eos': 2}
    yield 'xlmr', {**common, 'charsmap': True, 'space': True, 'merge': True, 'addsBOS': True, 'addsEOS': True}
    yield 'plain', {**common, 'charsmap': False, 'space': True, 'merge': False, 'addsBOS': False, 'addsEOS': True}
    yield 'bare', {**common, 'charsmap': True, 'space': False, 'merge': False, 'addsBOS': False, 'addsEOS': True}
    vocabulary = load('llama')['tokenizer']['model']['vocab']
    tokens = sorted(vocabulary, key=vocabulary.get)
    # Scores fall with the id, and some are equal.
    common = {'model': 'llama', 'tokens': tokens, 'scores': [-float(index // 3) for index in range(len(tokens))], 'types': types(tokens, ['<s>', '</s>']), 'unknown': 0, 'bos': 1, 'eos': 2,
              'charsmap': False, 'merge': None}
    yield 'llama', {**common, 'space': None, 'addsBOS': None, 'addsEOS': None}
    yield 'gemma', {**common, 'space': False, 'addsBOS': True, 'addsEOS': True}


def write_model(path, setting):
    writer = gguf.GGUFWriter(path, 'llama')
    writer.add_tokenizer_model(setting['model'])
    writer.add_token_list(setting['tokens'])
    writer.add_token_scores(setting['scores'])
    writer.add_token_types(setting['types'])
    writer.add_unk_token_id(setting['unknown'])
    writer.add_bos_token_id(setting['bos'])
    writer.add_eos_token_id(setting['eos'])
    if setting['charsmap']:
        with open(os.path.join(FOLDER, 'nmt_nfkc.bin'), 'rb') as f:
            writer.add_precompiled_charsmap(f.read())
    for key, add in [('space', writer.add_add_space_prefix), ('merge', writer.add_remove_extra_whitespaces), ('addsBOS', writer.add_add_bos_token), ('addsEOS', writer.add_add_eos_token)]:
        if setting[key] is not None:
            add(setting[key])
    for key in ('context_length', 'embedding_length', 'block_count', 'feed_forward_length'):
        writer.add_uint32(f'llama.{key}', 32)
    writer.add_uint32('llama.attention.head_count', 4)
    writer.add_float32('llama.attention.layer_norm_rms_epsilon', 1e-6)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


texts = [case[0] for case in load('xlmr')['cases'] if '\x00' not in case[0]]
draw = random.Random(4)
models = []
for name, setting in settings():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'model.gguf')
        write_model(path, setting)
        model = Llama(path, vocab_only=True, verbose=False)
    pieces = [token for token, kind in zip(setting['tokens'], setting['types']) if kind in (NORMAL, USER_DEFINED, UNUSED)]
    lines = texts + [''.join(draw.choice(pieces).replace('\u2581', ' ') for _ in range(draw.randrange(1, 12))) for _ in range(120)]
    cases = [[text, model.tokenize(text.encode(), add_bos=True, special=True)] for text in lines]
    # The vocabularies stand in the other files.
    kept = {key: value for key, value in setting.items() if key not in ('tokens', 'scores', 'types')}
    changed = {index: kind for index, kind in enumerate(setting['types']) if kind != NORMAL}
    models.append({'name': name, **kept, 'types': changed, 'cases': cases})
with open(os.path.join(FOLDER, 'gguf.json'), 'w', encoding='utf-8', newline='\n') as f:
    json.dump({'models': models}, f, separators=(',', ':'))
    f.write('\n')
print(len(models), 'models,', os.path.getsize(os.path.join(FOLDER, 'gguf.json')), 'bytes')
