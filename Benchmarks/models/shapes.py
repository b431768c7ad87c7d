"""Checkpoints with the shapes of known models and random weights: speed does not depend on the weights. usage: shapes.py NAME MINILM_DIR OUT_DIR"""
import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

SHAPES = {
    'bge-base': dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
    'bge-large': dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
}


def write(name, minilm, out):
    torch.manual_seed(3)
    out.mkdir(parents=True, exist_ok=True)
    shape = SHAPES[name]
    vocabulary = json.loads((minilm / 'config.json').read_text())['vocab_size']
    BertModel(BertConfig(vocab_size=vocabulary, **shape), add_pooling_layer=True).save_pretrained(out)
    for file in ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt', 'modules.json',
                 'config_sentence_transformers.json', 'sentence_bert_config.json']:
        if (minilm / file).exists():
            shutil.copy(minilm / file, out / file)
    (out / '1_Pooling').mkdir(exist_ok=True)
    pooling = json.loads((minilm / '1_Pooling/config.json').read_text())
    pooling['word_embedding_dimension'] = shape['hidden_size']
    (out / '1_Pooling/config.json').write_text(json.dumps(pooling))


if __name__ == '__main__':
    write(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
