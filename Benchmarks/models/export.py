"""Writes a checkpoint in the formats of the other engines; what is there stays. usage: export.py FORMAT MODEL_DIR OUT_DIR CORPUS_DIR

onnx            model.onnx, the plain graph; model-optimized.onnx, fused by ONNX Runtime's optimizer; model-int8.onnx, quantised per channel
openvino-int8   openvino-int8.xml, by NNCF, calibrated on paragraphs that no workload measures
ctranslate2     ctranslate2/, weights as they are
fastembed       the tokenizer's files beside the graphs
"""
import json
import shutil
import sys
from pathlib import Path

INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']
CALIBRATION = slice(5000, 5300)
CALIBRATION_TOKENS = 256


def onnx(model, out, _):
    import torch
    from transformers import AutoModel

    network = AutoModel.from_pretrained(model, attn_implementation='eager').eval()

    class LastHiddenState(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.network(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    example = torch.ones(2, 16, dtype=torch.long)
    plain = out / 'model.onnx'
    axes = {name: {0: 'texts', 1: 'tokens'} for name in [*INPUTS, 'last_hidden_state']}
    torch.onnx.export(
        LastHiddenState(), (example, torch.ones_like(example), torch.zeros_like(example)), str(plain), input_names=INPUTS,
        output_names=['last_hidden_state'], dynamic_axes=axes, opset_version=17, dynamo=False)

    import onnx as graphs
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    shape = network.config
    fused = out / 'model-optimized.onnx'
    optimizer.optimize_model(
        str(plain), model_type='bert', num_heads=shape.num_attention_heads, hidden_size=shape.hidden_size, opt_level=99,
    ).save_model_to_file(str(fused))
    quantize_dynamic(str(fused), str(out / 'model-int8.onnx'), weight_type=QuantType.QInt8, per_channel=True,
                     extra_options={'DefaultTensorType': graphs.TensorProto.FLOAT})


def openvino_int8(model, out, corpus):
    import nncf
    import numpy as np
    import openvino
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / 'tokenizer.json'))
    tokenizer.enable_truncation(CALIBRATION_TOKENS)
    tokenizer.no_padding()

    def inputs(text):
        ids = np.array([tokenizer.encode(text).ids])
        return dict(zip(INPUTS, (ids, np.ones_like(ids), np.zeros_like(ids))))

    with open(corpus / 'para.jsonl') as file:
        texts = [json.loads(line)['text'] for line in file][CALIBRATION]
    # The statistics of a big model take a while; its figures are about speed.
    size = json.loads((model / 'config.json').read_text())['hidden_size']
    texts = texts if size < 512 else texts[:30]
    graph = openvino.Core().read_model(str(out / 'model.onnx'))
    quantised = nncf.quantize(graph, nncf.Dataset(texts, inputs), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(texts))
    openvino.save_model(quantised, str(out / 'openvino-int8.xml'))


def ctranslate2(model, out, _):
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(str(model)).convert(str(out / 'ctranslate2'), force=True)


def fastembed(model, out, _):
    for name in ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']:
        if (model / name).exists():
            shutil.copy(model / name, out / name)


if __name__ == '__main__':
    formats = {'onnx': onnx, 'openvino-int8': openvino_int8, 'ctranslate2': ctranslate2, 'fastembed': fastembed}
    formats[sys.argv[1]](*map(Path, sys.argv[2:5]))
