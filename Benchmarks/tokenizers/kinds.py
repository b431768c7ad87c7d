"""A tokenizer of each kind, trained with Hugging Face's library on the texts that are measured with."""
import base64
import json
import os

import tokenizers
from tokenizers import (AddedToken, Regex, Tokenizer, decoders as D, models as M, normalizers as N, pre_tokenizers as P, processors as R,
                        trainers as T)

# The charsmap of XLM-R and T5, which SentencePiece calls nmt_nfkc.
GOLDENS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'Tests', 'MartletTokenizersTests', 'Goldens')
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r'\p{N}|', r'\p{N}{1,3}|', 1)


def special(content, **flags):
    return AddedToken(content, special=True, **{'normalized': False, **flags})


def template(t, single):
    return R.TemplateProcessing(single=single, special_tokens=[(s, t.token_to_id(s)) for s in single.split() if s != '$A'])


def trained_bytes(texts, pre_tokenizer, size, normalizer=None, **options):
    t = Tokenizer(M.BPE(**options))
    if normalizer:
        t.normalizer = normalizer
    t.pre_tokenizer, t.decoder = pre_tokenizer, D.ByteLevel()
    trainer = T.BpeTrainer(vocab_size=size, initial_alphabet=P.ByteLevel.alphabet(), show_progress=False)
    t.train_from_iterator(texts, trainer)
    return t


def split_bytes(pattern):
    return P.Sequence([P.Split(Regex(pattern), 'isolated'), P.ByteLevel(add_prefix_space=False, use_regex=False)])


def wordpiece(texts):
    """BERT, MiniLM, bge, e5."""
    t = Tokenizer(M.WordPiece(unk_token='[UNK]'))
    t.normalizer, t.pre_tokenizer, t.decoder = N.BertNormalizer(), P.BertPreTokenizer(), D.WordPiece()
    specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    t.train_from_iterator(texts, T.WordPieceTrainer(vocab_size=30522, special_tokens=specials, show_progress=False))
    t.post_processor = template(t, '[CLS] $A [SEP]')
    return t


def wordlevel(texts):
    t = Tokenizer(M.WordLevel(unk_token='<unk>'))
    t.normalizer, t.pre_tokenizer = N.Sequence([N.NFKC(), N.Lowercase()]), P.Whitespace()
    t.train_from_iterator(texts, T.WordLevelTrainer(vocab_size=50000, special_tokens=['<unk>', '<s>', '</s>'], show_progress=False))
    t.post_processor = template(t, '<s> $A </s>')
    return t


def gpt2(texts):
    t = trained_bytes(texts, P.ByteLevel(add_prefix_space=False), 50257)
    t.add_special_tokens([special('<|endoftext|>')])
    t.post_processor = R.ByteLevel(trim_offsets=False)
    return t


def roberta(texts):
    t = trained_bytes(texts, P.ByteLevel(add_prefix_space=True), 50265)
    t.add_special_tokens([special('<s>', normalized=True), special('</s>', normalized=True), special('<mask>', lstrip=True, normalized=True)])
    t.post_processor = R.RobertaProcessing(('</s>', t.token_to_id('</s>')), ('<s>', t.token_to_id('<s>')))
    return t


def modernbert(texts):
    """With added tokens for runs of spaces, as ModernBERT has them."""
    t = trained_bytes(texts, P.ByteLevel(add_prefix_space=False), 50280, N.NFC())
    t.add_tokens([AddedToken(' ' * n, normalized=True) for n in range(24, 1, -1)])
    t.add_special_tokens([special('[CLS]'), special('[SEP]'), special('[MASK]', lstrip=True)])
    t.post_processor = template(t, '[CLS] $A [SEP]')
    return t


def qwen2(texts):
    """Qwen 2 and 3."""
    t = trained_bytes(texts, split_bytes(QWEN2), 80000, N.NFC())
    t.add_special_tokens([special(s) for s in ('<|endoftext|>', '<|im_start|>', '<|im_end|>')])
    t.post_processor = template(t, '$A <|endoftext|>')
    return t


def llama3(texts):
    t = trained_bytes(texts, split_bytes(LLAMA3), 80000, ignore_merges=True)
    t.add_special_tokens([special('<|begin_of_text|>')])
    t.post_processor = template(t, '<|begin_of_text|> $A')
    return t


def unigram(texts, normalizer, pre_tokenizer):
    t = Tokenizer(M.Unigram())
    t.normalizer, t.pre_tokenizer, t.decoder = normalizer, pre_tokenizer, D.Metaspace()
    specials = ['<s>', '<pad>', '</s>', '<unk>']
    t.train_from_iterator(texts, T.UnigramTrainer(vocab_size=30000, special_tokens=specials, unk_token='<unk>', show_progress=False))
    t.add_special_tokens([special('<mask>', lstrip=True)])
    t.post_processor = template(t, '<s> $A </s>')
    return t


