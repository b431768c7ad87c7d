"""Tiny sequence classifiers of every family, by transformers' own classes: what classifier-goldens.py builds.

A case gives a model, its tokenizer and how the folder is spelled:
  tokenizer    one of `tokenizers()`
  style        'plain' as transformers saves it, 'cross' as CrossEncoder.save_pretrained does, 'logits' the same with a chat template, 'card'
               for a language model that is asked as Qwen3-Reranker's card says
  activation   CrossEncoder's, where the folder names one
  config       merged into config.json; members in `without` are left out
  limit        model_max_length
  single       single texts are classified too
  rename       gives each tensor the name that published checkpoints have; `edit` changes all of them
  gguf         how llama.cpp's converter writes the model
  logits       what the model gives for ids and types, where sentence-transformers cannot run it
"""
from gguf import MODEL_ARCH
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from transformers import (
    BertConfig, BertForSequenceClassification, CamembertConfig, CamembertForSequenceClassification, DebertaV2Config,
    DebertaV2ForSequenceClassification, DistilBertConfig,
    DistilBertForSequenceClassification, ElectraConfig, ElectraForSequenceClassification, EuroBertConfig, EuroBertForSequenceClassification,
    Gemma3TextConfig, Gemma3TextForSequenceClassification, GteConfig, GteForSequenceClassification, JinaEmbeddingsV3Config,
    JinaEmbeddingsV3ForSequenceClassification, MistralConfig, MistralForSequenceClassification, ModernBertConfig,
    ModernBertForSequenceClassification, MPNetConfig, MPNetForSequenceClassification, NomicBertConfig, NomicBertForSequenceClassification,
    Qwen2Config, Qwen2ForSequenceClassification, Qwen3Config, Qwen3ForCausalLM, Qwen3ForSequenceClassification, RobertaConfig,
    RobertaForSequenceClassification, XLMRobertaConfig, XLMRobertaForSequenceClassification)

import tiny_bert
import tiny_encoders

VOCAB = 320
WORDS = tiny_bert.lexicon()


def labels(*names):
    return {'id2label': dict(enumerate(names)), 'label2id': {n: i for i, n in enumerate(names)}, 'num_labels': len(names)}


ONE = labels('LABEL_0')
THREE = labels('contradiction', 'entailment', 'neutral')


# How the model card of Qwen3-Reranker has a pair read (https://huggingface.co/Qwen/Qwen3-Reranker-0.6B).
PREFIX = ('<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that '
          'the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n')
SUFFIX = '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n'
INSTRUCTION = 'Given a web search query, retrieve relevant passages that answer the query'

# The same as a template over messages with the roles query and document, as sentence-transformers 6 passes them.
TEMPLATE = (
    '{%- set instruction = messages | selectattr("role", "eq", "system") | map(attribute="content") | first | default("' + INSTRUCTION
    + '") -%}\n{%- set query_text = messages | selectattr("role", "eq", "query") | map(attribute="content") | first -%}\n'
    '{%- set document_text = messages | selectattr("role", "eq", "document") | map(attribute="content") | first -%}\n'
    + PREFIX + '<Instruct>: {{ instruction }}\n<Query>: {{ query_text }}\n<Document>: {{ document_text }}' + SUFFIX + '\n')


def wordpiece(class_name='BertTokenizer'):
    t = tiny_bert.tokenizer_for(tiny_bert.vocabulary(VOCAB, False), False)
    return t, {'tokenizer_class': class_name, 'unk_token': '[UNK]', 'sep_token': '[SEP]', 'pad_token': '[PAD]', 'cls_token': '[CLS]',
               'mask_token': '[MASK]', 'do_lower_case': True}


def distil():
    return wordpiece('DistilBertTokenizer')


