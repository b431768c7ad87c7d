"""Writes the checkpoint of EmbeddingGemma's shape as GGUF with PyPI's package gguf, since `martlet convert` does not write this architecture.
usage: gemma_gguf.py MODEL_DIR FILE.gguf q8_0|q4_0|f16

Matrices are quantised, norms are f32 and, as llama.cpp's converter stores them, larger by 1. The tokenizer is MiniLM's.
"""
import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.torch import load_file

ARCHITECTURE = gguf.MODEL_ARCH.GEMMA_EMBEDDING


def metadata(writer, config, folder):
    writer.add_block_count(config['num_hidden_layers'])
    writer.add_context_length(config['max_position_embeddings'])
    writer.add_embedding_length(config['hidden_size'])
    writer.add_feed_forward_length(config['intermediate_size'])
    writer.add_head_count(config['num_attention_heads'])
    writer.add_head_count_kv(config['num_key_value_heads'])
    writer.add_key_length(config['head_dim'])
    writer.add_value_length(config['head_dim'])
    writer.add_layer_norm_rms_eps(config['rms_norm_eps'])
    writer.add_rope_freq_base(config['rope_parameters']['full_attention']['rope_theta'])
    writer.add_sliding_window(config['sliding_window'])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    vocabulary = json.loads((folder / 'tokenizer.json').read_text())['model']['vocab']
    words = sorted(vocabulary, key=vocabulary.get)
    special = [len(word) > 2 and word[0] == '[' and word[-1] == ']' for word in words]
    # llama.cpp marks beginnings of words where WordPiece marks what goes on.
    tokens = [word[2:] if word.startswith('##') else word if is_special else '\u2581' + word for word, is_special in zip(words, special)]
    writer.add_tokenizer_model('bert')
    writer.add_tokenizer_pre('default')
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if is_special else gguf.TokenType.NORMAL for is_special in special])
    writer.add_token_type_count(1)
    for add, name in ((writer.add_unk_token_id, '[UNK]'), (writer.add_sep_token_id, '[SEP]'), (writer.add_eos_token_id, '[SEP]'),
                      (writer.add_pad_token_id, '[PAD]'), (writer.add_bos_token_id, '[CLS]'), (writer.add_mask_token_id, '[MASK]')):
        add(vocabulary[name])


def write(folder, path, form):
    config = json.loads((folder / 'config.json').read_text())
    names = gguf.get_tensor_name_map(ARCHITECTURE, config['num_hidden_layers'])
    kind = gguf.GGMLQuantizationType[form.upper()]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[ARCHITECTURE])
    metadata(writer, config, folder)
    for key, tensor in load_file(folder / 'model.safetensors').items():
        name = names.get_name(f'model.{key}', try_suffixes=('.weight',))
        rows = tensor.float().numpy()
        if rows.ndim == 1:
            writer.add_tensor(name, rows + np.float32(1))
        else:
            writer.add_tensor(name, gguf.quants.quantize(rows, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == '__main__':
    write(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
