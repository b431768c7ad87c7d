"""Checkpoints of random weights with the shapes of models that people run now: speed does not depend on the weights.
usage: shapes.py NAME MINILM_DIR OUT_DIR

All have MiniLM's tokenizer, so that each engine gets the same tokens. Its vocabulary has 30,522 entries; the published models have up to
262,144, so their tables of embeddings, which are looked up and not multiplied, are larger than these. EmbeddingGemma's two dense layers after
pooling are left out. Weights are bfloat16.
"""
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

COPIED = ('tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt', 'modules.json', 'config_sentence_transformers.json')
VOCABULARY = 30_522
STANDARD = {'rope_type': 'default'}


@dataclass(frozen=True)
class Shape:
    published: str
    kind: str          # of transformers: KINDConfig and KINDModel
    pooling: str       # mean, cls or last
    positions: int     # tokens of the longest text
    settings: dict


SHAPES = {
    'qwen3-0.6b': Shape('Qwen3-Embedding-0.6B', 'Qwen3', 'last', 8192, dict(
        hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8, head_dim=128, intermediate_size=3072,
        max_position_embeddings=32768, rope_parameters=STANDARD | {'rope_theta': 1e6})),
    'nomic': Shape('nomic-embed-text-v1.5', 'NomicBert', 'mean', 8192, dict(
        max_position_embeddings=8192, rope_parameters=STANDARD | {'rope_theta': 1e3})),
    'bge-m3': Shape('bge-m3', 'XLMRoberta', 'cls', 8192, dict(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096, max_position_embeddings=8194,
        type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1)),
    'gemma-300m': Shape('EmbeddingGemma-300m', 'Gemma3Text', 'mean', 2048, dict(
        hidden_size=768, num_hidden_layers=24, num_attention_heads=3, num_key_value_heads=1, head_dim=256, intermediate_size=1152,
        max_position_embeddings=2048, sliding_window=512, query_pre_attn_scalar=256, use_bidirectional_attention=True, pad_token_id=0)),
    'modernbert': Shape('gte-modernbert-base', 'ModernBert', 'cls', 8192, dict(
        pad_token_id=0, bos_token_id=101, eos_token_id=102, cls_token_id=101, sep_token_id=102)),
    # Its peak memory is measured, so it has the vocabulary that the published model has.
    'qwen2-1.5b': Shape('gte-Qwen2-1.5B-instruct', 'Qwen2', 'last', 8192, dict(
        vocab_size=151_646, hidden_size=1536, num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2, intermediate_size=8960,
        max_position_embeddings=32768, rope_parameters=STANDARD | {'rope_theta': 1e6})),
}
MEASURED = [name for name in SHAPES if name != 'qwen2-1.5b']


def write(name, minilm, out):
    import torch
    import transformers

    shape = SHAPES[name]
    torch.manual_seed(3)
    torch.set_default_dtype(torch.bfloat16)
    config = getattr(transformers, f'{shape.kind}Config')(**{'vocab_size': VOCABULARY, **shape.settings})
    model = getattr(transformers, f'{shape.kind}Model')(config)
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    for file in COPIED:
        if (minilm / file).exists():
            shutil.copy(minilm / file, out / file)
    settings = json.loads((out / 'tokenizer_config.json').read_text())
    settings['model_max_length'] = shape.positions
    (out / 'tokenizer_config.json').write_text(json.dumps(settings))
    (out / 'sentence_bert_config.json').write_text(json.dumps({'max_seq_length': shape.positions, 'do_lower_case': False}))
    modes = {'mean': 'mean_tokens', 'cls': 'cls_token', 'last': 'lasttoken'}
    pooling = {f'pooling_mode_{mode}': kind == shape.pooling for kind, mode in modes.items()}
    (out / '1_Pooling').mkdir(exist_ok=True)
    # Last, as the sign that the folder is whole.
    parameters = sum(tensor.numel() for tensor in model.parameters())
    (out / 'parameters.txt').write_text(f'{parameters}\n')
    (out / '1_Pooling/config.json').write_text(json.dumps({'word_embedding_dimension': config.hidden_size, **pooling}))


if __name__ == '__main__':
    write(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