def mpnet_pieces():
    """MPNet's ids: <s>, <pad>, </s> and [UNK] in places of their own, and a pair as RoBERTa frames it."""
    names = {'[PAD]': '<s>', '[UNK]': '<pad>', '[CLS]': '</s>', '[SEP]': '[UNK]', '[MASK]': '<mask>'}
    pieces = [names.get(p, p) for p in tiny_bert.vocabulary(VOCAB, False)]
    t = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token='[UNK]', max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.RobertaProcessing(('</s>', 2), ('<s>', 0), trim_offsets=True, add_prefix_space=False)
    t.add_special_tokens(['<s>', '<pad>', '</s>', '[UNK]', '<mask>'])
    return t, {'tokenizer_class': 'MPNetTokenizer', 'bos_token': '<s>', 'eos_token': '</s>', 'cls_token': '<s>', 'sep_token': '</s>',
               'pad_token': '<pad>', 'unk_token': '[UNK]', 'mask_token': '<mask>', 'do_lower_case': True}


def corpus():
    return [' '.join(WORDS[i:i + 7]) + '.' for i in range(0, 800, 7)]


def byte_level(class_name, specials, processor, texts=(), **config):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    t.train_from_iterator(corpus() + list(texts), trainer)
    t.post_processor = processor
    return t, {'tokenizer_class': class_name} | config


def roberta_bytes():
    return byte_level(
        'RobertaTokenizer', ['<s>', '<pad>', '</s>', '<unk>', '<mask>'],
        processors.RobertaProcessing(('</s>', 2), ('<s>', 0), trim_offsets=True, add_prefix_space=False), bos_token='<s>',
        eos_token='</s>', cls_token='<s>', sep_token='</s>', pad_token='<pad>', unk_token='<unk>', mask_token='<mask>')


def modern_bytes():
    return byte_level(
        'PreTrainedTokenizerFast', ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]'],
        processors.TemplateProcessing(
            single='[CLS]:0 $A:0 [SEP]:0', pair='[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1', special_tokens=[('[CLS]', 1), ('[SEP]', 2)]),
        model_input_names=['input_ids', 'attention_mask'], cls_token='[CLS]', sep_token='[SEP]', pad_token='[PAD]', unk_token='[UNK]',
        mask_token='[MASK]')


def qwen_bytes():
    """Nothing stands around a text or between two."""
    return byte_level(
        'PreTrainedTokenizerFast', ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<think>', '</think>'],
        processors.ByteLevel(trim_offsets=False), model_input_names=['input_ids', 'attention_mask'], eos_token='<|im_end|>',
        pad_token='<|endoftext|>')


def reranker_bytes():
    """With tokens for yes and no."""
    return byte_level(
        'PreTrainedTokenizerFast', ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<think>', '</think>'],
        processors.ByteLevel(trim_offsets=False), texts=['yes', 'no', PREFIX] * 500, model_input_names=['input_ids', 'attention_mask'],
        eos_token='<|im_end|>', pad_token='<|endoftext|>')


def sentencepiece():
    """As XLM-RoBERTa: Unigram."""
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCAB - 20, special_tokens=['<s>', '<pad>', '</s>', '<unk>', '<mask>'], unk_token='<unk>', show_progress=False)
    t.train_from_iterator(corpus(), trainer)
    t.post_processor = processors.TemplateProcessing(
        single='<s> $A </s>', pair='<s> $A </s> </s> $B </s>', special_tokens=[('<s>', 0), ('</s>', 2)])
    # transformers' XLMRobertaTokenizer would put a normalizer of its own in place of the file's.
    return t, {'tokenizer_class': 'PreTrainedTokenizerFast', 'model_input_names': ['input_ids', 'attention_mask'], 'bos_token': '<s>',
               'eos_token': '</s>', 'cls_token': '<s>', 'sep_token': '</s>', 'pad_token': '<pad>', 'unk_token': '<unk>',
               'mask_token': '<mask>'}


TOKENIZERS = {f.__name__: f for f in (wordpiece, distil, mpnet_pieces, roberta_bytes, modern_bytes, qwen_bytes, reranker_bytes, sentencepiece)}

SIZES = {'vocab_size': VOCAB, 'hidden_size': 36, 'num_hidden_layers': 2, 'num_attention_heads': 3, 'intermediate_size': 50}
GROUPED = {'vocab_size': VOCAB, 'hidden_size': 36, 'num_hidden_layers': 2, 'num_attention_heads': 6, 'num_key_value_heads': 2,
           'intermediate_size': 50, 'max_position_embeddings': 80, 'attn_implementation': 'eager'}


