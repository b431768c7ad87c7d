"""fastembed with a model that lies on this disk: it cannot download here."""
import numpy as np
from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType

from .options import in_length_order

PACKAGE = 'fastembed'
NAME = 'local/model'


def load(options):
    width = _width(options)
    TextEmbedding.add_custom_model(
        model=NAME, pooling=PoolingType.MEAN, normalization=True, sources=ModelSource(hf=NAME), dim=width, model_file='model-optimized.onnx')
    settings = {} if options.defaults else {'threads': options.threads}
    model = TextEmbedding(NAME, specific_model_path=str(options.exports), **settings)
    # The model's own file of limits says 128.
    model.model.tokenizer.enable_truncation(options.max_tokens)
    if options.defaults:
        return lambda texts: np.array(list(model.embed(texts)))
    return in_length_order(lambda texts: list(model.embed(texts, batch_size=32)))


def _width(options):
    import json
    return json.loads((options.model / 'config.json').read_text())['hidden_size']
