"""Tiny GGUF models as llama.cpp's converter writes them, and llama.cpp's embeddings. usage: llama-goldens.py LLAMA_CPP FIXTURES_DIR [NAME…]

LLAMA_CPP is llama.cpp's source, as in vendor/llama.cpp of the source archive of llama-cpp-python 0.3.36 (`pip download --no-binary :all:
--no-deps llama-cpp-python`). Needs besides Scripts/requirements.txt: pip install llama-cpp-python==0.3.36 sentencepiece

Writes FIXTURES_DIR/llama/<name>.gguf and <name>.jsonl, one object a text: {"text", "ids", "tokens", "embedding"}. Weights are halves, so
that the file in F16 has the same numbers as the one in F32 that llama.cpp computes the embeddings from. The converter knows a tokenizer by
a digest of what it does to a text; those that are trained here get the name of the real one that they are like.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import sentencepiece
import torch
import transformers
from llama_cpp import Llama
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders as D, models as M, normalizers as N, pre_tokenizers as P, processors as R, trainers as T
from tokenizers import Regex
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, EuroBertConfig, EuroBertModel, Gemma3TextConfig, Gemma3TextModel, LlamaConfig,
    LlamaModel, MistralConfig, MistralModel, ModernBertConfig, ModernBertModel, NomicBertConfig, NomicBertModel, Qwen2Config, Qwen2Model,
    Qwen3Config, Qwen3Model, RobertaConfig, RobertaModel, XLMRobertaConfig, XLMRobertaModel)

import tiny_encoders

TEXTS = [
    'a', 'The swift sleeps on the wing.', 'the the  the', 'Über den Dächern fliegt der Mauersegler; früh, 1.234 Meter hoch!',
    'El vencejo común come, bebe y duerme en el aire.', '雨燕能在空中睡觉。', 'naïve café Ångström – “quoted” 🐦 don\'t',
    'one\ntwo\t three   four\n\n\nfive', '  spaces before and behind  ', 'x = f(12345) + 3.14e-5; // IF NOT, THEN?',
    ' '.join(f'The {n}th swift flew {n * 37} metres over the sea and came back.' for n in range(1, 6)), 'Привет, мир! שלום עולם',
]
CORPUS = [line for text in TEXTS for line in [text, text.lower()]] * 4
SPECIALS = {'unk_token': '[UNK]', 'cls_token': '[CLS]', 'sep_token': '[SEP]', 'pad_token': '[PAD]', 'mask_token': '[MASK]'}
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r'|\p{N}|', r'|\p{N}{1,3}|')


def special(text, **options):
    return AddedToken(text, special=True, normalized=False, **options)


def template(t, single):
    names = [piece for piece in single.split() if piece != '$A']
    return R.TemplateProcessing(single, None, [(name, t.token_to_id(name)) for name in set(names)])


def save_tokenizer(t, folder, **config):
    t.save(f'{folder}/tokenizer.json')
    with open(f'{folder}/tokenizer_config.json', 'w', encoding='utf-8') as f:
        json.dump(config, f)


def wordpiece(folder, lowercase=True):
    t = Tokenizer(M.WordPiece(unk_token='[UNK]'))
    t.normalizer, t.pre_tokenizer = N.BertNormalizer(lowercase=lowercase), P.BertPreTokenizer()
    t.decoder = D.WordPiece()
    t.train_from_iterator(CORPUS, T.WordPieceTrainer(vocab_size=200, special_tokens=list('[PAD] [UNK] [CLS] [SEP] [MASK]'.split()), show_progress=False))
    t.post_processor = template(t, '[CLS] $A [SEP]')
    save_tokenizer(t, folder, tokenizer_class='BertTokenizer', do_lower_case=lowercase, **SPECIALS)
    return t.get_vocab_size()


def bytes_bpe(folder, specials, single, config, normalizer=None, pattern=None, first=()):
    t = Tokenizer(M.BPE())
    if normalizer:
        t.normalizer = normalizer
    level = P.ByteLevel(add_prefix_space=False, use_regex=not pattern)
    t.pre_tokenizer = P.Sequence([P.Split(Regex(pattern), 'isolated'), level]) if pattern else level
    t.decoder = D.ByteLevel()
    t.train_from_iterator(CORPUS, T.BpeTrainer(vocab_size=300, special_tokens=list(first), initial_alphabet=P.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens([special(name) for name in specials])
    if single:
        t.post_processor = template(t, single)
    save_tokenizer(t, folder, tokenizer_class='PreTrainedTokenizerFast', **config)
    return t.get_vocab_size()


def modern_bpe(folder):
    return bytes_bpe(folder, ['[UNK]', '[CLS]', '[SEP]', '[PAD]', '[MASK]'], '[CLS] $A [SEP]', SPECIALS, normalizer=N.NFC())


def roberta_bpe(folder):
    config = dict(bos_token='<s>', eos_token='</s>', unk_token='<unk>', cls_token='<s>', sep_token='</s>', pad_token='<pad>', mask_token='<mask>')
    return bytes_bpe(folder, ['<mask>'], '<s> $A </s>', config, first=['<s>', '<pad>', '</s>', '<unk>'])


def qwen_bpe(folder, after='<|endoftext|>'):
    config = dict(eos_token='<|endoftext|>', pad_token='<|endoftext|>', bos_token=None, unk_token=None)
    return bytes_bpe(folder, ['<|endoftext|>', '<|im_start|>', '<|im_end|>'], f'$A {after}' if after else None, config, N.NFC(), QWEN2)


def llama_bpe(folder):
    config = dict(bos_token='<|begin_of_text|>', eos_token='<|end_of_text|>', mask_token='<|mask|>', pad_token='<|pad|>')
    return bytes_bpe(folder, ['<|begin_of_text|>', '<|end_of_text|>', '<|mask|>', '<|pad|>'], '<|begin_of_text|> $A <|end_of_text|>', config, pattern=LLAMA3)


def train_pieces(folder, name, **options):
    rules = f'{folder}/rules.tsv'
    with open(rules, 'w', encoding='utf-8') as f:
        f.write('2122\t54 4D\n201C\t22\n201D\t22\n9\t20\nA\t20\n3000\t20\n2013\t2D\n')
    if options['model_type'] == 'unigram':
        options['normalization_rule_tsv'] = rules
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text.replace('\n', ' ') for text in CORPUS]), model_prefix=f'{folder}/x', hard_vocab_limit=False,
        minloglevel=2, num_threads=1, character_coverage=1.0, **options)
    os.remove(rules)
    os.remove(f'{folder}/x.vocab')
    os.rename(f'{folder}/x.model', f'{folder}/{name}')
    return sentencepiece.SentencePieceProcessor(model_file=f'{folder}/{name}')


XLMR = dict(bos_token='<s>', eos_token='</s>', unk_token='<unk>', cls_token='<s>', sep_token='</s>', pad_token='<pad>', mask_token='<mask>')


def xlmr_model(folder):
    """sentencepiece.bpe.model, whose ids fairseq shifted."""
    pieces = train_pieces(folder, 'sentencepiece.bpe.model', model_type='unigram', vocab_size=240)
    with open(f'{folder}/tokenizer_config.json', 'w', encoding='utf-8') as f:
        json.dump({'tokenizer_class': 'XLMRobertaTokenizer', **XLMR}, f)
    return pieces.vocab_size() + 2


def xlmr_json(folder):
    """The same as tokenizer.json."""
    from sentencepiece import sentencepiece_model_pb2
    import base64
    pieces = train_pieces(folder, 'x.model', model_type='unigram', vocab_size=240)
    model = sentencepiece_model_pb2.ModelProto()
    with open(f'{folder}/x.model', 'rb') as f:
        model.ParseFromString(f.read())
    os.remove(f'{folder}/x.model')
    vocabulary = [['<s>', 0.0], ['<pad>', 0.0], ['</s>', 0.0], ['<unk>', 0.0]] + [[p.piece, p.score] for p in model.pieces[3:]] + [['<mask>', 0.0]]
    t = Tokenizer(M.Unigram([tuple(piece) for piece in vocabulary], unk_id=3))
    t.pre_tokenizer = P.Metaspace(prepend_scheme='always')
    t.decoder = D.Metaspace()
    t.add_special_tokens([special(name) for name in ('<s>', '<pad>', '</s>', '<unk>', '<mask>')])
    t.post_processor = template(t, '<s> $A </s>')
    value = json.loads(t.to_str())
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()
    value['normalizer'] = {'type': 'Precompiled', 'precompiled_charsmap': charsmap}
    with open(f'{folder}/tokenizer.json', 'w', encoding='utf-8') as f:
        json.dump(value, f)
    with open(f'{folder}/tokenizer_config.json', 'w', encoding='utf-8') as f:
        json.dump({'tokenizer_class': 'XLMRobertaTokenizer', 'clean_up_tokenization_spaces': True, **XLMR}, f)
    return len(vocabulary)


def gemma_model(folder):
    pieces = train_pieces(folder, 'tokenizer.model', model_type='bpe', vocab_size=370, byte_fallback=True, pad_id=0, eos_id=1, bos_id=2, unk_id=3,
                          normalization_rule_name='identity', remove_extra_whitespaces=False, add_dummy_prefix=False, split_digits=True)
    with open(f'{folder}/tokenizer_config.json', 'w', encoding='utf-8') as f:
        json.dump({'tokenizer_class': 'GemmaTokenizer', 'bos_token': '<bos>', 'eos_token': '<eos>', 'pad_token': '<pad>', 'unk_token': '<unk>',
                   'add_bos_token': True, 'add_eos_token': True, 'add_space_prefix': False}, f)
    return pieces.vocab_size()


def llama_model(folder):
    pieces = train_pieces(folder, 'tokenizer.model', model_type='bpe', vocab_size=370, byte_fallback=True, unk_id=0, bos_id=1, eos_id=2,
                          normalization_rule_name='identity', remove_extra_whitespaces=False)
    with open(f'{folder}/tokenizer_config.json', 'w', encoding='utf-8') as f:
        json.dump({'tokenizer_class': 'LlamaTokenizer', 'bos_token': '<s>', 'eos_token': '</s>', 'unk_token': '<unk>', 'add_bos_token': True,
                   'add_eos_token': True}, f)
    return pieces.vocab_size()


SIZES = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
TOKENS = dict(pad_token_id=0, bos_token_id=1, eos_token_id=2)


def bert(vocab):
    return BertModel(BertConfig(vocab_size=vocab, max_position_embeddings=180, **SIZES), add_pooling_layer=True)


def distilbert(vocab):
    return DistilBertModel(DistilBertConfig(vocab_size=vocab, max_position_embeddings=180, dim=32, n_layers=2, n_heads=2, hidden_dim=32))


def roberta(vocab):
    return RobertaModel(RobertaConfig(vocab_size=vocab, max_position_embeddings=182, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES))


def xlm_roberta(vocab):
    return XLMRobertaModel(XLMRobertaConfig(vocab_size=vocab, max_position_embeddings=182, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES))


def nomic_bert(vocab):
    return NomicBertModel(NomicBertConfig(vocab_size=vocab, max_position_embeddings=2048, type_vocab_size=2, **SIZES,
                                          rope_parameters={'rope_type': 'default', 'rope_theta': 1000.0}))


NOMIC = {
    'n_embd': 32, 'n_head': 2, 'n_inner': 32, 'n_layer': 2, 'n_positions': 8192, 'activation_function': 'swiglu', 'prenorm': False,
    'layer_norm_epsilon': 1e-12, 'rotary_emb_base': 1000, 'rotary_emb_fraction': 1.0, 'rotary_emb_interleaved': False,
    'rotary_emb_scale_base': None, 'rotary_scaling_factor': None, 'qkv_proj_bias': False, 'mlp_fc1_bias': False, 'mlp_fc2_bias': False,
    'use_rms_norm': False, 'causal': False, 'parallel_block': False, 'max_trained_positions': 2048}


def nomic_experts(vocab):
    model = tiny_encoders.NomicExperts(vocab, hidden=32, layers=2, heads=2, ffn=32, experts=4, chosen=2, base=10000)
    config = NOMIC | {
        'model_type': 'nomic_bert', 'vocab_size': vocab, 'n_positions': 2048, 'activation_function': 'gelu',
        'layer_norm_epsilon': 1e-5, 'rotary_emb_base': 10000, 'qkv_proj_bias': True, 'mlp_fc1_bias': True, 'mlp_fc2_bias': True,
        'type_vocab_size': 1, 'moe_every_n_layers': 2, 'num_experts': 4, 'moe_top_k': 2, 'moe_normalize_expert_weights': False, 'ffn_div': 1,
        'architectures': ['NomicBertModel'], 'pad_token_id': 1, **SIZES}
    for layer in model.layers:
        if 'mlp_experts' in layer:
            layer['mlp_experts'].bias.data.zero_()
    return model, config


def jina_bert(vocab):
    model = tiny_encoders.JinaBert(vocab, hidden=32, layers=2, heads=2, ffn=32)
    config = {'model_type': 'bert', 'architectures': ['JinaBertModel'], 'vocab_size': vocab, 'position_embedding_type': 'alibi',
              'max_position_embeddings': 180, 'type_vocab_size': 2, 'layer_norm_eps': 1e-12, 'feed_forward_type': 'geglu', 'hidden_act': 'gelu',
              **SIZES}
    return model, config


def qwen2(vocab):
    return Qwen2Model(Qwen2Config(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, rope_theta=1000000.0, **SIZES))


def qwen3(vocab):
    return Qwen3Model(Qwen3Config(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, head_dim=24, rope_theta=1000000.0, **SIZES))


def modernbert(vocab):
    c = ModernBertConfig(vocab_size=vocab, max_position_embeddings=600, local_attention=16, cls_token_id=1, sep_token_id=2,
                         **{**SIZES, 'num_hidden_layers': 4}, **TOKENS)
    return ModernBertModel(c)


def eurobert(vocab):
    return EuroBertModel(EuroBertConfig(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, mask_token_id=3, **SIZES, **TOKENS))


def gemma3(vocab):
    c = Gemma3TextConfig(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, head_dim=16, sliding_window=16,
                         query_pre_attn_scalar=16, use_bidirectional_attention=True, pad_token_id=0, eos_token_id=1, bos_token_id=2,
                         **{**SIZES, 'num_hidden_layers': 7})
    return Gemma3TextModel(c)


def mistral(vocab):
    return MistralModel(MistralConfig(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, sliding_window=None, **SIZES, **TOKENS))


def llama(vocab):
    return LlamaModel(LlamaConfig(vocab_size=vocab, max_position_embeddings=600, num_key_value_heads=1, attention_bias=True, mlp_bias=False, **SIZES, **TOKENS))


# model, tokenizer, the name of the split in GGUF, pooling, members of config.json; `dense` is for modules after pooling.
CASES = {
    'bert': (bert, wordpiece, 'jina-v2-en', 'mean', {}),
    'bert-cased': (bert, lambda folder: wordpiece(folder, lowercase=False), 'jina-v2-en', 'cls', {}),
    'distilbert': (distilbert, wordpiece, 'jina-v2-en', 'mean', {}),
    'roberta': (roberta, roberta_bpe, 'roberta-bpe', 'mean', {}),
    'xlm-roberta': (xlm_roberta, xlmr_model, 'default', 'cls', {}),
    'nomic-bert': (nomic_bert, wordpiece, 'jina-v2-en', 'mean', NOMIC),
    'nomic-bert-moe': (nomic_experts, xlmr_json, 'default', 'mean', {}),
    'jina-bert-v2': (jina_bert, wordpiece, 'jina-v2-en', 'mean', {}),
    'qwen2': (qwen2, qwen_bpe, 'qwen2', 'lasttoken', {}),
    'qwen3': (qwen3, qwen_bpe, 'qwen2', 'lasttoken', {}),
    'modern-bert': (modernbert, modern_bpe, 'modern-bert', 'cls', {'global_attn_every_n_layers': 3, 'local_attention': 16, 'layer_norm_eps': 1e-5}),
    'eurobert': (eurobert, llama_bpe, 'llama-bpe', 'mean', {'classifier_pooling': 'mean'}),
    'gemma-embedding': (gemma3, gemma_model, 'default', 'mean', {'sliding_window': 16}),
    'llama': (mistral, llama_model, 'default', 'lasttoken', {'architectures': ['MistralForCausalLM']}),
}
DENSE = {'gemma-embedding': [(32, 40), (40, 32)]}


def randomise(model, seed, zero_centred_norms):
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        if p.ndim == 1:
            norm = 'norm' in name.lower() and name.endswith('weight')
            p.data = (0 if zero_centred_norms or not norm else 1) + noise * 0.15
        elif 'embed' in name or name in ('words.weight', 'types.weight'):
            p.data = noise * 0.4
        else:
            p.data = noise / p.shape[-1] ** 0.5
        if 'mlp_experts.bias' in name:
            p.data.zero_()
        p.data = p.data.half().float()


def write_folder(name, folder, seed):
    build, tokenizer, _, pooling, more = CASES[name]
    vocab = tokenizer(folder)
    built = build(vocab)
    model, config = built if isinstance(built, tuple) else (built, None)
    randomise(model.eval(), seed, name == 'gemma-embedding')
    if config is None:
        model.save_pretrained(folder)
        with open(f'{folder}/config.json', encoding='utf-8') as f:
            config = json.load(f)
    else:
        tensors, _ = (tiny_encoders.nomic_experts if name == 'nomic-bert-moe' else tiny_encoders.jina_bert)()['save'](model)
        save_file({k: v.contiguous() for k, v in tensors.items()}, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    with open(f'{folder}/config.json', 'w', encoding='utf-8') as f:
        json.dump(config | more, f)
    modules = [('', 'Transformer'), ('1_Pooling', 'Pooling')]
    os.makedirs(f'{folder}/1_Pooling')
    with open(f'{folder}/1_Pooling/config.json', 'w', encoding='utf-8') as f:
        json.dump({'word_embedding_dimension': 32, 'pooling_mode_mean_tokens': pooling == 'mean', 'pooling_mode_cls_token': pooling == 'cls',
                   'pooling_mode_lasttoken': pooling == 'lasttoken'}, f)
    g = torch.Generator().manual_seed(seed + 1)
    for index, (inputs, outputs) in enumerate(DENSE.get(name, [])):
        place = f'{index + 2}_Dense'
        os.makedirs(f'{folder}/{place}')
        modules.append((place, 'Dense'))
        weight = (torch.randn(outputs, inputs, generator=g) / inputs ** 0.5).half().float()
        save_file({'linear.weight': weight}, f'{folder}/{place}/model.safetensors')
        with open(f'{folder}/{place}/config.json', 'w', encoding='utf-8') as f:
            json.dump({'in_features': inputs, 'out_features': outputs, 'bias': False, 'activation_function': 'torch.nn.modules.linear.Identity'}, f)
    modules.append((f'{len(modules)}_Normalize', 'Normalize'))
    with open(f'{folder}/modules.json', 'w', encoding='utf-8') as f:
        json.dump([{'idx': i, 'name': str(i), 'path': path, 'type': f'sentence_transformers.models.{kind}'} for i, (path, kind) in enumerate(modules)], f)


# The converter, told the name of the tokenizer's split.
CONVERT = '''
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/gguf-py"]
import conversion.base
conversion.base.TextModel.get_vocab_base_pre = lambda self, tokenizer, name=sys.argv[2]: name
sys.argv = ["convert_hf_to_gguf.py"] + sys.argv[3:]
import convert_hf_to_gguf
convert_hf_to_gguf.main()
'''


def convert(source, folder, name, kind):
    out = f'{folder}-{kind}.gguf'
    options = ['--sentence-transformers-dense-modules'] if name in DENSE else []
    done = subprocess.run([sys.executable, '-c', CONVERT, source, CASES[name][2], folder, '--outfile', out, '--outtype', kind, '--model-name', name, *options],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f'{name}: {done.stderr[-3000:]}')
    return out


def digits(value):
    return [float(f'{x:.7g}') for x in value]


def main():
    source, target = sys.argv[1], f'{sys.argv[2]}/llama'
    transformers.logging.set_verbosity_error()
    os.makedirs(target, exist_ok=True)
    for index, name in enumerate(CASES):
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = f'{temporary}/{name}'
            os.makedirs(folder)
            write_folder(name, folder, 900 + 10 * index)
            full, half = convert(source, folder, name, 'f32'), convert(source, folder, name, 'f16')
            if os.environ.get('KEEP'):
                shutil.copytree(folder, f'{os.environ["KEEP"]}/{name}', dirs_exist_ok=True)
            model = Llama(full, embedding=True, n_ctx=512, n_batch=512, n_ubatch=512, n_threads=1, n_threads_batch=1, verbose='VERBOSE' in os.environ,
                          **({'pooling_type': 3} if name == 'llama' else {}))
            with open(f'{target}/{name}.jsonl', 'w', encoding='utf-8', newline='\n') as out:
                for text in TEXTS:
                    ids = model.tokenize(text.encode(), add_bos=True, special=False)
                    vector = model.embed(text, normalize=True)
                    row = {'text': text, 'ids': ids, 'tokens': len(ids), 'embedding': digits(vector)}
                    out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')
            shutil.copyfile(half, f'{target}/{name}.gguf')
        print(name, os.path.getsize(f'{target}/{name}.gguf'), len(ids))


main()
