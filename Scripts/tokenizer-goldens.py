"""Writes Tests/MartletTokenizersTests/Goldens. usage: tokenizer-goldens.py OUT_DIR   (needs: pip install tokenizers)

vocab.txt    a vocabulary of our own: letters and pieces of many scripts, so that ids show what normalization did
torture.json texts with their ids and decoded text under several settings, and truncated
flags.json   a tokenizer.json with every flag of added tokens, and texts with their ids
corpus.json  digests of the ids of 50,000 synthetic lines per setting; CorpusTests.swift makes the same lines
"""
import json, os, sys
from tokenizers import Tokenizer, AddedToken, decoders, models, normalizers, pre_tokenizers, processors

OUT = sys.argv[1]
MASK = (1 << 64) - 1


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


def vocabulary():
    tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    ranges = [(0x21, 0x7F), (0xA1, 0x250), (0x300, 0x37F), (0x386, 0x400), (0x400, 0x460), (0x5D0, 0x5EB), (0x620, 0x660), (0x901, 0x950),
              (0xE01, 0xE40), (0x1100, 0x1113), (0x1161, 0x1176), (0x11A8, 0x11C3), (0x1E00, 0x1E20), (0x2010, 0x2028), (0x3041, 0x3060),
              (0x4E00, 0x4E20), (0xFB00, 0xFB07), (0xFF21, 0xFF3B), (0x1F600, 0x1F610)]
    for a, b in ranges:
        for c in range(a, b):
            if chr(c).isprintable() and not 0xD800 <= c <= 0xDFFF:
                tokens += [chr(c), '##' + chr(c)]
    words = 'the of and token embed swift bird land never text vector model Hello hello World world naive cafe un able ing ed ly tion re ' \
            'in er est re ver si on do not is it \u0438\u0441 \u0442\u043e'.split()
    for w in words:
        tokens += [w, '##' + w]
    seen = set()
    return [t for t in tokens if not (t in seen or seen.add(t))]


VOCAB = vocabulary()
SETTINGS = {
    'uncased': dict(lowercase=True, strip_accents=None, handle_chinese_chars=True),
    'cased': dict(lowercase=False, strip_accents=None, handle_chinese_chars=True),
    'accents': dict(lowercase=True, strip_accents=False, handle_chinese_chars=False),
    'stripped': dict(lowercase=False, strip_accents=True, handle_chinese_chars=True),
}
TORTURE = [
    '', ' ', '   \t\n', 'Hello, world!', 'hello world', 'HELLO WORLD', 'unembedable tokenly', "don't do not isn't it's we've",
    'na\u00efve caf\u00e9', 'nai\u0308ve cafe\u0301', '\u0130stanbul I\u0131i\u0307', '\u03a3\u0391\u03a3 \u03c3\u03b1\u03c2 \u039f\u0394\u039f\u03a3',
    '\ufb01nd \ufb03', '\u4e00\u4e01\u4e02abc\u4e03', '\u65e5\u672c\u8a9e', '\ud55c\uad6d\uc5b4', '\u1112\u1161\u11ab', '\u3042\u304c\u304b\u3099',
    '\u0645\u0631\u062d\u0628\u0627 \u0645\u064e\u0631', '\u0928\u092e\u0938\u094d\u0924\u0947 \u0915\u093c', '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0e33',
    '\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467', '\uff21\uff22\uff23 \uff0c', 'a\u200bb\u200cc\u200dd\ufeffe', 'soft\u00adhyphen', 'nul\x00nul',
    'bell\x07bell\x1f\x7f', 'a\x0bb\x0cc\x85d', 'a\u00a0b\u2003c\u3000d\u2028e\u2029f\u1680g\u180eh', '\ufffd replaced \ufffd', '\ue000private\U000f0000',
    'unassigned \u0378 \U000e0fff \u0e5c', '[CLS] the [SEP]', '[SEP]', '[SEP][SEP]', 'a[MASK]b', '[sep] [Sep] [ SEP ]', '[UNK] [PAD]', '[[SEP]]', '[SE P]', '[SEP',
    'a' * 100, 'a' * 101, '\u00e9' * 100, '\u00e9' * 101, 'e\u0301' * 60, 'the ' * 40, 'x' * 100 + ' ' + 'x' * 101, '##ing ##able', '#ing', '-+=<>^`|~$',
    '\u00bf\u00a1\u00a7\u00b6\u00b7 \u2014\u2013\u2018\u2019 \u20ac\u00a3', 'q\u0323\u0307 q\u0307\u0323', '\u1e0b\u0323 \u1e69', '\u212b \u00c5 A\u030a', '\u2126 \u03a9',
    'a\u302e\u302fb', 'c\U0001d165\U0001d16e\U0001d158d', '\u0958 \u0929', '\u1e9e \u00df', '\u01c5 \u01c6', '\u1f88 \u1fb3', '\u10a0 \u2c00', '\U00010400 \U0001e900',
    'A\u0300\u0316\u0300B', '\u0344 \u0340\u0341', 'Zalgo h\u0335\u0321e\u0334\u0322l\u0336lo', '\u2000\u2001 x', '\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd', 'end\n\n\n',
    '\u1ec7\u1ec7\u1ec7 Vi\u1ec7t', '\u0131 \u0130 i\u0307 I\u0307', '1,234.56 3\u00bd \u0663', 'https://example.org/a_b?c=d&e=f#g', 'user@example.org', 'C++ C# a.b.c ...',
    '\u2029', '\u0e01\u0e33\u0e49', '\u0f71\u0f72\u0f74 \u0f73', '\u11930 \u11938 \U00011938', '\u302a\u3099', '\u1dc0a\u1dc0', '\u05d0\u05b7\u05bc',
]


