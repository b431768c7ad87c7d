"""Writes Tests/MartletTokenizersTests/Goldens/SentencePiece. usage: tokenizer-sp-goldens.py OUT_DIR TEXTS   (needs: pip install tokenizers sentencepiece)

NAME.json      small tokenizers of the kinds that SentencePiece models come in, trained on TEXTS, with ids, offsets and decoded texts; the
               charsmap of nmt_nfkc stands beside them, and "@nmt_nfkc" in its place
nmt_nfkc.bin   the charsmap that XLM-R, T5 and many others carry
TEXTS is real text in many languages, a text per line. On Debian it comes from the message catalogues: see `catalogues` below, which is
used where TEXTS is a folder such as /usr/share/locale.
"""
import base64, collections, gettext, glob, io, json, os, random, sys
import sentencepiece
import sentencepiece.sentencepiece_model_pb2 as sentencepiece_pb
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT, TEXTS = sys.argv[1], sys.argv[2]
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


def catalogues(folder):
    texts = set()
    for path in sorted(glob.glob(os.path.join(folder, '*', 'LC_MESSAGES', '*.mo'))):
        try:
            with open(path, 'rb') as f:
                messages = gettext.GNUTranslations(f)._catalog
        except Exception:
            continue
        texts.update(line for key, text in messages.items() if key and isinstance(text, str) for line in text.split('\n') if line.strip())
    texts = sorted(texts)
    random.Random(5).shuffle(texts)
    return texts


if os.path.isdir(TEXTS):
    corpus = catalogues(TEXTS)
else:
    with open(TEXTS, encoding='utf-8', newline='\n') as f:
        corpus = [line for line in f.read().split('\n') if line]
corpus = corpus[:40_000]
# Rare characters stay unknown, and leave room for longer pieces.
common = {c for c, _ in collections.Counter(c for text in corpus for c in text).most_common(650)}
corpus = [text for text in corpus if common.issuperset(text)][:25_000]


def charsmap(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([f'a text {i}' for i in range(500)]), model_writer=model, vocab_size=40, hard_vocab_limit=False, minloglevel=2, **options)
    proto = sentencepiece_pb.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def small_charsmap():
    """Rules of every shape: longer, shorter, nothing, of several characters, a prefix of another, around marks."""
    rules = [('a', 'b'), ('ab', 'x'), ('\u00e9', 'e\u0301'), ('e\u0301', '\u00e9'), ('\u2122', 'TM'), ('\x1e', ''), ('\u00ad', ''), ('\ufb03', 'ffi'), ('\t', ' '),
             ('\r', ' '), ('\r\n', '\n'), ('\u0301', ''), ('\u3000', ' '), ('\u0928\u093c', '\u0929'), ('\u3316', '\u30ad\u30ed'), ('\U0001f600', ':)'), ('Z', 'zzz'), ('q\u0323', 'Q')]
    path = os.path.join(OUT, 'rules.tsv')
    with open(path, 'w', encoding='utf-8') as f:
        for source, target in rules:
            f.write(' '.join(f'{ord(c):X}' for c in source) + '\t' + ' '.join(f'{ord(c):X}' for c in target) + '\n')
    result = charsmap(normalization_rule_tsv=path)
    os.remove(path)
    return result


os.makedirs(OUT, exist_ok=True)
NMT_NFKC = charsmap(normalization_rule_name='nmt_nfkc')
SMALL = small_charsmap()
with open(os.path.join(OUT, 'nmt_nfkc.bin'), 'wb') as f:
    f.write(NMT_NFKC)


def unigram(normalizer, pre_tokenizer, specials, unknown, size, byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=size, special_tokens=specials, unk_token=unknown, show_progress=False, max_piece_length=12))
    if byte_fallback:
        model = json.loads(tokenizer.to_str())['model']
        pieces = [tuple(piece) for piece in model['vocab']] + [(f'<0x{byte:02X}>', 0.0) for byte in range(256)]
        tokenizer.model = models.Unigram(pieces, model['unk_id'], True)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def pairs(normalizer, pre_tokenizer, specials, size, bytes_first=True):
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    alphabet = [f'<0x{byte:02X}>' for byte in range(256)]
    tokenizer.train_from_iterator(corpus[:12_000], trainers.BpeTrainer(vocab_size=size, special_tokens=specials + alphabet, show_progress=False, limit_alphabet=700, max_token_length=12))
    return tokenizer


