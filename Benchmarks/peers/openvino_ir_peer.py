"""OpenVINO on its own format, as large/openvino_forms.py writes it."""
import openvino

from .options import in_length_order, padded_inputs, pooled

PACKAGE = 'openvino'


def load(options):
    # int8 products; what is between them in bf16.
    settings = {'INFERENCE_NUM_THREADS': options.threads, 'INFERENCE_PRECISION_HINT': 'bf16'}
    name = 'openvino-int8.xml' if options.precision == 'int8' else 'openvino.xml'
    model = openvino.Core().compile_model(str(options.exports / name), 'CPU', settings)
    tokenizer, pooling = options.tokenizer(padding=True), options.pooling()

    def embed(texts):
        ids, mask = padded_inputs(tokenizer, texts)
        return pooled(model([ids, mask])[0], mask, pooling)

    return in_length_order(embed)