def case(model, tokenizer, limit, style='plain', **more):
    return {'model': model, 'tokenizer': tokenizer, 'limit': limit, 'style': style, 'dtype': torch.float16} | more


def bert(**more):
    return BertForSequenceClassification(BertConfig(**SIZES | {'max_position_embeddings': 64, 'pad_token_id': 0} | ONE | more))


def bert_cross():
    """As ms-marco-MiniLM-L6-v2 is published: raw logits."""
    meta = tiny_encoders.sizes(36, 3, 50, 2, 64, attention__layer_norm_epsilon=1e-12, attention__causal=False)
    heads = {'bert.pooler.dense': 'cls', 'classifier': 'cls.output'}
    return case(bert(), 'wordpiece', 48, 'cross', dtype=torch.float32, activation=nn.Identity(),
                gguf={'arch': MODEL_ARCH.BERT, 'metadata': meta, 'heads': heads, 'prefix': 'bert.'})


def bert_legacy():
    """Before sentence-transformers 4: the activation in config.json. The limit is that of the positions."""
    return case(bert(), 'wordpiece', 512, config={'sbert_ce_default_activation_function': 'torch.nn.modules.linear.Identity'})


def bert_labels():
    """Three classes, as nli-MiniLM; texts alone, too."""
    return case(bert(**THREE), 'wordpiece', 64, single=True)


def bert_tags():
    """Labels of which several may fit a text: each has the sigmoid."""
    return case(bert(**THREE), 'wordpiece', 48, 'cross', activation=nn.Sigmoid(), single=True)


def distilbert():
    c = DistilBertConfig(vocab_size=VOCAB, dim=36, n_layers=2, n_heads=3, hidden_dim=50, max_position_embeddings=60, **ONE)
    return case(DistilBertForSequenceClassification(c), 'distil', 512, 'cross', activation=nn.Sigmoid())


def roberta():
    c = RobertaConfig(**SIZES, max_position_embeddings=62, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, **THREE)
    return case(RobertaForSequenceClassification(c), 'roberta_bytes', 60, single=True)


def xlm_roberta():
    """As bge-reranker-v2-m3."""
    c = XLMRobertaConfig(**SIZES, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, **ONE)
    return case(XLMRobertaForSequenceClassification(c), 'sentencepiece', 64)


def camembert():
    c = CamembertConfig(**SIZES, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, **ONE)
    return case(CamembertForSequenceClassification(c), 'sentencepiece', 50)


def jina_flash():
    """As jina-reranker-v2-base-multilingual is published: XLM-RoBERTa under the names of an implementation of its own."""
    c = XLMRobertaConfig(**SIZES, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, **ONE)
    renamed = {'embeddings.LayerNorm': 'emb_ln', 'encoder.layer.': 'encoder.layers.', 'attention.output.dense': 'mixer.out_proj',
               'attention.output.LayerNorm': 'norm1', 'intermediate.dense': 'mlp.fc1', 'output.dense': 'mlp.fc2',
               'output.LayerNorm': 'norm2'}

    def edit(tensors):
        out = {}
        for name, t in tensors.items():
            if 'attention.self.key' in name or 'attention.self.value' in name:
                continue
            if 'attention.self.query' in name:
                t = torch.cat([tensors[name.replace('query', part)] for part in ('query', 'key', 'value')])
                name = name.replace('attention.self.query', 'mixer.Wqkv')
            for old, new in renamed.items():
                name = name.replace(old, new)
            out[name] = t
        return out

    return case(XLMRobertaForSequenceClassification(c), 'sentencepiece', 64, edit=edit,
                config={'use_flash_attn': True, 'position_embedding_type': 'absolute'})


def electra():
    c = ElectraConfig(**SIZES, embedding_size=20, max_position_embeddings=60, **ONE)
    return case(ElectraForSequenceClassification(c), 'wordpiece', 60, 'cross', activation=nn.Sigmoid())


def deberta(**more):
    """As deberta-v3 is published: relative positions in buckets, none in the sum."""
    return DebertaV2ForSequenceClassification(DebertaV2Config(**SIZES | {
        'max_position_embeddings': 80, 'type_vocab_size': 0, 'layer_norm_eps': 1e-7, 'relative_attention': True,
        'max_relative_positions': -1, 'position_buckets': 12, 'norm_rel_ebd': 'layer_norm', 'share_att_key': True,
        'pos_att_type': 'p2c|c2p', 'position_biased_input': False, 'pad_token_id': 0} | more))


