"""Writes Tests/MartletTokenizersTests/Goldens/Kinds. usage: tokenizer-kinds-goldens.py OUT_DIR TEXT_DIR   (needs: pip install tokenizers)

Trains a small tokenizer of each kind on the message catalogues (*.mo) below TEXT_DIR, such as /usr/share: real text in some hundred
languages. None of it is written; only the vocabularies that come of it are.

KIND.json    a tokenizer.json of each kind
goldens.json for each kind: digests of ids, offsets, types and decoded text of the torture texts, of synthetic lines, pairs and
             truncations; for single normalizers, pre-tokenizers and split patterns: digests of what they make of the texts
"""
import gettext, glob, json, os, sys
from tokenizers import AddedToken, Regex, Tokenizer, decoders as D, models as M, normalizers as N, pre_tokenizers as P, processors as R, trainers as T

OUT, TEXTS = sys.argv[1:3]
MASK = (1 << 64) - 1
here = os.path.dirname(os.path.abspath(__file__))
GOLDENS = os.path.join(here, '..', 'Tests', 'MartletTokenizersTests', 'Goldens')
TORTURE = [c['text'] for c in json.load(open(os.path.join(GOLDENS, 'torture.json')))['cases']]
VOCAB = open(os.path.join(GOLDENS, 'vocab.txt')).read().split('\n')[:-1]
MORE = [
    "I'll we've they're don't he'd I'm it's 'tis 'S 'LL 'Ve o'clock '\u017f '\u017fx", 'a  b   c    d', ' lead', 'trail ', '\n\nline\r\nbreak\n \n  x', '\t\ttabs\tx',
    '12345 1,234,567.89 \u0967\u0968\u0969 \u00bd\u2167 3rd x2y', 'foo_bar fooBar FooBAR HTTPServer', '!!! ?!. ...\n\n(ok)\n', '\u00a0nbsp\u00a0\u00a0x\u3000y\u3000 z',
    '\u2028\u2029 \u0085x', 'na\u00efve \u00c5ngstr\u00f6m \u1e69 \u0344', '\u0e01\u0e33\u0e49 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35', '\uac00\uac01 \u1100\u1161\u11a8',
    '\ufb03 \u2460 \uff76\uff9e \u00b5 \u212b \u33a7', '\u4f60\u597d\uff0c\u4e16\u754c\u3002123', '\u0915\u094d\u0937\u093f', '\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1e9\U0001f1ea', '<mask> x<mask>y  <mask>  z',
    '<s>a</s><pad> <unk>', '<|endoftext|><|im_start|>user\nhi<|im_end|>', '<|begin_of_text|>hi', 'def f(x):\n    return x + 1\n\n\tif y:\n', 'a\u0300\u0316 b\u0316\u0300 q\u0307\u0323\u0301',
    '\u2581already \u2581\u2581', '<0x41><0xE4>', '\u0130\u0131 \u01c5 \u1e9e \u03a3\u03c2', 'x' * 200, '\u00e9' * 60, 'ab' * 40, ' ' * 40, '\u200b\ufeff\u00ad', '\U00020000\U00020001 \ue000',
]
TORTURE += MORE

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r'\p{N}|', r'\p{N}{1,3}|', 1)
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
UPPER, LOWER = r'[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]', r'[\p{Ll}\p{Lm}\p{Lo}\p{M}]'
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{SUFFIX}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
MARKS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = [
    GPT2, r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", QWEN2, LLAMA3, CLIP, O200K, DEEPSEEK, MARKS, r'\p{N}{1,3}', r'[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+',
    r' ?[^(\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+', r'[\p{L}\p{M}]++|(?<=\s)\d+(?=\s|$)|\b\w', r'(?i)S+|[a-fk]{2,}?|\u00e5', r'a*', r'(?<!x)x{2,3}|[^\W\d_]+|(ab){2}', r'(?:a|ab)(?:c|bcd|b)*?\z|.\s', r'(?>a+)b|\P{L}|[^[a-z]\s]',
]


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        return (self.next() >> 33) % bound


def line(random, phrases):
    """A line of `SyntheticLines` in GoldenTests.swift."""
    s = ''
    for _ in range(1 + random.below(10)):
        kind = random.below(8)
        if kind < 3:
            t = VOCAB[random.below(len(VOCAB))]
            s += t[2:] if t.startswith('##') and random.below(8) else t
        elif kind == 3:
            for _ in range(1 + random.below(4)):
                s += chr(random.below(0x3000))
        elif kind == 4:
            c = random.below(0x110000)
            s += ' ' if 0xD800 <= c <= 0xDFFF else chr(c)
        elif kind == 5:
            s += phrases[random.below(len(phrases))]
        elif kind == 6:
            for _ in range(1 + random.below(10)):
                s += chr(0x20 + random.below(0x5F))
        else:
            s += ' '
    return s