def xlmr():
    specials = ['<s>', '<pad>', '</s>', '<unk>']
    tokenizer = unigram(normalizers.Precompiled(NMT_NFKC), pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]), specials, '<unk>', 2500)
    tokenizer.add_special_tokens([AddedToken('<mask>', lstrip=True, special=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single='<s> $A </s>', pair='<s> $A </s> </s> $B </s>', special_tokens=[('<s>', 0), ('</s>', 2)])
    return tokenizer


def bge():
    """As bge-m3: runs of spaces become one, and only Metaspace splits."""
    specials = ['<s>', '<pad>', '</s>', '<unk>']
    normalizer = normalizers.Sequence([normalizers.Precompiled(NMT_NFKC), normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer = unigram(normalizer, pre_tokenizers.Metaspace(), specials, '<unk>', 1500)
    tokenizer.add_special_tokens([AddedToken('<mask>', lstrip=True, special=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single='<s> $A </s>', pair='<s> $A </s> </s> $B </s>', special_tokens=[('<s>', 0), ('</s>', 2)])
    return tokenizer


def t5():
    tokenizer = unigram(normalizers.Precompiled(SMALL), pre_tokenizers.Metaspace(prepend_scheme='first', split=False), ['<pad>', '</s>', '<unk>'], '<unk>', 1500, byte_fallback=True)
    tokenizer.add_special_tokens([f'<extra_id_{i}>' for i in range(3)])
    tokenizer.post_processor = processors.TemplateProcessing(single='$A </s>', pair='$A </s> $B </s>', special_tokens=[('</s>', 1)])
    return tokenizer


def albert():
    normalizer = normalizers.Sequence([normalizers.Replace('``', '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(),
                                       normalizers.Precompiled(SMALL), normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer = unigram(normalizer, pre_tokenizers.Metaspace(), ['<pad>', '<unk>', '[CLS]', '[SEP]'], '<unk>', 1200)
    tokenizer.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', pair='[CLS] $A [SEP] $B:1 [SEP]:1', special_tokens=[('[CLS]', 2), ('[SEP]', 3)])
    return tokenizer


def gemma():
    tokenizer = pairs(normalizers.Replace(' ', '\u2581'), pre_tokenizers.Split(' ', 'merged_with_previous'), ['<pad>', '<eos>', '<bos>', '<unk>'], 2200)
    tokenizer.add_special_tokens(['<start_of_turn>'])
    tokenizer.add_tokens([AddedToken('\n\n', normalized=False), AddedToken('\u2581\u2581\u2581', normalized=False)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace('\u2581', ' '), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(single='<bos> $A <eos>', pair='<bos> $A <eos> <bos>:1 $B:1 <eos>:1', special_tokens=[('<bos>', 2), ('<eos>', 1)])
    return tokenizer


def llama():
    tokenizer = pairs(normalizers.Sequence([normalizers.Prepend('\u2581'), normalizers.Replace(' ', '\u2581')]), None, ['<unk>', '<s>', '</s>'], 1800)
    tokenizer.decoder = decoders.Sequence([decoders.Replace('\u2581', ' '), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(' ', 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single='<s> $A', pair='<s> $A <s>:1 $B:1', special_tokens=[('<s>', 1)])
    return tokenizer


TORTURE = [
    '', ' ', '  ', '   \t\n', 'Hello, world!', ' hello  world ', 'HELLO WORLD', "don't isn't it's", '``quoted\'\' text', 'na\u00efve caf\u00e9', 'nai\u0308ve cafe\u0301', '\u0130stanbul I\u0131i\u0307',
    '\u03a3\u0391\u03a3 \u03c3\u03b1\u03c2', '\ufb01nd \ufb03 \ufb03\u0301', '\u2122\x1eg', '\x1e\x1eg', '\x1e', '\u00ad\u00adx\u00ad', '\u4e00\u4e01abc', '\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8',
    '\ud55c\uad6d\uc5b4 \ubb38\uc7a5', '\u1112\u1161\u11ab\u0301', '\u1100\u1161', '\u11a8\u0300', '\u3042\u304c\u304b\u3099', '\uff76\uff9e\uff77\uff9f', '\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645',
    '\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e', '\u0928\u093c\u0928\u093c', '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0e33', '\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467', '\u00a9\u200d\u00ae\u0300',
    '\U0001f1e9\U0001f1ea\u0300', '\uff21\uff22\uff23 \uff0c', 'a\u200bb\u200cc\u200dd\ufeffe', 'nul\x00nul', 'bell\x07bell\x1f\x7f', 'a\x0bb\x0cc\x85d', 'a\r\nb\rc\nd', '\r\n\r\n', 'a\u00a0b\u2003c\u3000d\u2028e\u1680g',
    '\ufffd replaced \ufffd', '\ue000private\U000f0000', 'unassigned \u0378 \U000e0fff', '<s> the </s>', '<mask>', ' a <mask> b', 'a<mask>b', '<unk> <pad>', '<unk>', '<extra_id_0><extra_id_2> x', '[CLS] a [SEP]',
    '\u2581', '\u2581\u2581a \u2581b', 'a\u2581b', ' \u2581 ', '\u2581\u2581\u2581\u2581', 'a' * 300, 'the ' * 60, 'x' * 90 + ' ' + '\u00e9' * 90, 'e\u0301' * 60, '\u0301\u0302', 'A\u0300\u0316\u0300B',
    'Zalgo h\u0335\u0321e\u0334\u0322l\u0336lo', '\u2460\u2461 \u2167 \u3316 \u337f', '1,234.56 3\u00bd \u0663', 'https://example.org/a_b?c=d&e=f#g', 'C++ C# a.b.c ...', '\n\n', 'a\n\nb\n', '<start_of_turn>x',
    '\U00010348\U0001d11e \U0002070e', 'ab aab abab', 'q\u0323\u0307 Z \u212b', '\u0600\u0601a', '\u0d4e\u0d15', '\u0915\u094d\u0937\u0300 \u0995\u09cd\u09b7', 'a\u0300b\u20ddc\ufe0f', 'end ', ' end',
    'The martlet never lands; it sleeps in the air.', 'Der Mauersegler schl\u00e4ft im Flug \u00fcber der Stadt.', "L'hirondelle ne fait pas le printemps, dit-on.", 'Una golondrina no hace verano, \u00bfverdad?',
    '\u041b\u0430\u0441\u0442\u043e\u0447\u043a\u0430 \u043b\u0435\u0442\u0438\u0442 \u043d\u0438\u0437\u043a\u043e \u043d\u0430\u0434 \u0437\u0435\u043c\u043b\u0451\u0439.', '\u03a4\u03bf \u03c7\u03b5\u03bb\u03b9\u03b4\u03cc\u03bd\u03b9 \u03c0\u03b5\u03c4\u03ac\u03b5\u03b9 \u03c8\u03b7\u03bb\u03ac.',
    '\u71d5\u5b50\u5728\u5929\u4e0a\u98de\uff0c\u4ece\u4e0d\u843d\u5730\u3002', '\u7a7a\u3092\u98db\u3076\u30c4\u30d0\u30e1\u306f\u3001\u5730\u9762\u306b\u964d\u308a\u306a\u3044\u3002', '\uc81c\ube44\ub294 \ub0ae\uac8c \ub09c\ub2e4.',
    'Ch\u00fac bu\u1ed5i s\u00e1ng t\u1ed1t l\u00e0nh, Vi\u1ec7t Nam', 'Kartal g\u00f6ky\u00fcz\u00fcnde u\u00e7ar m\u0131?', '\u05d4\u05e1\u05e0\u05d5\u05e0\u05d9\u05ea \u05e2\u05e4\u05d4 \u05d1\u05e9\u05de\u05d9\u05d9\u05dd', 'Jask\u00f3\u0142ka leci nisko, \u017ceby z\u0142apa\u0107 muchy.',
    '\u10db\u10d4\u10e0\u10ea\u10ee\u10d0\u10da\u10d8 \u10d3\u10d0\u10e4\u10e0\u10d8\u10dc\u10d0\u10d5\u10e1', '\u0baa\u0bb1\u0bb5\u0bc8 \u0baa\u0bb1\u0b95\u0bcd\u0b95\u0bbf\u0bb1\u0ba4\u0bc1', 'V\u0161echno \u0161u\u0161t\u00ed ve v\u011btru',
]


def line(random, pieces):
    s = ''
    for _ in range(1 + random.below(10)):
        kind = random.below(9)
        if kind < 3:
            piece = pieces[random.below(len(pieces))]
            s += piece.replace('\u2581', ' ') if random.below(8) else piece
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
        elif kind == 7:
            s += chr(random.below(0x250)) + chr(0x300 + random.below(0x70))
        else:
            s += ' '
    return s


def offsets(text, encoding):
    """In bytes, flat."""
    places = [0]
    for c in text:
        places.append(places[-1] + len(c.encode()))
    return [places[place] for pair in encoding.offsets for place in pair]


def digest(state, values):
    for value in values:
        state = ((state ^ value) * 0x100000001B3) & MASK
    return state


for make in (xlmr, bge, t5, albert, gemma, llama):
    name = make.__name__
    tokenizer = make()
    value = json.loads(tokenizer.to_str())
    tokenizer = Tokenizer.from_str(json.dumps(value))
    cases = []
    for text in TORTURE:
        encoding = tokenizer.encode(text)
        cases.append([text, encoding.ids, offsets(text, encoding), tokenizer.decode(encoding.ids), tokenizer.decode(encoding.ids, skip_special_tokens=False)])
    two = []
    for index in range(0, len(TORTURE) - 1, 9):
        encoding = tokenizer.encode(TORTURE[index], TORTURE[index + 1])
        two.append([TORTURE[index], TORTURE[index + 1], encoding.ids, encoding.type_ids])
    vocabulary = tokenizer.get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.get)
    random_lines = SplitMix64(2027)
    digests = []
    for _ in range(20):
        state = 0xCBF29CE484222325
        lines = [line(random_lines, pieces) for _ in range(250)]
        for text, encoding in zip(lines, tokenizer.encode_batch(lines)):
            state = digest(digest(state, encoding.ids), offsets(text, encoding))
        digests.append(f'{state:016x}')
    text = json.dumps(value, ensure_ascii=False, separators=(',', ':')).replace(base64.b64encode(NMT_NFKC).decode(), '@nmt_nfkc')
    with open(os.path.join(OUT, name + '.json'), 'w', encoding='utf-8', newline='\n') as f:
        f.write('{"tokenizer":' + text + ',\n"cases":' + json.dumps(cases, separators=(',', ':')) + ',\n"pairs":' + json.dumps(two, separators=(',', ':'))
                + ',\n"digests":' + json.dumps(digests, separators=(',', ':')) + '}\n')
    print(name, len(pieces), 'pieces', os.path.getsize(os.path.join(OUT, name + '.json')), 'bytes')