def deberta_cross():
    """As mxbai-rerank v1: one score, GELU in the pooler."""
    return case(deberta(pooler_hidden_act='gelu', pooler_hidden_size=36, pooler_dropout=0, **ONE), 'wordpiece', 70, 'cross')


def deberta_labels():
    """As nli-deberta-v3: three classes; another activation in the pooler, and token types."""
    return case(deberta(pooler_hidden_act='tanh', pooler_hidden_size=36, pooler_dropout=0, type_vocab_size=2, **THREE), 'wordpiece', 64,
                single=True)


def mpnet():
    c = MPNetConfig(**SIZES, max_position_embeddings=66, layer_norm_eps=1e-5, attn_implementation='eager', **ONE)
    return case(MPNetForSequenceClassification(c), 'mpnet_pieces', 64)


def modernbert(**more):
    return ModernBertForSequenceClassification(ModernBertConfig(**SIZES | {
        'max_position_embeddings': 80, 'local_attention': 16, 'pad_token_id': 0, 'bos_token_id': 1, 'eos_token_id': 2, 'cls_token_id': 1,
        'sep_token_id': 2, 'attn_implementation': 'eager'} | more))


def modernbert_cls():
    return case(modernbert(classifier_pooling='cls', **ONE), 'modern_bytes', 70, 'cross')


def modernbert_mean():
    """As gte-reranker-modernbert-base, with every option of the head on."""
    return case(modernbert(classifier_pooling='mean', classifier_bias=True, norm_bias=True, classifier_activation='silu', **THREE),
                'modern_bytes', 80, single=True)


def gte():
    c = GteConfig(**SIZES, max_position_embeddings=80, type_vocab_size=2, **ONE)
    return case(GteForSequenceClassification(c), 'wordpiece', 64)


def gte_new():
    """As gte-multilingual-reranker-base is published."""
    c = GteConfig(**SIZES, max_position_embeddings=80, type_vocab_size=1, rope_parameters={'rope_type': 'default', 'rope_theta': 20000.0},
                  **ONE)
    model = GteForSequenceClassification(c)
    published = {'model_type': 'new', 'rope_theta': 20000, 'position_embedding_type': 'rope', 'layer_norm_type': 'layer_norm',
                 'pack_qkv': True, 'logn_attention_scale': False, 'architectures': ['NewForSequenceClassification']}
    return case(model, 'sentencepiece', 64, config=published, without=('rope_parameters',), rename=lambda n: n.replace('gte.', 'new.'))


def nomic_bert():
    c = NomicBertConfig(**SIZES, max_position_embeddings=80, type_vocab_size=2, rope_parameters={'rope_type': 'default', 'rope_theta': 1000.0},
                        **ONE)
    return case(NomicBertForSequenceClassification(c), 'wordpiece', 64)


def jina_embeddings_v3():
    c = JinaEmbeddingsV3Config(**SIZES, max_position_embeddings=80, type_vocab_size=1, pad_token_id=1,
                               rope_parameters={'rope_type': 'default', 'rope_theta': 20000.0}, **ONE)
    return case(JinaEmbeddingsV3ForSequenceClassification(c), 'sentencepiece', 64)


class JinaBertClassifier(nn.Module):
    """jina-reranker-v1, which transformers lacks: the encoder of tiny_encoders.py with BERT's pooler and classifier."""

    def __init__(self):
        super().__init__()
        self.bert = tiny_encoders.JinaBert(vocab=VOCAB, hidden=36, layers=2, heads=6, ffn=50)
        self.pooler, self.classifier = nn.Linear(36, 36), nn.Linear(36, 1)

    def forward(self, ids, types):
        return self.classifier(torch.tanh(self.pooler(self.bert(ids, types)[:1])))


