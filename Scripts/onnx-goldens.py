"""Tiny models exported to ONNX as torch.onnx does it, and what transformers computes with them. usage: onnx-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/onnx/<name>/: config.json, model.onnx and goldens.jsonl as architecture-goldens.py does. Matrices become constants
without names there, turned; a wrapper puts a name before all others, and one model's data lies in a file of its own, as those of models
over 2 GB do. Identical vectors, here the norms of one model, become copies of one.
"""
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import onnx
import torch
import transformers
from torch import nn
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, ModernBertConfig, ModernBertModel, MPNetConfig, MPNetModel,
    XLMRobertaConfig, XLMRobertaModel)

SIZES = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20, attn_implementation='eager')


def bert():
    return BertModel(BertConfig(max_position_embeddings=40, **SIZES))


def bert_external():
    """Default initialisation of norms, so that the exporter finds identical vectors."""
    return BertModel(BertConfig(max_position_embeddings=40, hidden_act='relu', **SIZES), add_pooling_layer=False)


def distilbert():
    return DistilBertModel(DistilBertConfig(vocab_size=40, dim=16, n_layers=2, n_heads=2, hidden_dim=20, max_position_embeddings=40, attn_implementation='eager'))


def xlm_roberta():
    return XLMRobertaModel(XLMRobertaConfig(max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES), add_pooling_layer=False)


def mpnet():
    return MPNetModel(MPNetConfig(max_position_embeddings=42, layer_norm_eps=1e-5, **SIZES), add_pooling_layer=False)


def modernbert():
    return ModernBertModel(ModernBertConfig(max_position_embeddings=40, local_attention=8, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2, **SIZES))


CASES = {f.__name__.replace('_', '-'): f for f in (bert, bert_external, distilbert, xlm_roberta, mpnet, modernbert)}


class Wrapper(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, input_ids, attention_mask):
        return self.network(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]


def randomise(model, seed, keep_vectors):
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        if p.ndim == 1:
            norm = 'norm' in name.lower() and name.endswith('weight')
            p.data = p.data if keep_vectors else (1 if norm else 0) + noise * 0.2
        else:
            p.data = noise * (0.5 if 'embed' in name else 1.2 / p.shape[-1] ** 0.5)
        p.data = p.data.half().float()


def digits(value):
    return [float(f'{x:.7g}') for x in value.tolist()]


def main():
    root = f'{sys.argv[1]}/onnx'
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for index, name in enumerate(CASES):
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        folder = f'{root}/{name}'
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        model = CASES[name]().eval()
        randomise(model, 700 + index, name == 'bert-external')
        ids = torch.tensor([[3, 4, 5, 6, 7]])
        # One model is exported as optimum does, by its own forward, one in halves.
        wrapped = Wrapper(model) if name != 'distilbert' else model
        if name == 'xlm-roberta':
            wrapped = wrapped.half()
        with torch.no_grad():
            torch.onnx.export(
                wrapped, (ids, torch.ones_like(ids)), f'{folder}/model.onnx', input_names=['input_ids', 'attention_mask'],
                output_names=['last_hidden_state'], dynamic_axes={'input_ids': {0: 'batch', 1: 'sequence'}}, opset_version=17, dynamo=False)
        found = onnx.load(f'{folder}/model.onnx')
        os.remove(f'{folder}/model.onnx')
        for node in found.graph.node:
            node.doc_string = ''
        outside = dict(save_as_external_data=True, location='model.onnx_data', size_threshold=64) if name == 'bert-external' else {}
        onnx.save(found, f'{folder}/model.onnx', **outside)
        # The exporter leaves the wrapper as it found it: in training.
        model = model.float().eval()
        model.config.save_pretrained(folder)
        rng = random.Random(index)
        with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out, torch.no_grad():
            for n in (1, 2, 7, 19, 38):
                row = [rng.randrange(3, 40) for _ in range(n)]
                x = torch.tensor([row])
                hidden = model(input_ids=x, attention_mask=torch.ones_like(x)).last_hidden_state[0]
                line = {'ids': row, 'first': digits(hidden[0]), 'mean': digits(hidden.double().mean(0).float()), 'last': digits(hidden[-1])}
                out.write(json.dumps(line, separators=(',', ':')) + '\n')
        print(name, {f: os.path.getsize(f'{folder}/{f}') for f in os.listdir(folder)})


# Of exports above: as onnxruntime's dynamic quantisation stores them, for all weights or for each output.
QUANTISED = {'bert-int8': ('bert', 'QInt8', False), 'distilbert-uint8': ('distilbert', 'QUInt8', False), 'mpnet-channels': ('mpnet', 'QInt8', True)}


def quantise(root, name):
    """model_quantized.onnx, and what the export computes with the numbers that its codes stand for."""
    import numpy as np
    import onnxruntime
    from onnx import numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic
    base, kind, channels = QUANTISED[name]
    folder, plain = f'{root}/{name}', f'{root}/{base}/model.onnx'
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shutil.copy(f'{root}/{base}/config.json', folder)
    quantize_dynamic(plain, f'{folder}/model_quantized.onnx', weight_type=getattr(QuantType, kind), per_channel=channels)
    stored = {i.name: numpy_helper.to_array(i) for i in onnx.load(f'{folder}/model_quantized.onnx').graph.initializer}
    model, count = onnx.load(plain), 0
    for i in model.graph.initializer:
        if i.name + '_quantized' in stored:
            codes, scale, zero = (stored[f'{i.name}_{part}'] for part in ('quantized', 'scale', 'zero_point'))
            i.CopyFrom(numpy_helper.from_array(((codes.astype(np.int32) - zero.astype(np.int32)) * scale).astype(np.float32), i.name))
            count += 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
        rng = random.Random(5)
        # The mask of these exports has the length that they were traced with.
        for _ in range(6):
            ids = [rng.randrange(3, 40) for _ in range(5)]
            x = np.array([ids])
            hidden = torch.from_numpy(session.run(None, {'input_ids': x, 'attention_mask': np.ones_like(x)})[0][0])
            row = {'ids': ids, 'first': digits(hidden[0]), 'mean': digits(hidden.double().mean(0).float()), 'last': digits(hidden[-1])}
            out.write(json.dumps(row, separators=(',', ':')) + '\n')
    print(name, count, 'matrices')


main()
for case in QUANTISED:
    if not sys.argv[2:] or case in sys.argv[2:]:
        quantise(f'{sys.argv[1]}/onnx', case)
