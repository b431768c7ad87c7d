"""Tiny dense models whose queries and documents go through modules of their own, and their vectors. usage: router-goldens.py FIXTURES_DIR

Writes FIXTURES_DIR/routers/<name>/, a folder of sentence-transformers, and goldens.jsonl, one object a line:
{"task": "query", "document", the name of a route, or null, "text": …, "embedding": […]}.
"""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Router, StaticEmbedding, Transformer
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from tiny_texts import PIECES, save_tokenizer, texts
from tiny_weights import randomise

WIDTH = 36


def bert(scratch, seed, layers):
    save_tokenizer(scratch, 48)
    g = torch.Generator().manual_seed(seed)
    config = BertConfig(vocab_size=PIECES, hidden_size=WIDTH, num_hidden_layers=layers, num_attention_heads=3, intermediate_size=50,
                        max_position_embeddings=64)
    randomise(BertModel(config, add_pooling_layer=False), g).save_pretrained(scratch)
    return Transformer(scratch)


def static(scratch, seed):
    g = torch.Generator().manual_seed(seed)
    tokenizer = Tokenizer.from_file(f'{scratch}/tokenizer.json')
    return StaticEmbedding(tokenizer, embedding_weights=torch.randn(PIECES, WIDTH, generator=g).numpy())


def dense(seed, outputs):
    g = torch.Generator().manual_seed(seed)
    layer = Dense(WIDTH, outputs, activation_function=torch.nn.Tanh())
    for p in layer.parameters():
        p.data = torch.randn(p.shape, generator=g) * 0.3
    return layer


def models(scratch):
    document = bert(f'{scratch}/a', 1, 2)
    yield 'static-query', ['query', 'document', None], [
        Router.for_query_document([static(f'{scratch}/a', 2)], [document, Pooling(WIDTH, 'mean')]), Normalize()], {
            'query': 'query: ', 'document': 'doc: '}
    yield 'two-encoders', ['query', 'document', None], [
        Router.for_query_document([bert(f'{scratch}/b', 3, 1), Pooling(WIDTH, 'cls'), dense(4, 20)],
                                  [document, Pooling(WIDTH, 'mean'), dense(5, 20)], default_route='query'), Normalize()], {}
    yield 'one-encoder', ['query', 'doc'], [
        document, Pooling(WIDTH, 'mean'),
        Router({'query': [dense(6, 20)], 'doc': [dense(7, 20)]}, allow_empty_key=False), Normalize()], {'query': 'ask: '}
    yield 'mappings', ['query', 'document', None], [
        Router({'short': [bert(f'{scratch}/b', 3, 1), Pooling(WIDTH, 'cls')], 'long': [document, Pooling(WIDTH, 'mean')]},
               route_mappings={('query', 'text'): 'short', (None, None): 'long'})], {}


def main():
    root = f'{sys.argv[1]}/routers'
    shutil.rmtree(root, ignore_errors=True)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    scratch = f'{root}/scratch'
    for name, tasks, modules, prompts in models(scratch):
        folder = f'{root}/{name}'
        SentenceTransformer(modules=modules, prompts=prompts, device='cpu').save(folder, create_model_card=False)
        for place, _, files in os.walk(folder):
            for file in files:
                if file == 'model.safetensors':
                    path = f'{place}/{file}'
                    save_file({k: v.half().contiguous() for k, v in load_file(path).items()}, path, metadata={'format': 'pt'})
        st = SentenceTransformer(folder, device='cpu')
        with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out:
            for task in tasks:
                for text in texts():
                    if task == 'query':
                        vector = st.encode_query(text)
                    elif task == 'document':
                        vector = st.encode_document(text)
                    else:
                        vector = st.encode(text, task=task)
                    line = {'task': task, 'text': text, 'embedding': [float(f'{x:.7g}') for x in vector.tolist()]}
                    out.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')) + '\n')
        # The form of older versions: the class Asym, whose file is config.json.
        if name == 'one-encoder':
            path = f'{folder}/modules.json'
            listed = json.load(open(path))
            listed[2]['type'] = 'sentence_transformers.models.Asym'
            json.dump(listed, open(path, 'w'), indent=1)
            place = f'{folder}/{listed[2]["path"]}'
            os.rename(f'{place}/router_config.json', f'{place}/config.json')
            again = SentenceTransformer(folder, device='cpu').encode_query('a b', convert_to_tensor=True)
            assert torch.equal(again, st.encode_query('a b', convert_to_tensor=True))
    shutil.rmtree(scratch)


main()
