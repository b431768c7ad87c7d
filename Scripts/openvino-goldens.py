"""Tiny models converted to OpenVINO, and what OpenVINO computes with them. usage: openvino-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/openvino/<name>/: config.json, openvino_model.xml and openvino_model.bin, and goldens.jsonl as architecture-goldens.py does.
Some have halves, and some weights of 8 or 4 bits as NNCF compresses them; OpenVINO computes in float32 and without quantising activations.
Needs openvino and nncf.
"""
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import nncf
import openvino
import torch
import transformers
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, ModernBertConfig, ModernBertModel, MPNetConfig, MPNetModel, XLMRobertaConfig,
    XLMRobertaModel)

from tiny_weights import randomise

SIZES = dict(vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, attn_implementation='eager')


def bert():
    return BertModel(BertConfig(max_position_embeddings=40, **SIZES))


def distilbert():
    return DistilBertModel(DistilBertConfig(vocab_size=40, dim=16, n_layers=1, n_heads=2, hidden_dim=24, max_position_embeddings=40,
                                            attn_implementation='eager'))


def xlm_roberta():
    return XLMRobertaModel(XLMRobertaConfig(max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES), add_pooling_layer=False)


def mpnet():
    return MPNetModel(MPNetConfig(max_position_embeddings=42, layer_norm_eps=1e-5, **SIZES), add_pooling_layer=False)


def modernbert():
    return ModernBertModel(ModernBertConfig(max_position_embeddings=40, local_attention=8, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                                            cls_token_id=1, sep_token_id=2, **SIZES))


MODES = nncf.CompressWeightsMode
CASES = {
    'bert': (bert, None), 'xlm-roberta': (xlm_roberta, 'halves'), 'modernbert': (modernbert, None),
    'distilbert-int8': (distilbert, dict(mode=MODES.INT8_ASYM)), 'mpnet-int8': (mpnet, dict(mode=MODES.INT8_SYM)),
    'bert-int4': (bert, dict(mode=MODES.INT4_ASYM, ratio=1.0, group_size=8, all_layers=True)),
}


def digits(value):
    return [float(f'{x:.7g}') for x in value.tolist()]


def main():
    root = f'{sys.argv[1]}/openvino'
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for index, (name, (make, form)) in enumerate(CASES.items()):
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        folder = f'{root}/{name}'
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        model = make().eval()
        randomise(model, torch.Generator().manual_seed(900 + index))
        model.config.save_pretrained(folder)
        ids = torch.tensor([[3, 4, 5, 6, 7]])
        converted = openvino.convert_model(model, example_input={'input_ids': ids, 'attention_mask': torch.ones_like(ids)})
        if isinstance(form, dict):
            converted = nncf.compress_weights(converted, **form)
        path = f'{folder}/openvino_model.xml'
        openvino.save_model(converted, path, compress_to_fp16=form == 'halves')
        compiled = openvino.Core().compile_model(path, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32', 'DYNAMIC_QUANTIZATION_GROUP_SIZE': '0'})
        rng = random.Random(index)
        with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
            for n in (1, 2, 7, 19, 38):
                row = [rng.randrange(3, 40) for _ in range(n)]
                x = torch.tensor([row])
                hidden = torch.from_numpy(compiled({'input_ids': x.numpy(), 'attention_mask': torch.ones_like(x).numpy()})[0])[0]
                line = {'ids': row, 'first': digits(hidden[0]), 'mean': digits(hidden.double().mean(0).float()), 'last': digits(hidden[-1])}
                out.write(json.dumps(line, separators=(',', ':')) + '\n')
        print(name, {f: os.path.getsize(f'{folder}/{f}') for f in os.listdir(folder)})


main()
