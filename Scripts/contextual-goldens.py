"""Tiny models that embed texts in the context of a corpus, and their vectors. usage: contextual-goldens.py FIXTURES_DIR [NAME…]

Writes FIXTURES_DIR/contextual/<name>/, a folder as jxm/cde-small-v1 is published, with goldens.jsonl, one object a line:
  {"sample": [texts], "vectors": [[…]]}             a sample of the corpus, and what the first stage makes of each of its documents
  {"text": …, "role": …, "tokens": …, "embedding": […]}     a text in the context of the sample of the line before; a text is run alone

transformers has no such model: the two stages are written out here from the published definition (Morris and Rush 2024, "Contextual
Document Embeddings"; the modelling code and the card of jxm/cde-small-v1), over transformers' NomicBertModel:
  first stage    mean of the token vectors, then Linear, GELU, Linear
  second stage   the sample's vectors and eight soft tokens, which are a projection of ones, stand before the text's embeddings; a model
                 that is given embeddings adds the row of token type 0 to all of them, so that the text's tokens have it twice; the sample's
                 rows are not turned, and those after them by their whole position; the mean over the text's tokens alone, then Linear,
                 ReLU, Linear
"""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from safetensors.torch import save_file
from torch import nn
from transformers import NomicBertConfig, NomicBertModel

from tiny_texts import PIECES, WORDS, save_tokenizer, texts
from tiny_weights import randomise

PROMPTS = {'query': 'search_query: ', 'document': 'search_document: '}
SOFT = 8


class Stages(nn.Module):
    def __init__(self, config, sample, turns, layers):
        super().__init__()
        h = config['hidden_size']
        self.first, self.second = (NomicBertModel(NomicBertConfig(num_hidden_layers=n, **config), add_pooling_layer=False) for n in layers)
        self.mlp = nn.Sequential(nn.Linear(h, h), nn.GELU(), nn.Linear(h, h))
        self.prompt = nn.Sequential(nn.Linear(h, h), nn.ReLU(), nn.Linear(h, h * SOFT))
        self.output = nn.Sequential(nn.Linear(h, h), nn.ReLU(), nn.Linear(h, h))
        self.hidden, self.sample, self.turns = h, sample, turns

    def document(self, ids):
        return self.mlp(self.first(input_ids=ids).last_hidden_state.mean(1))[0]

    def text(self, ids, vectors):
        soft = self.prompt(torch.ones(self.hidden, dtype=vectors.dtype)).view(SOFT, self.hidden)
        context = torch.cat((vectors, soft))[None]
        table = self.second.embeddings
        words = table.word_embeddings(ids) + table.token_type_embeddings.weight[0]
        positions = torch.arange(context.shape[1] + ids.shape[1])
        if not self.turns:
            positions = positions * (positions >= self.sample)  # an angle of 0 turns nothing
        states = self.second(inputs_embeds=torch.cat((context, words), 1), position_ids=positions[None]).last_hidden_state
        return self.output(states[0, context.shape[1]:].mean(0))


def published(model, scratch):
    """The tensors under the names of the published checkpoint."""
    out = {}
    for name, stage in [('first_stage_model.embedder', model.first), ('second_stage_model.backbone', model.second)]:
        stage.save_pretrained(scratch)
        for key, value in transformers.modeling_utils.load_state_dict(f'{scratch}/model.safetensors').items():
            out[f'{name}.{key}'] = value
        shutil.rmtree(scratch)
    for name, part in [('first_stage_model.mlp', model.mlp), ('second_stage_model.prompt_projection', model.prompt),
                       ('second_stage_model.output_projection', model.output)]:
        out |= {f'{name}.{k}': v for k, v in part.state_dict().items()}
    # A norm that the published code makes and does not use.
    out |= {'second_stage_model.input_ln.weight': torch.full((model.hidden,), 3.0), 'second_stage_model.input_ln.bias': torch.ones(model.hidden)}
    return {k: v.half().contiguous() for k, v in out.items()}


# name: hidden, heads, width, layers of the encoder, layers of each stage, documents of a context, whether the context is turned, limit
CASES = {
    'cde': (40, 5, 52, 3, (3, 2), 7, False, 48),
    'cde-turned': (36, 3, 44, 2, (2, 2), 5, True, 40),
}


