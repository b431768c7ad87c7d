"""Tiny models with quantised weights, and their vectors. usage: quantised-model-goldens.py FIXTURES_DIR [FORM]…

Writes FIXTURES_DIR/quantised/<form>/: a folder of sentence-transformers whose matrices are stored as codes and scales in one form each, and
goldens.jsonl, one object a line: {"text": …, "embedding": […]}, the vectors of the same model with the numbers that the codes stand for.
"""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from transformers import (BertConfig, BertModel, LlamaConfig, LlamaModel, MistralConfig, MistralModel, Qwen2Config, Qwen2Model, Qwen3Config,
                          Qwen3Model)

import word_forms
from tiny_texts import PIECES, save_tokenizer, texts
from tiny_weights import randomise

E4M3 = torch.float8_e4m3fn
FP4 = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


def mlx4(module, w):
    import mlx.core as mx
    q, s, b = mx.quantize(mx.array(w.numpy()), group_size=32, bits=4)
    values = torch.from_numpy(np.array(mx.dequantize(q, s, b, group_size=32, bits=4)))
    return {f'{module}.weight': np.array(q), f'{module}.scales': np.array(s), f'{module}.biases': np.array(b)}, values


def fp8(module, w):
    scale = w.abs().amax(1, keepdim=True) / 448
    q = (w / scale).to(E4M3)
    return {f'{module}.weight': q, f'{module}.weight_scale': scale}, q.float() * scale


def nvfp4(module, w):
    groups = w.view(w.shape[0], -1, 16)
    second = w.abs().max() / (6 * 448)
    scale = (groups.abs().amax(2) / 6 / second).to(E4M3)
    wide = (scale.float() * second)[..., None]
    c = ((groups / wide.clamp(min=1e-12))[..., None] - FP4).abs().argmin(-1).view(w.shape)
    packed = (c[:, 0::2] | c[:, 1::2] << 4).to(torch.uint8)
    return ({f'{module}.weight': packed, f'{module}.weight_scale': scale, f'{module}.weight_scale_2': second},
            (FP4[c].view(groups.shape) * wide).view(w.shape))


def gptq(module, w):
    parts, values = word_forms.gptq(w, 4, 16, reordered=True)
    # The first tools wrote a bias for every module.
    parts['bias'] = torch.zeros(len(w), dtype=torch.float16)
    return {f'{module}.{k}': v for k, v in parts.items()}, values


def gptq8(module, w):
    parts, values = word_forms.gptq(w, 8, 32, 'gptq_v2')
    return {f'{module}.{k}': v for k, v in parts.items()}, values


def awq(module, w):
    parts, values = word_forms.awq(w, 32)
    return {f'{module}.{k}': v for k, v in parts.items()}, values


FORMS = {
    'mlx-qwen3': (mlx4, {'quantization': {'group_size': 32, 'bits': 4}, 'quantization_config': {'group_size': 32, 'bits': 4}}, True),
    'fp8-bert': (fp8, {'quantization_config': {'quant_method': 'compressed-tensors', 'format': 'float-quantized'}}, False),
    'nvfp4-qwen3': (nvfp4, {'quantization_config': {'quant_method': 'modelopt', 'quant_algo': 'NVFP4'}}, False),
    'gptq-qwen3': (gptq, {'quantization_config': {'quant_method': 'gptq', 'bits': 4, 'group_size': 16, 'desc_act': True, 'sym': False}}, False),
    'gptq8-mistral': (gptq8, {'quantization_config': {'quant_method': 'gptq', 'bits': 8, 'group_size': 32, 'desc_act': False, 'sym': False,
                                                      'checkpoint_format': 'gptq_v2'}}, False),
    'awq-qwen2': (awq, {'quantization_config': {'quant_method': 'awq', 'bits': 4, 'group_size': 32, 'zero_point': True, 'version': 'gemm'}}, False),
    'awq-llama': (awq, {'quantization_config': {'quant_method': 'awq', 'w_bit': 4, 'q_group_size': 32, 'zero_point': True, 'version': 'GEMM'}}, False),
}
SIZES = dict(vocab_size=PIECES, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=96,
             max_position_embeddings=90, attn_implementation='eager')


def encoder(name):
    if name.endswith('bert'):
        return BertModel(BertConfig(vocab_size=PIECES, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96,
                                    max_position_embeddings=64), add_pooling_layer=False)
    if name.endswith('qwen3'):
        return Qwen3Model(Qwen3Config(head_dim=16, **SIZES))
    config, kind = {'qwen2': (Qwen2Config, Qwen2Model), 'mistral': (MistralConfig, MistralModel), 'llama': (LlamaConfig, LlamaModel)}[name.split('-')[1]]
    # Qwen 2's tokenizer class adds a token.
    return kind(config(**SIZES | {'vocab_size': PIECES + 4} if name.endswith('qwen2') else SIZES))



def main():
    root = f'{sys.argv[1]}/quantised'
    chosen = sys.argv[2:] or FORMS
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name in chosen:
        form, config, tables = FORMS[name]
        folder, scratch = f'{root}/{name}', f'{root}/scratch'
        shutil.rmtree(folder, ignore_errors=True)
        save_tokenizer(scratch, 48)
        g = torch.Generator().manual_seed(len(name))
        randomise(encoder(name), g).save_pretrained(scratch)
        SentenceTransformer(modules=[Transformer(scratch), Pooling(64, 'mean'), Normalize()], device='cpu').save(folder, create_model_card=False)
        shutil.rmtree(scratch)
        path = f'{folder}/model.safetensors'
        stored, plain = {}, {}
        for key, w in load_file(path).items():
            table = 'embed' in key
            if w.ndim == 2 and (not table or tables and 'word' in key or tables and 'embed_tokens' in key):
                parts, plain[key] = form(key.removesuffix('.weight'), w)
                stored |= {k: torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v for k, v in parts.items()}
            else:
                stored[key] = plain[key] = w
        save_file({k: v.float().contiguous() for k, v in plain.items()}, path, metadata={'format': 'pt'})
        st = SentenceTransformer(folder, device='cpu')
        with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
            for text in texts():
                vector = [float(f'{x:.7g}') for x in st.encode(text, batch_size=1).tolist()]
                out.write(json.dumps({'text': text, 'embedding': vector}, ensure_ascii=False, separators=(',', ':')) + '\n')
        save_file({k: v.contiguous() for k, v in stored.items()}, path, metadata={'format': 'pt'})
        settings = json.load(open(f'{folder}/config.json')) | config
        json.dump(settings, open(f'{folder}/config.json', 'w'), indent=1, sort_keys=True)
        print(name, os.path.getsize(path))


main()
