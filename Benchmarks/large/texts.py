"""Texts of an exact number of tokens: words that are one token each, drawn at random, between [CLS] and [SEP].

Texts of one set are of one length, so that engines that pad lose nothing by it.
"""
import json
import random

QUERY_TOKENS, QUERIES = 12, 30


def make(folder, tokenizer, lengths):
    """`folder`/N.jsonl for each number of tokens and texts, and queries.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    words = sorted(word for word in tokenizer.get_vocab() if word.isascii() and word.isalpha() and word.islower() and len(word) > 2)
    choose = random.Random(5)

    def text(tokens):
        found = ' '.join(choose.choices(words, k=tokens - 2))
        assert len(tokenizer.encode(found).ids) == tokens
        return found

    for tokens, count in lengths.items():
        (folder / f'{tokens}.jsonl').write_text(''.join(json.dumps({'id': row, 'text': text(tokens)}) + '\n' for row in range(count)))
    (folder / 'queries.txt').write_text('\n'.join(text(QUERY_TOKENS) for _ in range(QUERIES)) + '\n')
