"""CTranslate2, a C++ engine that leaves padding out of its products."""
import ctranslate2
import numpy as np

from .options import in_batches, in_length_order, mean_of_unit_length

PACKAGE = 'ctranslate2'


def load(options):
    kind = {'f32': 'float32', 'int8': 'int8_float32'}[options.precision]
    threads = {} if options.defaults else {'intra_threads': options.threads}
    encoder = ctranslate2.Encoder(str(options.exports / 'ctranslate2'), device='cpu', compute_type='default' if options.defaults else kind, **threads)
    tokenizer = options.tokenizer()

    def embed(texts):
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        hidden = np.array(encoder.forward_batch(ids).last_hidden_state)
        lengths = np.array([len(row) for row in ids])
        return mean_of_unit_length(hidden, np.arange(hidden.shape[1])[None, :] < lengths[:, None])

    return in_batches(embed, 32) if options.defaults else in_length_order(embed)
