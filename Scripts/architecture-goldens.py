"""Tiny checkpoints of every encoder family, and what transformers computes with them. usage: architecture-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/encoders/<name>/: config.json and model.safetensors with random weights, and goldens.jsonl, one object a sequence:
  {"ids": […], "first": […], "mean": […], "last": […]}
the last hidden states of the first and the last token and the mean of all, in float32, each sequence alone. manifest.json records the
versions and, for each family, the worst difference to float64.

Hidden sizes, heads and widths are no multiples of 16, and a family's odd features are on.
"""
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import gguf
import torch
import transformers
from safetensors.torch import load_file, save_file

import tiny_encoders

LENGTHS = (1, 2, 3, 5, 8, 13, 16, 17, 31, 33, 50, 72)


def sequences(case):
    """Random ids of several lengths, up to the longest text; one has the padding token inside."""
    rng = random.Random(11)
    longest = case['longest']
    out = [[rng.randrange(case['vocab']) for _ in range(n)] for n in LENGTHS if n < longest]
    out.append([rng.randrange(case['vocab']) for _ in range(longest)])
    pad = case.get('padding')
    if pad is None:
        return out
    out = [[i if i != pad else pad + 1 for i in ids] for ids in out]
    out[4][3] = out[4][4] = out[7][0] = pad
    return out


def randomise(model, seed, zero_centred_norms):
    """Large weights: attention is sharp and activations reach the bends, so that a wrong kernel cannot hide."""
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        if p.ndim == 1:
            norm = name.endswith('weight')
            p.data = (0 if zero_centred_norms or not norm else 1) + noise * (0.25 if norm else 0.2)
        elif ('embed' in name or name in ('words.weight', 'types.weight')) and 'project' not in name:
            p.data = noise * 0.5
        elif 'relative_attention_bias' in name:
            p.data = noise * 1.5
        else:
            p.data = noise * 1.4 / p.shape[-1] ** 0.5


def digits(value):
    return [float(f'{x:.7g}') for x in value.tolist()]


def write_gguf(path, tensors, arch, layers, metadata, map_name=lambda n: n, edit=lambda n, t: t, skip=()):
    """The file that llama.cpp's converter would write, without a tokenizer: its names by its own table."""
    table = gguf.get_tensor_name_map(arch, layers)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[arch])
    name = gguf.MODEL_ARCH_NAMES[arch]
    for key, value in metadata.items():
        add = {bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, str: writer.add_string, list: writer.add_array}
        add[type(value)](f'{name}.{key}', value)
    for key, tensor in tensors.items():
        if key.endswith(tuple(skip)):
            continue
        new = table.get_name(map_name(key), try_suffixes=('.weight', '.bias'))
        assert new, key
        value = edit(key, tensor.float()).contiguous()
        writer.add_tensor(new, (value.half() if value.ndim > 1 and tensor.dtype == torch.float16 else value).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def build(name, root, seed):
    case = tiny_encoders.CASES[name]()
    folder = f'{root}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = case['model'].eval()
    randomise(model, seed, case.get('zero_centred_norms', False))
    for name, p in model.named_parameters():
        if name.endswith(case.get('zero', '\n')):
            p.data.zero_()
    dtype = case.get('dtype', torch.float32)
    for p in model.parameters():
        p.data = p.data.to(dtype).float()
    if case.get('save'):
        tensors, config = case['save'](model)
    else:
        model.save_pretrained(folder)
        tensors, config = load_file(f'{folder}/model.safetensors'), json.load(open(f'{folder}/config.json', encoding='utf-8'))
    config = config | case.get('config', {})
    for key in case.get('without', ()):
        config.pop(key, None)
    prefix = case.get('prefix', '')
    rename = case.get('rename', lambda k: k)
    tensors = {prefix + rename(k): v.to(dtype).contiguous() for k, v in tensors.items()}
    save_file(tensors, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    if 'gguf' in case:
        write_gguf(f'{folder}/model.gguf', {k.removeprefix(prefix): v for k, v in tensors.items()}, **case['gguf'])
    with open(f'{folder}/config.json', 'w', encoding='utf-8') as f:
        json.dump(config, f, indent=1, sort_keys=True)
        f.write('\n')

    worst = 0.0
    exact = case['model'].double
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out, torch.no_grad():
        rows = [(ids, case['run'](model, torch.tensor([ids]))) for ids in sequences(case)]
        exact()
        for ids, hidden in rows:
            difference = (case['run'](model, torch.tensor([ids])) - hidden.double()).abs().max()
            worst = max(worst, float(difference))
            assert torch.isfinite(hidden).all() and hidden.shape[0] == len(ids)
            row = {'ids': ids, 'first': digits(hidden[0]), 'mean': digits(hidden.double().mean(0).float()), 'last': digits(hidden[-1])}
            out.write(json.dumps(row, separators=(',', ':')) + '\n')
    return {'sequences': len(rows), 'worst_difference_to_float64': float(f'{worst:.2g}')}


def main():
    root = f'{sys.argv[1]}/encoders'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    os.makedirs(root, exist_ok=True)
    path = f'{root}/manifest.json'
    manifest = json.load(open(path)) if os.path.exists(path) else {'families': {}}
    manifest['versions'] = {'torch': torch.__version__, 'transformers': transformers.__version__}
    for i, name in enumerate(tiny_encoders.CASES):
        if not sys.argv[2:] or name in sys.argv[2:]:
            manifest['families'][name] = build(name, root, 500 + i)
            print(name, manifest['families'][name])
    with open(path, 'w', encoding='utf-8') as out:
        json.dump(manifest, out, indent=1, sort_keys=True)
        out.write('\n')


main()