def build(name, root, seed):
    hidden, heads, width, depth, layers, sample, turns, limit = CASES[name]
    folder = f'{root}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = save_tokenizer(folder, limit)
    for file in ('special_tokens_map.json', 'added_tokens.json'):
        if os.path.exists(f'{folder}/{file}'):
            os.remove(f'{folder}/{file}')
    config = dict(vocab_size=PIECES, hidden_size=hidden, num_attention_heads=heads, intermediate_size=width, max_position_embeddings=120,
                  type_vocab_size=2, rope_parameters={'rope_type': 'default', 'rope_theta': 1000.0})
    model = randomise(Stages(config, sample, turns, layers), torch.Generator().manual_seed(seed), 1.3)
    save_file(published(model, f'{folder}.scratch'), f'{folder}/model.safetensors', metadata={'format': 'pt'})
    backbone = {
        'model_type': 'nomic_bert', 'vocab_size': PIECES, 'n_embd': hidden, 'n_head': heads, 'n_layer': depth, 'n_inner': width, 'n_positions': 120,
        'max_trained_positions': 120, 'type_vocab_size': 2, 'activation_function': 'swiglu', 'layer_norm_epsilon': 1e-12, 'rotary_emb_base': 1000, 'rotary_emb_fraction': 1.0,
        'qkv_proj_bias': False, 'mlp_fc1_bias': False, 'mlp_fc2_bias': False}
    own = {
        'architecture': 'transductive', 'architectures': ['DatasetTransformer'], 'biencoder_pooling_strategy': 'mean', 'disable_dropout': True,
        'disable_transductive_rotary_embedding': not turns, 'embedder': 'backbone', 'embedding_output_dim': None,
        'limit_layers': layers[1] if layers[1] < depth else None, 'limit_layers_first_stage': layers[0] if layers[0] < depth else None,
        'logit_scale': 50.0, 'max_seq_length': limit, 'transductive_corpus_size': sample, 'transductive_sequence_dropout_prob': 0.0,
        'transductive_tie_token_embeddings': False, 'transductive_tokens_per_document': 1}
    os.makedirs(f'{folder}/backbone')
    for path, value in [
            ('backbone/config.json', backbone), ('config.json', own), ('sentence_bert_config.json', {}),
            ('config_sentence_transformers.json', {'prompts': PROMPTS, 'default_prompt_name': None, 'similarity_fn_name': 'cosine'}),
            ('modules.json', [{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers_impl.Transformer',
                               'kwargs': ['dataset_embeddings']}])]:
        with open(f'{folder}/{path}', 'w', encoding='utf-8') as f:
            json.dump(value, f, indent=1, sort_keys=True)
            f.write('\n')

    def ids(text):
        return torch.tensor([tokenizer(text, truncation=True, max_length=limit)['input_ids']])

    def digits(values):
        return [float(f'{x:.8g}') for x in values.tolist()]

    # A sample of the right size, and one that is too small: its documents are repeated in turn.
    corpus = texts()[3:]
    samples = [(corpus + [' '.join(WORDS[40:52])] * 3)[:sample], corpus[:3]]
    worst = 0.0
    exact = randomise(Stages(config, sample, turns, layers), torch.Generator().manual_seed(seed), 1.3).double()
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out, torch.no_grad():
        def write(row):
            out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')

        for documents in samples:
            found, sure = [torch.stack([m.document(ids(PROMPTS['document'] + d)) for d in documents]) for m in (model, exact)]
            write({'sample': documents, 'vectors': [digits(v) for v in found]})
            context = [torch.stack([v[i % len(documents)] for i in range(sample)]) for v in (found, sure)]
            for role in (None, 'query', 'document'):
                for text in texts():
                    tokens = ids(PROMPTS.get(role, '') + text)
                    vector = model.text(tokens, context[0])
                    worst = max(worst, float((exact.text(tokens, context[1]) - vector).abs().max()))
                    assert torch.isfinite(vector).all()
                    write({'text': text, 'role': role, 'tokens': tokens.shape[1], 'embedding': digits(vector)})
    print(name, 'worst difference to float64:', f'{worst:.2g}')


def main():
    root = f'{sys.argv[1]}/contextual'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    os.makedirs(root, exist_ok=True)
    for i, name in enumerate(CASES):
        if not sys.argv[2:] or name in sys.argv[2:]:
            build(name, root, 1700 + i)


main()
