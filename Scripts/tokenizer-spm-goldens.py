"""Writes unigram.model, pairs.model and models.json into FOLDER. usage: tokenizer-spm-goldens.py FOLDER TEXTS   (needs: pip install sentencepiece)

Small SentencePiece models, and the ids that the sentencepiece library gives. FOLDER is that of tokenizer-sp-goldens.py, whose texts are taken;
TEXTS is real text, a text per line.
"""
import collections, json, os, sys
import sentencepiece

FOLDER, TEXTS = sys.argv[1], sys.argv[2]
with open(os.path.join(FOLDER, 'xlmr.json'), encoding='utf-8') as f:
    texts = [case[0] for case in json.load(f)['cases'] if '\x00' not in case[0]]
with open(TEXTS, encoding='utf-8', newline='\n') as f:
    corpus = f.read().split('\n')[:30_000]
common = {c for c, _ in collections.Counter(c for text in corpus for c in text).most_common(300)}
corpus = [text for text in corpus if common.issuperset(text)][:6000]
rules = os.path.join(FOLDER, 'rules.tsv')
with open(rules, 'w', encoding='utf-8') as f:
    f.write('2122\t54 4D\n1E\t\n65 301\te9\nFB03\t66 66 69\n9\t20\nA\t20\n3000\t20\n41\t61\n')
goldens = {}
for name, options in {
    'unigram': dict(model_type='unigram', vocab_size=900, character_coverage=1.0, normalization_rule_tsv=rules, user_defined_symbols=['<mark>', '(=)']),
    'pairs': dict(model_type='bpe', vocab_size=1000, normalization_rule_name='identity', byte_fallback=True, character_coverage=1.0, remove_extra_whitespaces=False, allow_whitespace_only_pieces=True),
}.items():
    prefix = os.path.join(FOLDER, name)
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_prefix=prefix, hard_vocab_limit=False, minloglevel=2, num_threads=1, **options)
    os.remove(prefix + '.vocab')
    processor = sentencepiece.SentencePieceProcessor(model_file=prefix + '.model')
    goldens[name] = [[text, processor.encode(text)] for text in texts + ['a <mark> b(=)c', '(=', '<mark>']]
    print(name, processor.vocab_size(), os.path.getsize(prefix + '.model'))
os.remove(rules)
with open(os.path.join(FOLDER, 'models.json'), 'w', encoding='utf-8', newline='\n') as f:
    json.dump(goldens, f, separators=(',', ':'))
    f.write('\n')
