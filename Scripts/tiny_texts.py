"""Texts for tiny models, and the tokenizer of tiny_bert.py as transformers keeps it."""
import os
import random

from transformers import PreTrainedTokenizerFast

import tiny_bert

WORDS = tiny_bert.lexicon()[:300]
PIECES = 300


def texts():
    rng = random.Random(29)
    out = ['', ' \t', WORDS[0], 'a', 'zzz', 'Balo tuka, 日本語 Éa zorp! (quoted) "words"; 3.14']
    for words in (2, 5, 9, 17, 31, 120):
        out.append(' '.join(rng.choice(WORDS) for _ in range(words)) + rng.choice(['', '.', ', ' + WORDS[3]]))
    return out


def save_tokenizer(folder, limit, extra=()):
    tokenizer = tiny_bert.tokenizer_for(tiny_bert.vocabulary(PIECES, False), False)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token='[UNK]', cls_token='[CLS]', sep_token='[SEP]', pad_token='[PAD]', mask_token='[MASK]',
        model_max_length=limit, model_input_names=['input_ids', 'attention_mask'])
    if extra:
        fast.add_tokens(list(extra))
    os.makedirs(folder, exist_ok=True)
    fast.save_pretrained(folder)
    return fast