def jina_bert():
    model = JinaBertClassifier()
    config = tiny_encoders.jina_bert()['save'](model.bert)[1] | {
        'vocab_size': VOCAB, 'architectures': ['JinaBertForSequenceClassification'], 'id2label': {'0': 'LABEL_0'}}

    def edit(tensors):
        out = {}
        for name, t in tensors.items():
            part, kind = name.removeprefix('bert.').rsplit('.', 1)
            part = {'pooler': 'bert.pooler.dense', 'classifier': 'classifier'}.get(part) or 'bert.' + model.bert.names[part]
            out[f'{part}.{kind}'] = t
        return out

    meta = tiny_encoders.sizes(36, 6, 50, 2, 64, attention__layer_norm_epsilon=1e-12, attention__causal=False)
    heads = {'bert.pooler.dense': 'cls', 'classifier': 'cls.output'}
    return case(model, 'wordpiece', 64, edit=edit, config=config, logits=lambda m, ids, types: m(ids, types),
                gguf={'arch': MODEL_ARCH.JINA_BERT_V2, 'metadata': meta, 'heads': heads, 'prefix': 'bert.'})


def eurobert(pooling):
    c = EuroBertConfig(**SIZES | {'num_attention_heads': 6}, num_key_value_heads=2, max_position_embeddings=80, pad_token_id=0,
                       bos_token_id=1, eos_token_id=2, mask_token_id=4, classifier_pooling=pooling, attn_implementation='eager', **THREE)
    return case(EuroBertForSequenceClassification(c), 'modern_bytes', 80)


def eurobert_bos():
    return eurobert('bos')


def eurobert_mean():
    return eurobert('mean')


def eurobert_late():
    return eurobert('late')


def qwen2():
    return case(Qwen2ForSequenceClassification(Qwen2Config(**GROUPED, pad_token_id=0, rope_theta=10000.0, **ONE)), 'qwen_bytes', 64)


def qwen3():
    c = Qwen3Config(**GROUPED, head_dim=14, pad_token_id=0, rope_theta=1000000.0, **ONE)
    return case(Qwen3ForSequenceClassification(c), 'qwen_bytes', 64, 'cross')


def mistral():
    c = MistralConfig(**GROUPED, pad_token_id=0, sliding_window=None, rope_theta=10000.0, **THREE)
    return case(MistralForSequenceClassification(c), 'qwen_bytes', 64)


def gemma3():
    c = Gemma3TextConfig(**GROUPED, head_dim=14, sliding_window=12, query_pre_attn_scalar=20, pad_token_id=0, bos_token_id=2, eos_token_id=1,
                         layer_types=['sliding_attention', 'full_attention'], **ONE)
    return case(Gemma3TextForSequenceClassification(c), 'qwen_bytes', 64, zero_centred_norms=True)


def causal(**more):
    return Qwen3ForCausalLM(Qwen3Config(**GROUPED | {'max_position_embeddings': 400}, head_dim=14, pad_token_id=0, rope_theta=1000000.0, **more))


def qwen3_reranker():
    """As Qwen3-Reranker-0.6B is published: nothing but a language model, whose card says how to ask it."""
    meta = tiny_encoders.sizes(36, 6, 50, 2, 320, attention__head_count_kv=2, attention__key_length=14,
                               attention__layer_norm_rms_epsilon=1e-6, rope__freq_base=1000000.0)
    return case(causal(tie_word_embeddings=True), 'reranker_bytes', 320, 'card',
                gguf={'arch': MODEL_ARCH.QWEN3, 'metadata': meta, 'heads': {}, 'prefix': ''})


def qwen3_reranker_cross():
    """As sentence-transformers saves it, with a matrix of logits of its own."""
    return case(causal(tie_word_embeddings=False), 'reranker_bytes', 320, 'logits', activation=nn.Sigmoid())


CASES = {f.__name__.replace('_', '-'): f for f in (
    bert_cross, bert_legacy, bert_labels, distilbert, roberta, xlm_roberta, camembert, jina_flash, electra, deberta_cross,
    deberta_labels, mpnet, modernbert_cls,
    modernbert_mean, gte, gte_new, nomic_bert, jina_embeddings_v3, jina_bert, eurobert_bos, eurobert_mean, eurobert_late, qwen2, qwen3,
    mistral, gemma3, qwen3_reranker, qwen3_reranker_cross, bert_tags)}