def digest(values):
    d = 0xCBF29CE484222325
    for v in values:
        d = ((d ^ v) * 0x100000001B3) & MASK
    return d >> 32


def catalogue_lines():
    lines = set()
    for path in sorted(glob.glob(os.path.join(TEXTS, '**', '*.mo'), recursive=True)):
        try:
            with open(path, 'rb') as f:
                messages = gettext.GNUTranslations(f)._catalog
        except (OSError, UnicodeError, ValueError, LookupError):
            continue
        for key, value in messages.items():
            if key != '':
                lines.update(l for l in str(value).split('\n') if l.strip())
    lines = sorted(lines)
    assert len(lines) > 10_000, 'too few message catalogues below ' + TEXTS
    return lines[::max(1, len(lines) // 60_000)]


SAMPLE = catalogue_lines()


def bpe(size, specials, alphabet=None, prune=None, **options):
    t = Tokenizer(M.BPE(**options))
    def train():
        trainer = T.BpeTrainer(vocab_size=size, special_tokens=specials, initial_alphabet=alphabet or [], limit_alphabet=prune or 1000, show_progress=False,
                               end_of_word_suffix=options.get('end_of_word_suffix') or '', continuing_subword_prefix=options.get('continuing_subword_prefix') or '')
        t.train_from_iterator(SAMPLE, trainer)
    return t, train


def special(content, **flags):
    return AddedToken(content, special=True, **{'normalized': False, **flags})


def template(t, single, pair):
    names = {s for s in (single + ' ' + pair).replace(':1', '').split() if not s.startswith('$')}
    return R.TemplateProcessing(single=single, pair=pair, special_tokens=[(s, t.token_to_id(s)) for s in sorted(names)])


def gpt2():
    t, train = bpe(1500, ['<|endoftext|>'], P.ByteLevel.alphabet())
    t.pre_tokenizer = P.ByteLevel(add_prefix_space=False)
    t.decoder = D.ByteLevel()
    train()
    t.post_processor = R.ByteLevel(trim_offsets=False)
    return t


def roberta():
    specials = ['<s>', '<pad>', '</s>', '<unk>', '<mask>']
    t, train = bpe(1500, specials, P.ByteLevel.alphabet())
    t.pre_tokenizer = P.ByteLevel(add_prefix_space=True)
    t.decoder = D.ByteLevel()
    train()
    t.add_special_tokens([special(s, normalized=True) for s in specials[:4]] + [special('<mask>', lstrip=True, normalized=True)])
    t.post_processor = R.RobertaProcessing(('</s>', t.token_to_id('</s>')), ('<s>', t.token_to_id('<s>')), trim_offsets=True, add_prefix_space=True)
    return t


def qwen2():
    t, train = bpe(1800, [], P.ByteLevel.alphabet())
    t.normalizer = N.NFC()
    t.pre_tokenizer = P.Sequence([P.Split(Regex(QWEN2), 'isolated', invert=False), P.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    t.decoder = D.ByteLevel()
    train()
    t.add_special_tokens([special(s) for s in ('<|endoftext|>', '<|im_start|>', '<|im_end|>')])
    t.post_processor = R.ByteLevel(trim_offsets=False)
    return t


def modernbert():
    t, train = bpe(1500, ['<|padding|>'], P.ByteLevel.alphabet())
    t.normalizer = N.NFC()
    t.pre_tokenizer = P.ByteLevel(add_prefix_space=False, trim_offsets=True)
    t.decoder = D.ByteLevel()
    train()
    t.add_tokens([AddedToken(' ' * n, normalized=True) for n in range(24, 1, -1)] + [AddedToken('|||EMAIL|||', normalized=True)])
    t.add_special_tokens([special('[UNK]'), special('[CLS]'), special('[SEP]'), special('[PAD]'), special('[MASK]', lstrip=True)])
    t.post_processor = template(t, '[CLS] $A [SEP]', '[CLS] $A [SEP] $B [SEP]')
    return t


def llama3():
    t, train = bpe(1800, [], P.ByteLevel.alphabet(), ignore_merges=True)
    t.pre_tokenizer = P.Sequence([P.Split(Regex(LLAMA3), 'isolated', invert=False), P.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    t.decoder = D.ByteLevel()
    train()
    # Whole words that no merge leads to.
    value = json.loads(t.to_str())
    for word in ('\u0120xylophone', 'zq', '\u0120the\u0120', 'qx'):
        value['model']['vocab'][word] = len(value['model']['vocab'])
    t = Tokenizer.from_str(json.dumps(value))
    t.add_special_tokens([special('<|begin_of_text|>'), special('<|end_of_text|>')])
    t.post_processor = R.Sequence([R.ByteLevel(trim_offsets=True), template(t, '<|begin_of_text|> $A', '<|begin_of_text|> $A <|begin_of_text|>:1 $B:1')])
    return t


def clip():
    t, train = bpe(1800, ['<|startoftext|>', '<|endoftext|>'], P.ByteLevel.alphabet(), end_of_word_suffix='</w>', unk_token='<|endoftext|>', continuing_subword_prefix='')
    t.normalizer = N.Sequence([N.NFC(), N.Replace(Regex(r'\s+'), ' '), N.Lowercase()])
    t.pre_tokenizer = P.Sequence([P.Split(Regex(CLIP), 'removed', invert=True), P.ByteLevel(add_prefix_space=False)])
    t.decoder = D.ByteLevel()
    train()
    t.post_processor = R.RobertaProcessing(('<|endoftext|>', 1), ('<|startoftext|>', 0), trim_offsets=False, add_prefix_space=False)
    return t


def fallback():
    """Llama 2, Gemma."""
    specials = ['<unk>', '<s>', '</s>'] + [f'<0x{b:02X}>' for b in range(256)]
    t, train = bpe(2000, specials, prune=400, unk_token='<unk>', fuse_unk=True, byte_fallback=True)
    t.normalizer = N.Sequence([N.Prepend('\u2581'), N.Replace(' ', '\u2581')])
    t.pre_tokenizer = P.Split('\u2581', 'merged_with_next')
    train()
    t.pre_tokenizer = P.Split(' ', 'merged_with_previous')
    t.decoder = D.Sequence([D.Replace('\u2581', ' '), D.ByteFallback(), D.Fuse(), D.Strip(' ', 1, 0)])
    value = json.loads(t.to_str())
    value['added_tokens'] = value['added_tokens'][:3]
    t = Tokenizer.from_str(json.dumps(value))
    t.post_processor = template(t, '<s> $A', '<s> $A <s>:1 $B:1')
    return t


def prefixed():
    """Pieces with a continuation prefix, and unknown characters, fused or not."""
    t, train = bpe(1200, ['[UNK]', '[CLS]', '[SEP]'], prune=150, unk_token='[UNK]', continuing_subword_prefix='##')
    t.normalizer = N.Sequence([N.NFKD(), N.StripAccents(), N.Nmt()])
    t.pre_tokenizer = P.Sequence([P.Whitespace(), P.Digits(individual_digits=True)])
    t.decoder = D.WordPiece()
    train()
    t.post_processor = R.BertProcessing(('[SEP]', 2), ('[CLS]', 1))
    return t


def wordlevel():
    t = Tokenizer(M.WordLevel(unk_token='<unk>'))
    t.normalizer = N.Sequence([N.NFKC(), N.Lowercase(), N.Strip(), N.Replace(Regex(r'[\u2010-\u2015]'), '-')])
    t.pre_tokenizer = P.Sequence([P.WhitespaceSplit(), P.Punctuation(), P.Digits(individual_digits=False)])
    t.train_from_iterator(SAMPLE, T.WordLevelTrainer(vocab_size=2000, special_tokens=['<unk>', '<s>', '</s>'], show_progress=False))
    t.add_tokens([AddedToken('\u00c9COLE', normalized=True, single_word=True), AddedToken('ab', normalized=False, rstrip=True)])
    t.post_processor = template(t, '<s> $A </s>', '<s> $A </s> $B:1 </s>:1')
    return t


KINDS = dict(gpt2=gpt2, roberta=roberta, qwen2=qwen2, modernbert=modernbert, llama3=llama3, clip=clip, fallback=fallback, prefixed=prefixed, wordlevel=wordlevel)
NORMALIZERS = [
    N.NFC(), N.NFD(), N.NFKC(), N.NFKD(), N.Lowercase(), N.StripAccents(), N.Nmt(), N.Strip(), N.Strip(left=False), N.Strip(right=False), N.Prepend('>\u2581'), N.ByteLevel(),
    N.Replace('a', 'bc'), N.Replace('the', ''), N.Replace(Regex(r'\s+'), '\u2581'), N.Replace(Regex(r'x*'), '-'), N.BertNormalizer(), N.BertNormalizer(strip_accents=False, lowercase=False),
    N.BertNormalizer(clean_text=False, handle_chinese_chars=False, lowercase=True), N.Sequence([N.NFKD(), N.StripAccents(), N.Replace(' ', '__'), N.Lowercase(), N.NFC()]), N.Sequence([]),
]
BEHAVIORS = ['removed', 'isolated', 'merged_with_previous', 'merged_with_next', 'contiguous']
PRETOKENIZERS = [
    P.BertPreTokenizer(), P.Whitespace(), P.WhitespaceSplit(), P.Digits(True), P.Digits(False), *[P.Punctuation(b) for b in BEHAVIORS], P.CharDelimiterSplit('e'),
    *[P.Split(p, b, i) for p in (' ', 'ab', Regex(r'\w')) for b in BEHAVIORS for i in (False, True)], P.ByteLevel(), P.ByteLevel(False), P.ByteLevel(True, use_regex=False),
    P.Sequence([P.WhitespaceSplit(), P.Punctuation(), P.ByteLevel(True, use_regex=False)]), P.Sequence([P.ByteLevel(False), P.Digits(True)]),
]


def encodings(t, texts, **options):
    return [t.encode(s, **options) for s in texts]


def offset_values(e):
    return [v for pair in e.offsets for v in pair]


def kind_goldens(t):
    added = sorted(a.content for a in t.get_added_tokens_decoder().values())[:40]
    phrases = TORTURE + added
    random = SplitMix64(2026)
    texts = TORTURE + added

    def values(e):
        return [digest(e.ids), digest(offset_values(e)), digest(e.type_ids)]

    out = {'phrases': added, 'torture': [values(e) + [digest(t.decode(e.ids).encode())] for e in encodings(t, texts)], 'blocks': [], 'pairs': [], 'truncations': []}
    for _ in range(40):
        block = encodings(t, [line(random, phrases) for _ in range(25)])
        out['blocks'].append([digest(v for e in block for v in e.ids), digest(v for e in block for v in offset_values(e))])
    for i in range(len(texts)):
        e = t.encode(texts[i], texts[i * 7 % len(texts)], add_special_tokens=i % 3 != 0)
        out['pairs'].append(values(e))
    long = ' '.join(MORE[:12])
    for side in ('right', 'left'):
        for length in (5, 6, 7, 16, 33):
            for a, b in ((long, None), (long, 'short one'), ('short one', long), (long, long[20:])):
                t.enable_truncation(length, direction=side)
                out['truncations'].append(values(t.encode(a, b) if b else t.encode(a)))
                t.no_truncation()
    return out


def write(name, value):
    with open(os.path.join(OUT, name), 'w') as f:
        json.dump(value, f, separators=(',', ':'), ensure_ascii=name == 'goldens.json')
        f.write('\n')


os.makedirs(OUT, exist_ok=True)
goldens = {'texts': MORE, 'kinds': {}, 'normalizers': [], 'preTokenizers': [], 'patterns': []}
for name, build in KINDS.items():
    t = build()
    path = os.path.join(OUT, name + '.json')
    t.save(path)
    write(name + '.json', json.load(open(path)))
    goldens['kinds'][name] = kind_goldens(Tokenizer.from_file(path))
    print(name, t.get_vocab_size(), 'tokens', os.path.getsize(path), 'bytes')

random = SplitMix64(9)
FUZZ = TORTURE + [line(random, TORTURE) for _ in range(300)]


def part(pipeline):
    return json.loads(pipeline.__getstate__().decode())


def pieces(pre_tokenizer):
    return digest(v for s in FUZZ for piece, offsets in pre_tokenizer.pre_tokenize_str(s) for v in (*piece.encode(), 0x100, *offsets))


for normalizer in NORMALIZERS:
    goldens['normalizers'].append({'part': part(normalizer), 'digest': digest(b for s in FUZZ for b in (*normalizer.normalize_str(s).encode(), 0x100))})
for pre_tokenizer in PRETOKENIZERS:
    goldens['preTokenizers'].append({'part': part(pre_tokenizer), 'digest': pieces(pre_tokenizer)})
for pattern in PATTERNS:
    for behavior in ('isolated', 'removed'):
        split = P.Split(Regex(pattern), behavior)
        goldens['patterns'].append({'part': part(split), 'digest': pieces(split)})
write('goldens.json', goldens)
