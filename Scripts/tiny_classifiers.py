"""Tiny sequence classifiers of every family, by transformers' own classes: what classifier-goldens.py builds.

A case gives a model, its tokenizer and how the folder is spelled:
  tokenizer    one of `tokenizers()`
  style        'plain' as transformers saves it, 'cross' as CrossEncoder.save_pretrained does
  activation   CrossEncoder's, where the folder names one
  config       merged into config.json; members in `without` are left out
  limit        model_max_length
  single       single texts are classified too
"""
import string

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from transformers import BertConfig, BertForSequenceClassification

import tiny_bert


def labels(*names):
    return {'id2label': dict(enumerate(names)), 'label2id': {n: i for i, n in enumerate(names)}, 'num_labels': len(names)}


def wordpiece():
    return tiny_bert.tokenizer_for(tiny_bert.vocabulary(320, False), False), {
        'tokenizer_class': 'BertTokenizer', 'unk_token': '[UNK]', 'sep_token': '[SEP]', 'pad_token': '[PAD]', 'cls_token': '[CLS]',
        'mask_token': '[MASK]', 'do_lower_case': True}


TOKENIZERS = {f.__name__: f for f in (wordpiece,)}


def bert(**more):
    c = BertConfig(**{'vocab_size': 320, 'hidden_size': 36, 'num_hidden_layers': 2, 'num_attention_heads': 3, 'intermediate_size': 50,
                      'max_position_embeddings': 64, 'pad_token_id': 0} | labels('LABEL_0') | more)
    return BertForSequenceClassification(c)


def bert_cross():
    """As ms-marco-MiniLM-L6-v2 is published: raw logits."""
    return {'model': bert(), 'tokenizer': 'wordpiece', 'style': 'cross', 'limit': 48, 'activation': nn.Identity()}


def bert_legacy():
    """Before sentence-transformers 4: the activation in config.json."""
    return {'model': bert(), 'tokenizer': 'wordpiece', 'style': 'plain', 'limit': 512, 'dtype': torch.float16,
            'config': {'sbert_ce_default_activation_function': 'torch.nn.modules.linear.Identity'}}


def bert_labels():
    """Three classes, as nli-MiniLM; texts alone, too."""
    return {'model': bert(**labels('contradiction', 'entailment', 'neutral')), 'tokenizer': 'wordpiece', 'style': 'plain', 'limit': 64,
            'dtype': torch.float16, 'single': True}


CASES = {f.__name__.replace('_', '-'): f for f in (bert_cross, bert_legacy, bert_labels)}
