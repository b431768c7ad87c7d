"""Writes a checkpoint as OpenVINO reads it. usage: openvino_forms.py MODEL_DIR OUT_DIR FORM, after openvino its int8

openvino        openvino.xml, from torch with texts and tokens of any number, float16 weights
openvino-int8   openvino-int8.xml, by NNCF with its settings for transformers, calibrated on random texts
"""
import sys
from pathlib import Path

CALIBRATION_TEXTS, CALIBRATION_TOKENS = 6, 96
# Longer than any window.
CHECKED_TOKENS = 600


def network(folder):
    """A module from ids and the mask of padding to the last layer. The masks of attention are made here, since those of transformers cannot be
    traced."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder, attn_implementation='sdpa', dtype=torch.float32).eval()
    config = model.config
    # A cache of keys and values would be another output, which nothing reads.
    config.use_cache = False
    causal = config.model_type in ('qwen2', 'qwen3')
    # transformers halves Gemma's window as it reads the configuration, and counts the token itself.
    reach = {'gemma3_text': lambda: config.sliding_window - 1, 'modernbert': lambda: config.sliding_window}.get(config.model_type)

    class LastLayer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask):
            places = torch.arange(input_ids.shape[1])
            apart = places[None, :] - places[:, None]
            seen = attention_mask[:, None, None, :] > 0
            seen = seen & (apart <= 0)[None, None] if causal else seen & (apart == apart)[None, None]
            masks = self.bias(seen)
            if reach:
                masks = {'full_attention': masks, 'sliding_attention': self.bias(seen & (apart.abs() <= reach())[None, None])}
            return self.model(input_ids=input_ids, attention_mask=masks).last_hidden_state

        def bias(self, seen):
            return torch.where(seen, 0.0, -1e9)

    return LastLayer()


def convert(folder, out):
    import openvino
    import torch

    example = torch.randint(1000, 2000, (2, 24))
    with torch.no_grad():
        module = network(folder)
        found = openvino.convert_model(module, example_input=(example, torch.ones_like(example)), input=[openvino.PartialShape([-1, -1])] * 2)
        # A graph that has kept the length of its example, or that has other masks, gives other rows than transformers.
        other = torch.randint(1000, 2000, (1, CHECKED_TOKENS))
        other_mask = torch.ones_like(other)
        expected = module.model(input_ids=other, attention_mask=other_mask).last_hidden_state
    rows = openvino.compile_model(found, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})([other.numpy(), other_mask.numpy()])[0]
    cosine = torch.nn.functional.cosine_similarity(torch.from_numpy(rows), expected, dim=-1).min().item()
    if cosine < 0.999:
        sys.exit(f'the converted graph gives other rows than transformers: cosine {cosine:.4f}')
    openvino.save_model(found, str(out / 'openvino.xml'))


def quantise(out):
    import nncf
    import numpy as np
    import openvino

    draw = np.random.default_rng(5)
    texts = [draw.integers(1000, 30_000, (1, CALIBRATION_TOKENS)) for _ in range(CALIBRATION_TEXTS)]
    graph = openvino.Core().read_model(str(out / 'openvino.xml'))
    data = nncf.Dataset(texts, lambda ids: [ids, np.ones_like(ids)])
    quantised = nncf.quantize(graph, data, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(texts))
    openvino.save_model(quantised, str(out / 'openvino-int8.xml'))


if __name__ == '__main__':
    folder, out, form = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    convert(folder, out) if form == 'openvino' else quantise(out)
