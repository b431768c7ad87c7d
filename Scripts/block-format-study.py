"""How far each GGUF block format moves the vectors of a BERT model. usage: block-format-study.py MODEL_DIR TEXTS…

TEXTS are files of lines, or of JSONL with a "text". The matrices are quantised and dequantised by the gguf package, the rest stays
float32, and torch computes in float32; printed are the size of the tensors and the worst, 0.1 % and mean cosine to the original.
"""
import json
import logging
import sys

sys.dont_write_bytecode = True
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as T
from gguf import quants
from sentence_transformers import SentenceTransformer

WORDS = 'embeddings.word_embeddings.weight'
POSITIONS = 'embeddings.position_embeddings.weight'


def attention(name):
    return '.attention.' in name


def everything(kind):
    return lambda name: kind


VARIANTS = {
    'f16': everything(T.F16),
    'bf16': everything(T.BF16),
    'q8_0': everything(T.Q8_0),
    'q8_0, positions f32': lambda n: T.F32 if n == POSITIONS else T.Q8_0,
    'q8_0, words f16': lambda n: T.F16 if n in (WORDS, POSITIONS) else T.Q8_0,
    'q8_0, attention f16': lambda n: T.F16 if attention(n) else T.Q8_0,
    'q8_0, values f16': lambda n: T.F16 if 'self.value' in n else T.Q8_0,
    'q8_0, words q5_1': lambda n: T.Q5_1 if n == WORDS else T.Q8_0,
    'q5_1': everything(T.Q5_1),
    'q5_0': everything(T.Q5_0),
    'q4_1': everything(T.Q4_1),
}


def texts_of(path):
    lines = open(path, encoding='utf-8').read().splitlines()
    return [json.loads(line)['text'] for line in lines] if path.endswith('.jsonl') else lines


def main():
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()
    model = SentenceTransformer(sys.argv[1], device='cpu', model_kwargs={'dtype': torch.float32})
    texts = [t for path in sys.argv[2:] for t in texts_of(path)[10000:11000]] or sys.exit(__doc__)
    encode = lambda: model.encode(texts, batch_size=32, normalize_embeddings=True).astype(np.float64)
    reference = encode()
    bert = model[0].model
    original = {k: v.clone() for k, v in bert.state_dict().items() if not k.startswith('pooler')}
    print(len(texts), 'texts')
    for name, choose in VARIANTS.items():
        changed, size = {}, 0
        for key, tensor in original.items():
            kind = choose(key) if tensor.ndim == 2 and 'token_type' not in key else T.F32
            data = quants.quantize(tensor.numpy(), kind)
            size += data.nbytes
            changed[key] = torch.from_numpy(quants.dequantize(data, kind).copy()).reshape(tensor.shape)
        bert.load_state_dict(changed, strict=False)
        cosine = np.sort((encode() * reference).sum(axis=1))
        worst, low = cosine[0], cosine[len(cosine) // 1000]
        print(f'{name:22} {size / 1e6:6.1f} MB   worst {worst:.6f}   0.1 % {low:.6f}   mean {cosine.mean():.6f}', flush=True)
        bert.load_state_dict(original, strict=False)


main()
