"""A tiny DeBERTa v3 whose folder has spm.model and no tokenizer.json, and its vectors. usage: deberta-goldens.py FIXTURES_DIR

Writes FIXTURES_DIR/pieces/deberta-v3/, a folder of sentence-transformers, and goldens.jsonl, one object a line:
{"text": …, "ids": […], "embedding": […]}. Needs sentencepiece and protobuf, too.
"""
import io
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import sentencepiece
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import AutoTokenizer, DebertaV2Config, DebertaV2Model

from tiny_texts import WORDS, texts
from tiny_weights import randomise

MORE = ['Two  spaces, a\ttab\nand a line', 'ﬁne e\u0301 é ½ Ａ', 'a [MASK] b [SEP] c<mark>d', 'unknown ☃ signs ☃', ' \u3000 spaces \u3000', 'a\u2581b',
        '[UNK] [PAD] [CLS]', 'x' * 200]


def main():
    root = f'{sys.argv[1]}/pieces'
    shutil.rmtree(root, ignore_errors=True)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    scratch, folder = f'{root}/scratch', f'{root}/deberta-v3'
    os.makedirs(scratch)
    lines = [' '.join(WORDS[i:i + 7]) + ('.' if i % 2 else ' fine é, (quoted) 3.14') for i in range(0, len(WORDS), 3)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, vocab_size=260, model_type='unigram', hard_vocab_limit=False, minloglevel=2, num_threads=1,
        pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece='[PAD]', bos_piece='[CLS]', eos_piece='[SEP]', unk_piece='[UNK]',
        user_defined_symbols=['<mark>'])
    with open(f'{scratch}/spm.model', 'wb') as f:
        f.write(model.getvalue())
    settings = {'tokenizer_class': 'DebertaV2Tokenizer', 'do_lower_case': False, 'vocab_type': 'spm', 'model_max_length': 60}
    pieces = sentencepiece.SentencePieceProcessor(model_file=f'{scratch}/spm.model').vocab_size()
    config = DebertaV2Config(vocab_size=pieces + 4, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                             max_position_embeddings=64, type_vocab_size=0, layer_norm_eps=1e-7, relative_attention=True,
                             max_relative_positions=-1, position_buckets=12, norm_rel_ebd='layer_norm', share_att_key=True,
                             pos_att_type='p2c|c2p', position_biased_input=False, pad_token_id=0)
    randomise(DebertaV2Model(config), torch.Generator().manual_seed(41)).save_pretrained(scratch)
    json.dump(settings, open(f'{scratch}/tokenizer_config.json', 'w'), indent=1)
    st = SentenceTransformer(modules=[Transformer(scratch), Pooling(36, 'mean')], device='cpu')
    st.save(folder, create_model_card=False)
    for name in ('tokenizer.json', 'special_tokens_map.json', 'added_tokens.json'):
        if os.path.exists(f'{folder}/{name}'):
            os.remove(f'{folder}/{name}')
    for name in ('spm.model', 'tokenizer_config.json'):
        shutil.copy(f'{scratch}/{name}', folder)
    path = f'{folder}/model.safetensors'
    save_file({k: v.half().contiguous() for k, v in load_file(path).items()}, path, metadata={'format': 'pt'})
    shutil.rmtree(scratch)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    st = SentenceTransformer(folder, device='cpu')
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
        for text in texts() + MORE:
            ids = tokenizer(text, truncation=True, max_length=60)['input_ids']
            vector = [float(f'{x:.7g}') for x in st.encode(text).tolist()]
            out.write(json.dumps({'text': text, 'ids': ids, 'embedding': vector}, ensure_ascii=False, separators=(',', ':')) + '\n')
    print(pieces, len(tokenizer), os.path.getsize(path))


main()
