"""Tiny sparse models and their vectors, by sentence-transformers in float32. usage: sparse-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/sparse/<name>/, a folder as SparseEncoder saves it (or plain, as transformers does), with goldens.jsonl:
  {"text": …, "role": …, "max": most dimensions, "tokens": tokens fed, "indices": […], "values": […]}
Weights are random; the decoder's bias lets about an eighth of the vocabulary through. A text is encoded alone.
"""
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SparseEncoder
from sentence_transformers.sentence_transformer.modules import Router, Transformer
from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding, SpladePooling
from transformers import (
    BertConfig, BertForMaskedLM, BertModel, DistilBertConfig, DistilBertForMaskedLM, ElectraConfig, ElectraForMaskedLM, GteConfig,
    GteForMaskedLM, ModernBertConfig, ModernBertForMaskedLM, MPNetConfig, MPNetForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM,
    XLMRobertaModel)

from tiny_texts import PIECES, save_tokenizer, texts

SIZES = dict(hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50, layer_norm_eps=1e-5)


def bert(**more):
    return BertForMaskedLM(BertConfig(vocab_size=PIECES, max_position_embeddings=64, **SIZES, **more))


def distilbert():
    return DistilBertForMaskedLM(DistilBertConfig(vocab_size=PIECES, dim=36, n_layers=2, n_heads=3, hidden_dim=50,
                                                  max_position_embeddings=64, activation='relu'))


def xlm_roberta():
    return XLMRobertaForMaskedLM(XLMRobertaConfig(vocab_size=PIECES, max_position_embeddings=66, type_vocab_size=1, pad_token_id=0, **SIZES))


def mpnet():
    return MPNetForMaskedLM(MPNetConfig(vocab_size=PIECES, max_position_embeddings=66, **SIZES))


def electra():
    return ElectraForMaskedLM(ElectraConfig(vocab_size=PIECES, embedding_size=20, max_position_embeddings=64, **SIZES))


def gte():
    return GteForMaskedLM(GteConfig(vocab_size=PIECES, max_position_embeddings=64, type_vocab_size=0, pad_token_id=0, **SIZES))


def modernbert():
    return ModernBertForMaskedLM(ModernBertConfig(
        vocab_size=PIECES, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=40, max_position_embeddings=64,
        global_attn_every_n_layers=3, local_attention=16, pad_token_id=0, bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3))


# name: (model, pooling, options)
CASES = {
    'splade-bert': (bert, dict(pooling_strategy='max'), {}),
    'splade-bert-untied': (lambda: bert(tie_word_embeddings=False, hidden_act='gelu_new'), dict(pooling_strategy='sum'), {'legacy': True}),
    'splade-distilbert': (distilbert, dict(pooling_strategy='max'), {'max_active_dims': 12}),
    'splade-xlm-roberta': (xlm_roberta, None, {}),
    'splade-mpnet': (mpnet, dict(pooling_strategy='max'), {'prompts': {'query': 'zopa: ', 'document': ''}}),
    'splade-electra': (electra, dict(pooling_strategy='sum', activation_function='log1p_relu'), {}),
    'splade-modernbert': (modernbert, dict(pooling_strategy='max'), {}),
    'splade-gte-idf': (gte, dict(pooling_strategy='max', activation_function='log1p_relu'), {'router': True}),
}


def randomise(model, seed):
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        norm = p.ndim == 1 and name.endswith('weight')
        if p.ndim == 1:
            p.data = (1 if norm else 0) + noise * 0.2
        elif 'embed' in name or 'decoder' in name or 'projector' in name:
            p.data = noise * 0.4
        else:
            p.data = noise * 1.2 / p.shape[-1] ** 0.5
        p.data = p.data.half().float()


def sparsify(model, tokenizer):
    """Lowers the decoder's bias until an eighth of the vocabulary is above 0 for a text of middling length."""
    bias = model.get_output_embeddings().bias
    with torch.no_grad():
        logits = model(**tokenizer(texts()[8], return_tensors='pt')).logits[0].max(0).values
        bias.data = (bias.data - torch.quantile(logits, 0.88)).half().float()


def idf(tokenizer):
    rng = random.Random(4)
    return {token: round(rng.random() * 9, 4) for token in sorted(tokenizer.get_vocab()) if rng.random() < 0.9}


