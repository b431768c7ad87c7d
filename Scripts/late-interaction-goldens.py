"""Tiny models of late interaction and their vectors, by sentence-transformers in float32. usage: late-interaction-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/multi/<name>/, a folder as MultiVectorEncoder, PyLate or ColBERT's own code saves it, with goldens.jsonl:
  {"text": …, "role": …, "rows": vectors, "first": …, "middle": …, "last": …, "mean": …}     the first row, row rows // 2, the last, the mean
and, as the last line, {"scores": [[…]]}: MaxSim of every query with every document. A text is encoded alone.
"""
import json
import os
import shutil
import string
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from transformers import BertConfig, BertModel, ModernBertConfig, ModernBertModel, XLMRobertaConfig, XLMRobertaModel

from tiny_texts import PIECES, save_tokenizer, texts
from tiny_weights import randomise

SIZES = dict(hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50, layer_norm_eps=1e-5)


def bert():
    return BertModel(BertConfig(vocab_size=PIECES, max_position_embeddings=64, **SIZES), add_pooling_layer=False)


def xlm_roberta():
    return XLMRobertaModel(XLMRobertaConfig(vocab_size=PIECES, max_position_embeddings=66, type_vocab_size=1, pad_token_id=0, **SIZES),
                           add_pooling_layer=False)


def modernbert():
    return ModernBertModel(ModernBertConfig(
        vocab_size=PIECES, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=40, max_position_embeddings=64,
        global_attn_every_n_layers=3, local_attention=48, pad_token_id=0, bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3))


def dense(inputs, outputs, seed, **more):
    return randomise(Dense(inputs, outputs, **{'bias': False, 'activation_function': torch.nn.Identity(),
                                               'module_input_name': 'token_embeddings'} | more), torch.Generator().manual_seed(seed))


def plain(folder, model, seed, limit=48, extra=()):
    save_tokenizer(folder, limit, extra)
    randomise(model, torch.Generator().manual_seed(seed)).half().save_pretrained(folder)
    edit(f'{folder}/config.json', dtype='float32')


def edit(path, **more):
    config = json.load(open(path)) if os.path.exists(path) else {}
    with open(path, 'w', encoding='utf-8') as f:
        json.dump({k: v for k, v in (config | more).items() if v is not ...}, f, indent=1, sort_keys=True)


def encoder(folder, seed):
    """As MultiVectorEncoder saves it: two dense layers, a text for each role, every option set."""
    plain(f'{folder}.plain', xlm_roberta(), seed)
    modules = [
        Transformer(f'{folder}.plain', document_length=40, model_kwargs={'dtype': torch.float32},
                    query_expansion={'strategy': 'min', 'attend': False, 'length': 20, 'token': '[MASK]'}),
        dense(36, 48, seed + 1, activation_function=torch.nn.GELU(), bias=True), dense(48, 24, seed + 2, use_residual=True),
        MultiVectorMask(skiplist_words=list('.,a'), skiplist_tasks=['query', 'document']), Normalize(module_input_name='token_embeddings')]
    MultiVectorEncoder(modules=modules, device='cpu', prompts={'query': 'zopa: ', 'document': 'doc '}).save(folder, create_model_card=False)
    shutil.rmtree(f'{folder}.plain')


def pylate(folder, seed):
    """As PyLate saves it: markers are tokens of their own, a query is filled up with tokens that are attended to."""
    plain(folder, modernbert(), seed, extra=['[Q] ', '[D] '])
    model = ModernBertModel.from_pretrained(folder, dtype=torch.float32)
    model.resize_token_embeddings(PIECES + 2)
    randomise(model, torch.Generator().manual_seed(seed)).half().save_pretrained(folder)
    edit(f'{folder}/config.json', dtype='float32')
    os.makedirs(f'{folder}/1_Dense')
    dense(32, 24, seed + 1).save(f'{folder}/1_Dense')
    edit(f'{folder}/1_Dense/config.json', module_input_name=..., module_output_name=...)
    with open(f'{folder}/modules.json', 'w') as f:
        json.dump([{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'},
                   {'idx': 1, 'name': '1', 'path': '1_Dense', 'type': 'pylate.models.Dense.Dense'}], f, indent=1)
    edit(f'{folder}/sentence_bert_config.json', max_seq_length=47, do_lower_case=False)
    edit(f'{folder}/config_sentence_transformers.json', model_type='ColBERT', similarity_fn_name='MaxSim', prompts={},
         default_prompt_name=None, query_prefix='[Q] ', document_prefix='[D] ', query_length=20, document_length=40,
         attend_to_expansion_tokens=True, skiplist_words=list('.,()'), do_query_expansion=True)


def original(folder, seed):
    """As ColBERT's own code saves it: the projection lies beside the encoder, queries are filled up with masks that none attends to."""
    plain(folder, bert(), seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tensors = {f'bert.{k}': v for k, v in load_file(f'{folder}/model.safetensors').items()}
    g = torch.Generator().manual_seed(seed + 1)
    tensors['linear.weight'] = (torch.randn(24, 36, generator=g) * 0.2).half()
    save_file(tensors, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    edit(f'{folder}/config.json', architectures=['HF_ColBERT'])
    words = [tokenizer.convert_ids_to_tokens(i) for i in (PIECES - 2, PIECES - 1)]
    edit(f'{folder}/artifact.metadata', query_token_id=words[0], doc_token_id=words[1], query_maxlen=32, doc_maxlen=44,
         mask_punctuation=True, attend_to_mask_tokens=False, dim=24)


CASES = {'multi-vector-encoder': encoder, 'pylate': pylate, 'colbert': original}


def digits(values):
    return [float(f'{x:.7g}') for x in values.tolist()]


def build(name, root, seed):
    folder = f'{root}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    torch.manual_seed(seed)
    CASES[name](folder, seed)
    for path, _, files in os.walk(folder):
        for file in files:
            if file in ('README.md', 'special_tokens_map.json', 'processor_config.json', 'added_tokens.json'):
                os.remove(f'{path}/{file}')
            elif file == 'model.safetensors':
                save_file({k: v.half().contiguous() for k, v in load_file(f'{path}/{file}').items()}, f'{path}/{file}',
                          metadata={'format': 'pt'})
    model = MultiVectorEncoder(folder, device='cpu', model_kwargs={'dtype': torch.float32})
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
        found = {}
        for role, encode in [('query', model.encode_query), ('document', model.encode_document)]:
            found[role] = [encode([text])[0] for text in texts()]
            for text, rows in zip(texts(), found[role]):
                row = {'text': text, 'role': role, 'rows': rows.shape[0], 'first': digits(rows[0]), 'middle': digits(rows[len(rows) // 2]),
                       'last': digits(rows[-1]), 'mean': digits(rows.double().mean(0).float())}
                out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')
        scores = model.similarity(found['query'], found['document'])
        out.write(json.dumps({'scores': [digits(row) for row in scores]}) + '\n')


def main():
    root = f'{sys.argv[1]}/multi'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    os.makedirs(root, exist_ok=True)
    for i, name in enumerate(CASES):
        if not sys.argv[2:] or name in sys.argv[2:]:
            build(name, root, 1200 + 10 * i)


main()