def specials(t):
    return [AddedToken(s, special=True, normalized=False) for s in ('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]')]


def build(vocab=None, **setting):
    t = Tokenizer(models.WordPiece({s: i for i, s in enumerate(vocab or VOCAB)}, unk_token='[UNK]', max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(clean_text=True, **setting)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', pair='[CLS] $A [SEP] $B:1 [SEP]:1', special_tokens=[('[CLS]', 2), ('[SEP]', 3)])
    t.decoder = decoders.WordPiece()
    t.add_special_tokens(specials(t))
    return t


def write(name, value):
    with open(os.path.join(OUT, name), 'w') as f:
        json.dump(value, f, separators=(',', ':'), sort_keys=False)
        f.write('\n')


os.makedirs(OUT, exist_ok=True)
with open(os.path.join(OUT, 'vocab.txt'), 'w', newline='\n') as f:
    f.write(''.join(t + '\n' for t in VOCAB))

torture = {'settings': {k: {**v} for k, v in SETTINGS.items()}, 'cases': [], 'truncations': []}
made = {k: build(**v) for k, v in SETTINGS.items()}
for text in TORTURE:
    ids = {k: t.encode(text).ids for k, t in made.items()}
    torture['cases'].append({'text': text, 'ids': ids, 'decoded': made['uncased'].decode(ids['uncased']),
                             'decodedWithSpecials': made['uncased'].decode(ids['uncased'], skip_special_tokens=False)})
for text, times in [('Hello, world! the never land [SEP] naive text', 1), ('the never ', 4500), ('', 1)]:
    for length in (2, 3, 5, 8, 100):
        for side in ('right', 'left'):
            made['uncased'].enable_truncation(length, direction=side)
            torture['truncations'].append({'text': text, 'times': times, 'length': length, 'side': side, 'ids': made['uncased'].encode(text * times).ids})
            made['uncased'].no_truncation()
write('torture.json', torture)

flagged = build(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'a', '##a', 'b', '##b', ' ', '<', '>', 'left', 'right'], **SETTINGS['uncased'])
flagged.add_special_tokens([AddedToken('<left>', lstrip=True, special=True, normalized=False), AddedToken('<right>', rstrip=True, special=True, normalized=False),
                            AddedToken('<both>', lstrip=True, rstrip=True, special=True, normalized=False)])
flagged.add_tokens([AddedToken('Word', single_word=True, normalized=False), AddedToken('\u00c9t\u00e9', normalized=True), AddedToken('aBc', normalized=True),
                    AddedToken('aBcD', normalized=True), AddedToken('lone', single_word=True, normalized=True), AddedToken('edge', lstrip=True, rstrip=True, normalized=True)])
texts = ['a <left> b', 'a\u3000\t<left><left> b', '<right>  a', 'a <right> <right> b', ' <both> <both> ', 'a<left>a', 'Word aWord Worda Word_ Word. \u00e9Word (Word)',
         'word', '\u00e9t\u00e9 ETE ete', 'E\u0301te\u0301', 'abc ABC abcd ABCD abcdabc', 'lone LONE alone lone\u200d lone\u00ad a', 'a edge b', 'edge edge', '<LEFT> <left>',
         'a<both>\u00a0\u2003b', 'a \x00<left>', 'Word\u0301 Word\u200b Word\u200d', '', ' ', '<left>', ' <left> ', 'the<right>', '[SEP] <right> [SEP]']
write('flags.json', {'tokenizer': json.loads(flagged.to_str()), 'cases': [
    {'text': s, 'ids': flagged.encode(s).ids, 'decoded': flagged.decode(flagged.encode(s).ids)} for s in texts]})


def line(random):
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
            s += TORTURE[random.below(len(TORTURE))]
        elif kind == 6:
            for _ in range(1 + random.below(10)):
                s += chr(0x20 + random.below(0x5F))
        else:
            s += ' '
    return s


corpus = {}
for name in ('uncased', 'cased'):
    random = SplitMix64(2026)
    digests = []
    for _ in range(50):
        digest = 0xCBF29CE484222325
        for e in made[name].encode_batch([line(random) for _ in range(1000)]):
            for value in e.ids:
                digest = ((digest ^ value) * 0x100000001B3) & MASK
        digests.append(f'{digest:016x}')
    corpus[name] = digests
write('corpus.json', corpus)
print(len(VOCAB), 'tokens,', len(torture['cases']), 'texts')
