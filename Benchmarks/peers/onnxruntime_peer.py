"""ONNX Runtime: the graph that its optimizer for transformers fused, in fp32 or quantised dynamically per channel; the plain export by default."""
import numpy as np
import onnxruntime

from .options import in_batches, in_length_order, mean_of_unit_length, padded_inputs

PACKAGE = 'onnxruntime'


def load(options):
    settings = onnxruntime.SessionOptions()
    if not options.defaults:
        settings.intra_op_num_threads = options.threads
    name = {'f32': 'model.onnx' if options.defaults else 'model-optimized.onnx', 'int8': 'model-int8.onnx'}[options.precision]
    session = onnxruntime.InferenceSession(str(options.exports / name), settings, providers=['CPUExecutionProvider'])
    tokenizer = options.tokenizer(padding=True)

    def embed(texts):
        ids, mask = padded_inputs(tokenizer, texts)
        hidden = session.run(None, {'input_ids': ids, 'attention_mask': mask, 'token_type_ids': np.zeros_like(ids)})[0]
        return mean_of_unit_length(hidden, mask)

    return in_batches(embed, 32) if options.defaults else in_length_order(embed)
