"""OpenVINO on ONNX, or on the int8 model that NNCF calibrated."""
import numpy as np
import openvino

from .options import in_batches, in_length_order, mean_of_unit_length, padded_inputs

PACKAGE = 'openvino'


def load(options):
    core = openvino.Core()
    settings = {}
    if not options.defaults:
        # int8 products; what is between them in the precision that this CPU does fastest.
        settings = {'INFERENCE_NUM_THREADS': options.threads, 'INFERENCE_PRECISION_HINT': 'f32' if options.precision == 'f32' else 'bf16'}
    path = options.exports / ('openvino-int8.xml' if options.precision == 'int8' else 'model.onnx')
    model = core.compile_model(str(path), 'CPU', settings)
    tokenizer = options.tokenizer(padding=True)

    def embed(texts):
        ids, mask = padded_inputs(tokenizer, texts)
        return mean_of_unit_length(model([ids, mask, np.zeros_like(ids)])[0], mask)

    return in_batches(embed, 32) if options.defaults else in_length_order(embed)