def charsmap():
    with open(os.path.join(GOLDENS, 'SentencePiece', 'nmt_nfkc.bin'), 'rb') as f:
        return N.Precompiled(f.read())


def xlmr(texts):
    """XLM-R, multilingual-e5."""
    return unigram(texts, charsmap(), P.Sequence([P.WhitespaceSplit(), P.Metaspace()]))


def bge_m3(texts):
    return unigram(texts, N.Sequence([charsmap(), N.Replace(Regex(' {2,}'), ' ')]), P.Metaspace())


def pairs(texts, normalizer, pre_tokenizer, size):
    """SentencePiece's BPE: trained word by word, run over whole texts."""
    t = Tokenizer(M.BPE(unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    t.normalizer, t.pre_tokenizer = normalizer, P.Split('\u2581', 'merged_with_next')
    specials = ['<unk>', '<s>', '</s>'] + [f'<0x{b:02X}>' for b in range(256)]
    t.train_from_iterator(texts, T.BpeTrainer(vocab_size=size, special_tokens=specials, limit_alphabet=1000, show_progress=False))
    value = json.loads(t.to_str())
    value['added_tokens'] = value['added_tokens'][:3]
    value['pre_tokenizer'] = pre_tokenizer
    t = Tokenizer.from_str(json.dumps(value))
    t.decoder = D.Sequence([D.Replace('\u2581', ' '), D.ByteFallback(), D.Fuse()])
    t.post_processor = template(t, '<s> $A')
    return t


def gemma(texts):
    """EmbeddingGemma."""
    split = {'type': 'Split', 'pattern': {'String': ' '}, 'behavior': 'MergedWithPrevious', 'invert': False}
    return pairs(texts, N.Replace(' ', '\u2581'), split, 64000)


def llama2(texts):
    """e5-mistral."""
    return pairs(texts, N.Sequence([N.Prepend('\u2581'), N.Replace(' ', '\u2581')]), None, 32000)


KINDS = [wordpiece, wordlevel, gpt2, roberta, modernbert, qwen2, llama3, xlmr, bge_m3, gemma, llama2]
VERSION = tokenizers.__version__


def large(path, count=250_000):
    """A tokenizer.json as large as XLM-R's: Unigram pieces made of the texts' own letters, with the charsmap."""
    import random
    rng = random.Random(5)
    letters = 'abcdefghijklmnopqrstuvwxyz\u00e9\u0436\u0438\u03b1\u4e2d\u6587\u0915\u0e01'
    pieces, seen = [['<s>', 0.0], ['<pad>', 0.0], ['</s>', 0.0], ['<unk>', 0.0]], set()
    while len(pieces) < count:
        piece = rng.choice(['\u2581', '', '']) + ''.join(rng.choice(letters) for _ in range(rng.randint(1, 16)))
        if piece and piece not in seen:
            seen.add(piece)
            pieces.append([piece, -rng.random() * 20])
    with open(os.path.join(GOLDENS, 'SentencePiece', 'nmt_nfkc.bin'), 'rb') as f:
        chars = base64.b64encode(f.read()).decode()
    added = [{'id': i, 'content': pieces[i][0], 'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': False, 'special': True}
             for i in range(4)]
    value = {
        'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': added,
        'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': chars},
        'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [
            {'type': 'WhitespaceSplit'}, {'type': 'Metaspace', 'replacement': '\u2581', 'prepend_scheme': 'always', 'split': True}]},
        'post_processor': {'type': 'TemplateProcessing', 'single': [
            {'SpecialToken': {'id': '<s>', 'type_id': 0}}, {'Sequence': {'id': 'A', 'type_id': 0}}, {'SpecialToken': {'id': '</s>', 'type_id': 0}}],
            'pair': [{'Sequence': {'id': 'A', 'type_id': 0}}, {'Sequence': {'id': 'B', 'type_id': 1}}],
            'special_tokens': {s: {'id': s, 'ids': [i], 'tokens': [s]} for s, i in (('<s>', 0), ('</s>', 2))}},
        'decoder': {'type': 'Metaspace', 'replacement': '\u2581', 'prepend_scheme': 'always', 'split': True},
        'model': {'type': 'Unigram', 'unk_id': 3, 'vocab': pieces, 'byte_fallback': False},
    }
    with open(path, 'w', encoding='utf-8') as f:
        # As transformers saves it.
        json.dump(value, f, ensure_ascii=False, indent=2)
