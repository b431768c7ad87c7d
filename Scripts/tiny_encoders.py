"""Tiny models of every encoder family, by transformers' own classes: what architecture-goldens.py builds.

A case gives a model and how to run it: `run(model, ids [1, n])` gives the last hidden states [n, hidden]. `save(model)`, where there is
one, gives the tensors and the configuration in the spelling of the family's published checkpoints; `config` is merged into what
save_pretrained writes, and members in `without` are left out. `prefix` stands before every tensor's name.
"""
import torch
from transformers import (
    CamembertConfig, CamembertModel, DistilBertConfig, DistilBertModel, ElectraConfig, ElectraModel, RobertaConfig, RobertaModel,
    XLMRobertaConfig, XLMRobertaModel)


def last_hidden(model, ids):
    return model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]


def case(model, longest, **more):
    return {'model': model, 'longest': longest, 'vocab': model.config.vocab_size, 'run': last_hidden} | more


def distilbert():
    c = DistilBertConfig(vocab_size=97, dim=36, n_layers=2, n_heads=3, hidden_dim=50, max_position_embeddings=90, activation='gelu',
                         sinusoidal_pos_embds=True)
    return case(DistilBertModel(c), 90, prefix='distilbert.', dtype=torch.float16)


def distilbert_relu():
    c = DistilBertConfig(vocab_size=83, dim=40, n_layers=3, n_heads=4, hidden_dim=72, max_position_embeddings=80, activation='relu')
    return case(DistilBertModel(c), 80)


def roberta():
    c = RobertaConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                      max_position_embeddings=92, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1)
    return case(RobertaModel(c, add_pooling_layer=True), 90, prefix='roberta.', padding=1)


def xlm_roberta():
    c = XLMRobertaConfig(vocab_size=101, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=72,
                         max_position_embeddings=84, type_vocab_size=2, layer_norm_eps=1e-5, pad_token_id=3, hidden_act='gelu_new')
    return case(XLMRobertaModel(c, add_pooling_layer=False), 80, padding=3, dtype=torch.bfloat16)


def camembert():
    c = CamembertConfig(vocab_size=90, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=44,
                        max_position_embeddings=82, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1)
    return case(CamembertModel(c, add_pooling_layer=False), 80, padding=1, dtype=torch.float16)


def electra():
    c = ElectraConfig(vocab_size=97, embedding_size=20, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, intermediate_size=50,
                      max_position_embeddings=80)
    return case(ElectraModel(c), 80, prefix='electra.', dtype=torch.float16)


def electra_wide():
    c = ElectraConfig(vocab_size=97, embedding_size=36, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                      max_position_embeddings=80, hidden_act='relu')
    return case(ElectraModel(c), 80)


CASES = {f.__name__.replace('_', '-'): f for f in (
    distilbert, distilbert_relu, roberta, xlm_roberta, camembert, electra, electra_wide)}