def build(name, root, seed):
    make, pooling, options = CASES[name]
    folder = f'{root}/{name}'
    plain = f'{folder}.plain'
    for path in (folder, plain):
        shutil.rmtree(path, ignore_errors=True)
    tokenizer = save_tokenizer(plain, 48)
    model = make().eval()
    randomise(model, seed)
    sparsify(model, tokenizer)
    model.half().save_pretrained(plain)
    config = json.load(open(f'{plain}/config.json'))
    config['dtype'] = 'float32'
    json.dump(config, open(f'{plain}/config.json', 'w'), indent=1, sort_keys=True)
    if pooling is None:
        shutil.copytree(plain, folder)
    else:
        document = [Transformer(plain, transformer_task='fill-mask', model_kwargs={'dtype': torch.float32}),
                    SpladePooling(**pooling, embedding_dimension=PIECES)]
        if options.get('router'):
            os.makedirs(f'{plain}/idf')
            with open(f'{plain}/idf/idf.json', 'w') as f:
                json.dump(idf(tokenizer), f)
            query = [SparseStaticEmbedding.from_json(f'{plain}/idf/idf.json', tokenizer=tokenizer, frozen=True)]
            document = [Router.for_query_document(query_modules=query, document_modules=document)]
        encoder = SparseEncoder(modules=document, device='cpu', prompts=options.get('prompts'),
                                max_active_dims=options.get('max_active_dims'))
        encoder.save(folder, create_model_card=False)
        if options.get('legacy'):
            modules = json.load(open(f'{folder}/modules.json'))
            modules[0]['type'] = 'sentence_transformers.sparse_encoder.models.MLMTransformer'
            modules[1]['type'] = 'sentence_transformers.sparse_encoder.models.SpladePooling'
            json.dump(modules, open(f'{folder}/modules.json', 'w'), indent=1)
            with open(f'{folder}/sentence_bert_config.json', 'w') as f:
                json.dump({'max_seq_length': 40, 'do_lower_case': False}, f)
    shutil.rmtree(plain)
    halve(folder)

    encoder = SparseEncoder(folder, device='cpu', model_kwargs={'dtype': torch.float32})
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
        for role in ['query', 'document', None] if options.get('router') or options.get('prompts') else [None]:
            encode = {'query': encoder.encode_query, 'document': encoder.encode_document, None: encoder.encode}[role]
            for text in texts():
                for limit in [None, 5] if role is None and text == texts()[8] else [None]:
                    more = {} if limit is None else {'max_active_dims': limit}
                    vector = encode([text], convert_to_tensor=True, **more)[0].coalesce()
                    prompt = (encoder.prompts or {}).get(role or '', '')
                    features = encoder.preprocess([prompt + text], **({'task': role} if role else {}))
                    row = {'text': text, 'role': role, 'max': limit, 'tokens': int(features['attention_mask'].sum()),
                           'indices': vector.indices()[0].tolist(), 'values': [float(f'{x:.7g}') for x in vector.values().tolist()]}
                    out.write(json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False) + '\n')


def halve(folder):
    """Weights as 16 bits, which the values are exact in; what nothing reads is left out."""
    for path, _, files in os.walk(folder):
        for file in files:
            if file in ('README.md', 'special_tokens_map.json', 'processor_config.json'):
                os.remove(f'{path}/{file}')
            elif file == 'model.safetensors' and 'Static' not in path:
                tensors = {k: v.half().contiguous() for k, v in load_file(f'{path}/{file}').items()}
                save_file(tensors, f'{path}/{file}', metadata={'format': 'pt'})


def bge_m3(root):
    """FlagEmbedding's formulas, written out: the heads of bge-m3 over an XLM-RoBERTa."""
    folder = f'{root}/bge-m3'
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = save_tokenizer(folder, 48)
    model = XLMRobertaModel(XLMRobertaConfig(vocab_size=PIECES, max_position_embeddings=66, type_vocab_size=1, pad_token_id=0, **SIZES),
                            add_pooling_layer=False).eval()
    randomise(model, 77)
    model.half().save_pretrained(folder)
    config = json.load(open(f'{folder}/config.json'))
    config['dtype'] = 'float32'
    json.dump(config, open(f'{folder}/config.json', 'w'), indent=1, sort_keys=True)
    model.float()
    g = torch.Generator().manual_seed(78)
    sparse, colbert = torch.nn.Linear(36, 1), torch.nn.Linear(36, 36)
    for layer in (sparse, colbert):
        for p in layer.parameters():
            p.data = torch.randn(p.shape, generator=g) * 0.3
        layer.requires_grad_(False)
    torch.save(sparse.state_dict(), f'{folder}/sparse_linear.pt')
    torch.save(colbert.half().state_dict(), f'{folder}/colbert_linear.pt')
    colbert.float()
    unused = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id}
    os.makedirs(f'{folder}/1_Pooling')
    with open(f'{folder}/modules.json', 'w') as f:
        json.dump([{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'},
                   {'idx': 1, 'name': '1', 'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'},
                   {'idx': 2, 'name': '2', 'path': '2_Normalize', 'type': 'sentence_transformers.models.Normalize'}], f, indent=1)
    with open(f'{folder}/1_Pooling/config.json', 'w') as f:
        json.dump({'word_embedding_dimension': 36, 'pooling_mode_cls_token': True, 'pooling_mode_mean_tokens': False}, f)
    with open(f'{folder}/sentence_bert_config.json', 'w') as f:
        json.dump({'max_seq_length': 48, 'do_lower_case': False}, f)
    os.remove(f'{folder}/special_tokens_map.json') if os.path.exists(f'{folder}/special_tokens_map.json') else None
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out, torch.no_grad():
        for text in texts():
            features = tokenizer(text, truncation=True, return_tensors='pt')
            hidden = model(**features).last_hidden_state[0]
            ids = features['input_ids'][0].tolist()
            weights = {}
            for id, weight in zip(ids, torch.relu(sparse(hidden))[:, 0].tolist()):
                if id not in unused and weight > weights.get(id, 0):
                    weights[id] = weight
            rows = torch.nn.functional.normalize(colbert(hidden[1:]), dim=-1)
            row = {'text': text, 'tokens': len(ids), 'indices': sorted(weights),
                   'values': [float(f'{weights[i]:.7g}') for i in sorted(weights)],
                   'first': [float(f'{x:.7g}') for x in rows[0].tolist()], 'last': [float(f'{x:.7g}') for x in rows[-1].tolist()]}
            out.write(json.dumps(row, ensure_ascii=False) + '\n')


def main():
    root = f'{sys.argv[1]}/sparse'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    os.makedirs(root, exist_ok=True)
    for i, name in enumerate(CASES):
        if not sys.argv[2:] or name in sys.argv[2:]:
            build(name, root, 900 + i)
    if not sys.argv[2:] or 'bge-m3' in sys.argv[2:]:
        bge_m3(root)


main()
