"""Tiny models of every encoder family, by transformers' own classes: what architecture-goldens.py builds.

A case gives a model and how to run it: `run(model, ids [1, n])` gives the last hidden states [n, hidden]. `save(model)`, where there is
one, gives the tensors and the configuration in the spelling of the family's published checkpoints; `config` is merged into what
save_pretrained writes, and members in `without` are left out. `prefix` stands before every tensor's name. `gguf` says how llama.cpp's
converter writes the model.
"""
from gguf import MODEL_ARCH
import torch
from torch import nn
from transformers import (
    AlbertConfig, AlbertModel, CamembertConfig, CamembertModel, DebertaV2Config, DebertaV2Model, DistilBertConfig, DistilBertModel, ElectraConfig, ElectraModel, EuroBertConfig, EuroBertModel,
    Lfm2Config, Lfm2Model, Gemma3TextConfig, Gemma3TextModel, GteConfig, GteModel, JinaEmbeddingsV3Config, JinaEmbeddingsV3Model, LlamaConfig, LlamaModel,
    Ministral3Config, Ministral3Model, MistralConfig, MistralModel,
    ModernBertConfig, ModernBertModel, MPNetConfig, MPNetModel, NomicBertConfig, NomicBertModel, Qwen2Config, Qwen2Model, Qwen3Config,
    Qwen3Model, RobertaConfig, T5Config, T5EncoderModel, RobertaModel, XLMRobertaConfig, XLMRobertaModel)


def last_hidden(model, ids):
    return model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]


def case(model, longest, **more):
    return {'model': model, 'longest': longest, 'vocab': model.config.vocab_size, 'run': last_hidden} | more


def distilbert():
    c = DistilBertConfig(vocab_size=97, dim=36, n_layers=2, n_heads=3, hidden_dim=50, max_position_embeddings=90, activation='gelu',
                         sinusoidal_pos_embds=True)
    return case(DistilBertModel(c), 90, prefix='distilbert.', dtype=torch.float16)


def distilbert_relu():
    c = DistilBertConfig(vocab_size=83, dim=40, n_layers=3, n_heads=4, hidden_dim=72, max_position_embeddings=80, activation='relu')
    return case(DistilBertModel(c), 80, dtype=torch.float16)


def roberta():
    c = RobertaConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                      max_position_embeddings=92, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1)
    return case(RobertaModel(c, add_pooling_layer=True), 90, prefix='roberta.', padding=1)


def xlm_roberta():
    c = XLMRobertaConfig(vocab_size=101, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=72,
                         max_position_embeddings=84, type_vocab_size=2, layer_norm_eps=1e-5, pad_token_id=3, hidden_act='gelu_new')
    return case(XLMRobertaModel(c, add_pooling_layer=False), 80, padding=3, dtype=torch.bfloat16)


def camembert():
    c = CamembertConfig(vocab_size=90, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=44,
                        max_position_embeddings=82, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1)
    return case(CamembertModel(c, add_pooling_layer=False), 80, padding=1, dtype=torch.float16)


def electra():
    c = ElectraConfig(vocab_size=97, embedding_size=20, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, intermediate_size=50,
                      max_position_embeddings=80)
    return case(ElectraModel(c), 80, prefix='electra.', dtype=torch.float16)


def electra_wide():
    c = ElectraConfig(vocab_size=97, embedding_size=36, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                      max_position_embeddings=80, hidden_act='relu')
    return case(ElectraModel(c), 80, dtype=torch.float16)


def sizes(hidden, heads, ffn, layers, longest, **more):
    return {'embedding_length': hidden, 'attention.head_count': heads, 'feed_forward_length': ffn, 'block_count': layers,
            'context_length': longest} | {k.replace('__', '.'): v for k, v in more.items()}


def mpnet():
    c = MPNetConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                    max_position_embeddings=182, layer_norm_eps=1e-5, attn_implementation='eager')
    return case(MPNetModel(c, add_pooling_layer=False), 180, padding=1, dtype=torch.float16)


def nomic_bert():
    """As nomic-embed-text-v1.5 is published: GPT-2's names, everything in one matrix."""
    c = NomicBertConfig(vocab_size=97, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=52,
                        max_position_embeddings=128, type_vocab_size=2, rope_parameters={'rope_type': 'default', 'rope_theta': 1000.0})
    published = {
        'n_embd': 40, 'n_head': 5, 'n_inner': 52, 'n_layer': 2, 'n_positions': 128, 'activation_function': 'swiglu', 'prenorm': False,
        'layer_norm_epsilon': 1e-12, 'rotary_emb_base': 1000, 'rotary_emb_fraction': 1.0, 'rotary_emb_interleaved': False,
        'rotary_emb_scale_base': None, 'rotary_scaling_factor': None, 'qkv_proj_bias': False, 'mlp_fc1_bias': False, 'mlp_fc2_bias': False,
        'use_rms_norm': False, 'causal': False, 'parallel_block': False}
    transformers_only = ('hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'max_position_embeddings',
                         'rope_parameters', 'layer_norm_eps', 'hidden_act', 'head_dim')
    meta = sizes(40, 5, 52, 2, 128, attention__layer_norm_epsilon=1e-12, rope__freq_base=1000.0, attention__causal=False)
    return case(NomicBertModel(c), 128, config=published, without=transformers_only, dtype=torch.float16,
                gguf={'arch': MODEL_ARCH.NOMIC_BERT, 'layers': 2, 'metadata': meta})


def nomic_bert_long():
    """Texts beyond the trained length turn by a larger base, each by its own length."""
    c = NomicBertConfig(vocab_size=97, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=44,
                        max_position_embeddings=20, rope_parameters={'rope_type': 'dynamic', 'rope_theta': 1000.0, 'factor': 2.0})
    published = {
        'n_embd': 32, 'n_head': 4, 'n_inner': 44, 'n_layer': 2, 'n_positions': 80, 'max_trained_positions': 20,
        'activation_function': 'swiglu', 'layer_norm_epsilon': 1e-12, 'rotary_emb_base': 1000, 'rotary_emb_fraction': 1.0,
        'rotary_scaling_factor': 2}
    return case(NomicBertModel(c), 80, config=published, without=('rope_parameters', 'max_position_embeddings'), prefix='bert.',
                dtype=torch.float16)


def gte():
    c = GteConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                  max_position_embeddings=96, type_vocab_size=1, rope_parameters={'rope_type': 'default', 'rope_theta': 160000.0})
    return case(GteModel(c), 96, dtype=torch.bfloat16)


def ntk(model, base, factor):
    """The rope scaling of gte-*-en-v1.5, which transformers lacks: https://kexue.fm/archives/9706"""
    rotary = model.rotary_emb
    dim = 2 * rotary.inv_freq.numel()
    rotary.inv_freq = 1.0 / ((base * factor) ** (torch.arange(0, dim, 2).float() / dim)) / factor ** (2 / dim)
    rotary.rope_type = 'default'
    return model


def gte_new():
    """As gte-base-en-v1.5 is published: model_type "new", no token types, positions scaled."""
    c = GteConfig(vocab_size=101, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=60,
                  max_position_embeddings=96, type_vocab_size=0, rope_parameters={'rope_type': 'default', 'rope_theta': 500000.0})
    published = {
        'model_type': 'new', 'rope_theta': 500000, 'rope_scaling': {'factor': 2.0, 'type': 'ntk'}, 'position_embedding_type': 'rope',
        'layer_norm_type': 'layer_norm', 'pack_qkv': True, 'logn_attention_scale': False}
    return case(ntk(GteModel(c), 500000, 2.0), 96, config=published, without=('rope_parameters',), prefix='new.', dtype=torch.float16)


def modernbert():
    c = ModernBertConfig(vocab_size=101, hidden_size=36, num_hidden_layers=4, num_attention_heads=3, intermediate_size=44,
                         max_position_embeddings=100, local_attention=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1,
                         sep_token_id=2, attn_implementation='eager')
    meta = sizes(36, 3, 44, 4, 100, attention__layer_norm_epsilon=1e-5, rope__freq_base=160000.0, rope__freq_base_swa=10000.0,
                 rope__scaling__type='none', attention__sliding_window=16, attention__sliding_window_pattern=3, attention__causal=False,
                 hidden_activation='gelu')
    return case(ModernBertModel(c), 100, dtype=torch.float16, gguf={'arch': MODEL_ARCH.MODERN_BERT, 'layers': 4, 'metadata': meta})


def modernbert_odd():
    """Biases, norms with biases, layer kinds by rule and the older spelling of the bases."""
    c = ModernBertConfig(vocab_size=101, hidden_size=40, num_hidden_layers=3, num_attention_heads=5, intermediate_size=50,
                         max_position_embeddings=80, local_attention=7, global_attn_every_n_layers=2, pad_token_id=0, bos_token_id=1,
                         eos_token_id=2, cls_token_id=1, sep_token_id=2, attention_bias=True, mlp_bias=True, norm_bias=True,
                         hidden_activation='silu', global_rope_theta=80000.0, local_rope_theta=500.0, attn_implementation='eager')
    older = {'global_rope_theta': 80000.0, 'local_rope_theta': 500.0, 'global_attn_every_n_layers': 2}
    return case(ModernBertModel(c), 80, prefix='model.', config=older, without=('layer_types', 'rope_parameters'),
                dtype=torch.float16)


def jina_embeddings_v3():
    c = JinaEmbeddingsV3Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                               max_position_embeddings=90, type_vocab_size=1, pad_token_id=1,
                               rope_parameters={'rope_type': 'default', 'rope_theta': 20000.0})
    return case(JinaEmbeddingsV3Model(c, add_pooling_layer=False), 90, prefix='roberta.', dtype=torch.bfloat16)


def jina_embeddings_v3_published():
    """As the model is published: called xlm-roberta, its matrices the originals of parametrizations, adapters beside them."""
    c = JinaEmbeddingsV3Config(vocab_size=101, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=44,
                               max_position_embeddings=90, type_vocab_size=1, pad_token_id=1,
                               rope_parameters={'rope_type': 'default', 'rope_theta': 20000.0})
    published = {'model_type': 'xlm-roberta', 'position_embedding_type': 'rotary', 'rotary_emb_base': 20000.0, 'lora_rank': 2}

    def name(key):
        adapted = key.endswith('.weight') and 'norm' not in key and 'emb_ln' not in key
        return key.removesuffix('weight') + 'parametrizations.weight.original' if adapted else key

    return case(JinaEmbeddingsV3Model(c, add_pooling_layer=False), 90, prefix='roberta.', dtype=torch.bfloat16, config=published,
                without=('rope_parameters',), rename=name)


def qwen2():
    c = Qwen2Config(vocab_size=101, hidden_size=36, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
                    intermediate_size=50, max_position_embeddings=90, rope_theta=10000.0, use_sliding_window=True, sliding_window=9,
                    max_window_layers=1, attn_implementation='eager')
    return case(Qwen2Model(c), 90, dtype=torch.bfloat16)


def qwen2_bidirectional():
    """As gte-Qwen2 is published: attention in both directions."""
    c = Qwen2Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3,
                    intermediate_size=50, max_position_embeddings=90, rope_theta=1000000.0, is_causal=False, attn_implementation='eager')
    older = {'rope_theta': 1000000.0, 'is_causal': False}
    meta = sizes(36, 6, 50, 2, 90, attention__head_count_kv=3, attention__layer_norm_rms_epsilon=1e-6, rope__freq_base=1000000.0,
                 attention__causal=False)
    return case(Qwen2Model(c), 90, prefix='model.', config=older, without=('rope_parameters', 'layer_types'), dtype=torch.float16,
                gguf={'arch': MODEL_ARCH.QWEN2, 'layers': 2, 'metadata': meta, 'map_name': lambda n: 'model.' + n})


def qwen3():
    c = Qwen3Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=14,
                    intermediate_size=50, max_position_embeddings=90, rope_theta=1000000.0, attn_implementation='eager')
    meta = sizes(36, 4, 50, 2, 90, attention__head_count_kv=2, attention__key_length=14, attention__layer_norm_rms_epsilon=1e-6,
                 rope__freq_base=1000000.0)
    return case(Qwen3Model(c), 90, dtype=torch.bfloat16,
                gguf={'arch': MODEL_ARCH.QWEN3, 'layers': 2, 'metadata': meta, 'map_name': lambda n: 'model.' + n})


def qwen3_yarn():
    c = Qwen3Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1, head_dim=16,
                    intermediate_size=50, max_position_embeddings=90, attention_bias=True, attn_implementation='eager',
                    rope_parameters={'rope_type': 'yarn', 'rope_theta': 10000.0, 'factor': 3.0, 'original_max_position_embeddings': 30})
    return case(Qwen3Model(c), 90, dtype=torch.float16)


def mistral():
    c = MistralConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2,
                      intermediate_size=50, max_position_embeddings=90, sliding_window=11, rope_theta=10000.0, attn_implementation='eager')
    return case(MistralModel(c), 90, dtype=torch.float16)


def mistral_linear():
    c = MistralConfig(vocab_size=101, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, head_dim=20,
                      intermediate_size=50, max_position_embeddings=90, sliding_window=None, attn_implementation='eager',
                      rope_parameters={'rope_type': 'linear', 'rope_theta': 10000.0, 'factor': 4.0})
    return case(MistralModel(c), 90, dtype=torch.float16)


def eurobert():
    c = EuroBertConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2,
                       intermediate_size=50, max_position_embeddings=90, attention_bias=True, mlp_bias=True, pad_token_id=0, bos_token_id=1,
                       eos_token_id=2, mask_token_id=3, attn_implementation='eager',
                       rope_parameters={'rope_type': 'llama3', 'rope_theta': 250000.0, 'factor': 8.0, 'low_freq_factor': 1.0,
                                        'high_freq_factor': 4.0, 'original_max_position_embeddings': 60})
    return case(EuroBertModel(c), 90, prefix='model.', dtype=torch.float16)


def gemma3(gguf=None, **more):
    c = Gemma3TextConfig(vocab_size=101, hidden_size=36, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1, head_dim=14,
                         intermediate_size=50, max_position_embeddings=90, sliding_window=12, query_pre_attn_scalar=20, pad_token_id=0,
                         bos_token_id=2, eos_token_id=1, attn_implementation='eager',
                         layer_types=['sliding_attention', 'full_attention', 'sliding_attention'], **more)
    found = case(Gemma3TextModel(c), 90, zero_centred_norms=True, dtype=torch.bfloat16)
    return found | ({'gguf': gguf} if gguf else {})


def gemma3_bidirectional():
    meta = sizes(36, 3, 50, 3, 90, attention__head_count_kv=1, attention__key_length=14, attention__layer_norm_rms_epsilon=1e-6,
                 attention__sliding_window=12, attention__sliding_window_pattern=[True, False, True], attention__scale=20 ** -0.5,
                 rope__freq_base=1000000.0, rope__freq_base_swa=10000.0)
    return gemma3(use_bidirectional_attention=True, gguf={
        'arch': MODEL_ARCH.GEMMA_EMBEDDING, 'layers': 3, 'metadata': meta, 'map_name': lambda n: 'model.' + n,
        'edit': lambda n, t: t + 1 if n.endswith('norm.weight') else t})


class JinaBert(nn.Module):
    """jina-embeddings-v2, which transformers lacks, from its description: Günther et al. 2023 (https://arxiv.org/abs/2310.19923), section
    3, over BERT: no positions but ALiBi in both directions (Press et al. 2022), and a gated feed-forward network without a bias in front.
    """

    def __init__(self, vocab, hidden, layers, heads, ffn):
        super().__init__()
        self.heads = heads
        self.words, self.types = nn.Embedding(vocab, hidden), nn.Embedding(2, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.layers = nn.ModuleList(nn.ModuleDict({
            'query': nn.Linear(hidden, hidden), 'key': nn.Linear(hidden, hidden), 'value': nn.Linear(hidden, hidden),
            'dense': nn.Linear(hidden, hidden), 'norm1': nn.LayerNorm(hidden, eps=1e-12), 'gated': nn.Linear(hidden, 2 * ffn, bias=False),
            'wo': nn.Linear(ffn, hidden), 'norm2': nn.LayerNorm(hidden, eps=1e-12)}) for _ in range(layers))
        self.names = {
            'words': 'embeddings.word_embeddings', 'types': 'embeddings.token_type_embeddings', 'norm': 'embeddings.LayerNorm'}
        inner = {'query': 'attention.self.query', 'key': 'attention.self.key', 'value': 'attention.self.value',
                 'dense': 'attention.output.dense', 'norm1': 'attention.output.LayerNorm', 'gated': 'mlp.gated_layers', 'wo': 'mlp.wo',
                 'norm2': 'mlp.layernorm'}
        for i in range(layers):
            self.names |= {f'layers.{i}.{k}': f'encoder.layer.{i}.{v}' for k, v in inner.items()}

    def slopes(self):
        """2^(-8i/n) for n heads; from the closest power of two, and every second slope of the next one, where n is none."""
        power = 2 ** (self.heads.bit_length() - 1)
        first = [2 ** (-8 * (i + 1) / power) for i in range(power)]
        more = [2 ** (-8 * (i + 1) / (2 * power)) for i in range(2 * power)][0::2]
        return torch.tensor(first + more[:self.heads - power])

    def forward(self, ids, types=None):
        n = ids.shape[1]
        x = self.norm(self.words(ids[0]) + (self.types.weight[0] if types is None else self.types(types[0])))
        distance = (torch.arange(n)[:, None] - torch.arange(n)[None]).abs()
        bias = (-self.slopes()[:, None, None] * distance).to(x.dtype)
        for layer in self.layers:
            q, k, v = (layer[p](x).view(n, self.heads, -1).transpose(0, 1) for p in ('query', 'key', 'value'))
            weights = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5 + bias).softmax(-1)
            x = layer['norm1'](x + layer['dense']((weights @ v).transpose(0, 1).reshape(n, -1)))
            gate, up = layer['gated'](x).chunk(2, dim=-1)
            x = layer['norm2'](x + layer['wo'](nn.functional.gelu(gate) * up))
        return x


def jina_bert():
    model = JinaBert(vocab=101, hidden=36, layers=2, heads=6, ffn=50)
    config = {
        'model_type': 'bert', 'position_embedding_type': 'alibi', 'feed_forward_type': 'geglu', 'vocab_size': 101, 'hidden_size': 36,
        'num_hidden_layers': 2, 'num_attention_heads': 6, 'intermediate_size': 50, 'max_position_embeddings': 90, 'type_vocab_size': 2,
        'layer_norm_eps': 1e-12, 'hidden_act': 'gelu', 'emb_pooler': 'mean'}

    def save(m):
        return {m.names[k.rsplit('.', 1)[0]] + '.' + k.rsplit('.', 1)[1]: v for k, v in m.state_dict().items()}, config

    meta = sizes(36, 6, 50, 2, 90, attention__layer_norm_epsilon=1e-12, attention__causal=False)
    return {'model': model, 'longest': 90, 'vocab': 101, 'run': lambda m, ids: m(ids), 'save': save, 'dtype': torch.float16,
            'gguf': {'arch': MODEL_ARCH.JINA_BERT_V2, 'layers': 2, 'metadata': meta}}


class NomicExperts(nn.Module):
    """nomic-embed-text-v2-moe, which transformers lacks, from its description: Nussbaum and Duderstadt 2025 (https://arxiv.org/abs/2502.07972):
    nomic_bert with biases and GELU, and in every second layer experts, of which each token takes the best two by a softmax over all.
    """

    def __init__(self, vocab, hidden, layers, heads, ffn, experts, chosen, base):
        super().__init__()
        self.heads, self.ffn, self.experts, self.chosen, self.base = heads, ffn, experts, chosen, base
        self.words, self.types = nn.Embedding(vocab, hidden), nn.Embedding(1, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-5)
        self.layers = nn.ModuleList()
        self.names = {'words': 'embeddings.word_embeddings', 'types': 'embeddings.token_type_embeddings', 'norm': 'emb_ln'}
        for i in range(layers):
            layer = {'attn_Wqkv': nn.Linear(hidden, 3 * hidden), 'attn_out_proj': nn.Linear(hidden, hidden),
                     'norm1': nn.LayerNorm(hidden, eps=1e-5), 'norm2': nn.LayerNorm(hidden, eps=1e-5)}
            if i % 2:
                layer |= {'mlp_router_layer': nn.Linear(hidden, experts, bias=False),
                          'mlp_experts_mlp_w1': nn.Linear(hidden, experts * ffn, bias=False),
                          'mlp_experts_mlp_w2': nn.Linear(hidden, experts * ffn, bias=False), 'mlp_experts': nn.Linear(1, hidden)}
            else:
                layer |= {'mlp_fc1': nn.Linear(hidden, ffn), 'mlp_fc2': nn.Linear(ffn, hidden)}
            self.layers.append(nn.ModuleDict(layer))
            self.names |= {f'layers.{i}.{k}': f'encoder.layers.{i}.' + k.replace('mlp_experts_mlp_', 'mlp.experts.mlp.').replace(
                'mlp_router_', 'mlp.router.').replace('mlp_', 'mlp.').replace('attn_', 'attn.') for k in layer}

    def rotate(self, x):
        half = x.shape[-1] // 2
        angle = torch.arange(x.shape[1]).float()[:, None] / self.base ** (torch.arange(half).float() / half)
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = x[..., :half], x[..., half:]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def feed_forward(self, layer, x):
        if 'mlp_fc1' in layer:
            return layer['mlp_fc2'](nn.functional.gelu(layer['mlp_fc1'](x)))
        weights = layer['mlp_router_layer'](x).softmax(-1)
        top, index = weights.topk(self.chosen, dim=-1)
        up = layer['mlp_experts_mlp_w1'].weight.view(self.experts, self.ffn, -1)
        down = layer['mlp_experts_mlp_w2'].weight.view(self.experts, self.ffn, -1)
        out = torch.stack([sum(w * (nn.functional.gelu(row @ up[e].T) @ down[e]) for w, e in zip(*pair)) for row, *pair in zip(x, top, index)])
        return out + layer['mlp_experts'].bias

    def forward(self, ids):
        n = ids.shape[1]
        x = self.norm(self.words(ids[0]) + self.types.weight[0])
        for layer in self.layers:
            q, k, v = (part.view(n, self.heads, -1).transpose(0, 1) for part in layer['attn_Wqkv'](x).chunk(3, dim=-1))
            q, k = self.rotate(q), self.rotate(k)
            weights = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
            x = layer['norm1'](x + layer['attn_out_proj']((weights @ v).transpose(0, 1).reshape(n, -1)))
            x = layer['norm2'](x + self.feed_forward(layer, x))
        return x


def nomic_experts():
    model = NomicExperts(vocab=101, hidden=36, layers=4, heads=3, ffn=28, experts=5, chosen=2, base=10000)
    config = {
        'model_type': 'nomic_bert', 'vocab_size': 101, 'n_embd': 36, 'n_head': 3, 'n_inner': 28, 'n_layer': 4, 'n_positions': 90,
        'max_trained_positions': 90, 'activation_function': 'gelu', 'layer_norm_epsilon': 1e-5, 'rotary_emb_base': 10000,
        'rotary_emb_fraction': 1.0, 'qkv_proj_bias': True, 'mlp_fc1_bias': True, 'mlp_fc2_bias': True, 'type_vocab_size': 1,
        'moe_every_n_layers': 2, 'num_experts': 5, 'moe_top_k': 2, 'moe_normalize_expert_weights': False, 'ffn_div': 1}

    def save(m):
        named = {m.names[k.rsplit('.', 1)[0]] + '.' + k.rsplit('.', 1)[1]: v for k, v in m.state_dict().items()}
        # The experts' matrices are bare parameters, and they share one bias.
        return {k.replace('.w1.weight', '.w1').replace('.w2.weight', '.w2'): v for k, v in named.items()
                if not k.endswith('mlp.experts.weight')}, config

    return {'model': model, 'longest': 90, 'vocab': 101, 'run': lambda m, ids: m(ids), 'save': save, 'dtype': torch.float16}


def nomic_experts_gguf():
    """llama.cpp's converter leaves the experts' bias out, so it is zero here."""
    case = nomic_experts()
    meta = sizes(36, 3, 28, 4, 90, attention__layer_norm_epsilon=1e-5, rope__freq_base=10000.0, attention__causal=False,
                 moe_every_n_layers=2, expert_count=5, expert_used_count=2)

    def edit(name, t):
        if not name.endswith(('.w1', '.w2')):
            return t
        experts = t.view(5, 28, 36)
        return experts.transpose(1, 2) if name.endswith('.w2') else experts

    return case | {'zero': 'mlp_experts.bias', 'gguf': {
        'arch': MODEL_ARCH.NOMIC_BERT_MOE, 'layers': 4, 'metadata': meta, 'edit': edit, 'skip': ('mlp.experts.bias',),
        'map_name': lambda n: n + '.weight' if n.endswith(('.w1', '.w2')) else n}}


def llama():
    """As Llama 3 embedders: rope_type llama3, heads that share keys, no biases."""
    c = LlamaConfig(vocab_size=97, hidden_size=48, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, intermediate_size=68,
                    max_position_embeddings=160, rope_parameters={'rope_type': 'llama3', 'rope_theta': 500.0, 'factor': 4.0,
                                                                  'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
                                                                  'original_max_position_embeddings': 40})
    return case(LlamaModel(c), 150)


def llama_bidirectional():
    """As llama-embed-nemotron is published: a Llama that sees both directions, under a model_type of its own."""
    c = LlamaConfig(vocab_size=97, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, num_key_value_heads=5, intermediate_size=52,
                    max_position_embeddings=90, rope_theta=10000.0, attention_bias=True, mlp_bias=True)
    model = LlamaModel(c)
    model.config.is_causal = False
    for layer in model.layers:
        layer.self_attn.is_causal = False
    return case(model, 80, config={'model_type': 'llama_bidirec', 'architectures': ['LlamaBidirectionalModel'], 'is_causal': False,
                                   'auto_map': {'AutoModel': 'llama_bidirectional_model.LlamaBidirectionalModel'}})


def albert():
    c = AlbertConfig(vocab_size=97, embedding_size=20, hidden_size=36, num_hidden_layers=3, num_attention_heads=3, intermediate_size=52,
                     max_position_embeddings=90, hidden_act='gelu_new', attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0)
    return case(AlbertModel(c), 90, prefix='albert.')


def t5(kind='gated-gelu', **more):
    c = T5Config(vocab_size=97, d_model=36, d_kv=8, d_ff=52, num_layers=2, num_heads=5, feed_forward_proj=kind, dropout_rate=0.0, **more)
    return case(T5EncoderModel(c), 200)


def t5_relu():
    return t5('relu')


def deberta_v2():
    """As deberta-v3 is published: no positions in the sum, the matrices of queries and keys for relative positions too."""
    c = DebertaV2Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
                        max_position_embeddings=90, type_vocab_size=0, layer_norm_eps=1e-7, relative_attention=True,
                        max_relative_positions=-1, position_buckets=12, norm_rel_ebd='layer_norm', share_att_key=True,
                        pos_att_type='p2c|c2p', position_biased_input=False, pad_token_id=0)
    return case(DebertaV2Model(c), 90, prefix='deberta.', dtype=torch.float16)


def deberta_v2_odd():
    """Positions in the sum, token types, relative positions without buckets and with matrices of their own."""
    c = DebertaV2Config(vocab_size=97, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, intermediate_size=52,
                        max_position_embeddings=60, type_vocab_size=2, layer_norm_eps=1e-7, relative_attention=True,
                        max_relative_positions=20, position_buckets=-1, share_att_key=False, pos_att_type=['c2p', 'p2c'],
                        position_biased_input=True, pad_token_id=0)
    return case(DebertaV2Model(c), 60, dtype=torch.float16)


def deberta_v2_plain():
    """Without relative positions, as the class's defaults are."""
    c = DebertaV2Config(vocab_size=97, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=44,
                        max_position_embeddings=70, type_vocab_size=0, hidden_act='gelu_new')
    return case(DebertaV2Model(c), 70, dtype=torch.float16)


def pplx():
    """As pplx-embed-v1 is published: Qwen3 in both directions, under a model_type of its own."""
    c = Qwen3Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=14,
                    intermediate_size=50, max_position_embeddings=90, rope_theta=1000000.0, attn_implementation='eager')
    model = Qwen3Model(c)
    model.config.is_causal = False
    for layer in model.layers:
        layer.self_attn.is_causal = False
    published = {'model_type': 'bidirectional_pplx_qwen3', 'architectures': ['PPLXQwen3Model'], 'use_bidirectional_attention': True,
                 'auto_map': {'AutoConfig': 'configuration.PPLXQwen3Config', 'AutoModel': 'modeling.PPLXQwen3Model'}}
    return case(model, 90, config=published, without=('is_causal',), dtype=torch.bfloat16)


def jina_v5_small():
    """The base model of jina-embeddings-v5-text-small: Qwen3 under a model_type of its own."""
    found = qwen3()
    published = {'model_type': 'jina_embeddings_v5', 'architectures': ['JinaEmbeddingsV5Model'],
                 'task_names': ['retrieval', 'text-matching', 'clustering', 'classification'],
                 'auto_map': {'AutoModel': 'modeling_jina_embeddings_v5.JinaEmbeddingsV5Model'}}
    return {k: v for k, v in found.items() if k != 'gguf'} | {'config': published}


def jina_v5_nano():
    """That of the nano model: EuroBERT."""
    c = EuroBertConfig(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=6,
                       intermediate_size=50, max_position_embeddings=90, pad_token_id=0, bos_token_id=1, eos_token_id=2, mask_token_id=3,
                       attn_implementation='eager', rope_parameters={'rope_type': 'default', 'rope_theta': 250000.0})
    published = {'model_type': 'jina_embeddings_v5', 'architectures': ['JinaEmbeddingsV5Model'], 'task_names': ['retrieval'],
                 'auto_map': {'AutoModel': 'modeling_jina_embeddings_v5.JinaEmbeddingsV5Model'}}
    return case(EuroBertModel(c), 90, config=published, dtype=torch.float16)


def lfm2():
    """As LFM2 is published: convolutions over three tokens, attention in some layers, the inner width made of block_ff_dim."""
    c = Lfm2Config(vocab_size=101, hidden_size=36, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=3, intermediate_size=60,
                   max_position_embeddings=90, block_multiple_of=14, full_attn_idxs=[1], norm_eps=1e-5)
    return case(Lfm2Model(c), 90, dtype=torch.bfloat16)


def lfm2_bias():
    """Biases and a longer convolution, an inner width as it is given, and attention first."""
    c = Lfm2Config(vocab_size=97, hidden_size=40, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=4, intermediate_size=50,
                   max_position_embeddings=70, conv_bias=True, conv_L_cache=5, block_auto_adjust_ff_dim=False,
                   layer_types=['full_attention', 'conv', 'conv'], rope_parameters={'rope_type': 'default', 'rope_theta': 5000.0})
    return case(Lfm2Model(c), 70, prefix='model.', dtype=torch.float16)


class CentredConvolution(torch.nn.Module):
    """Of LFM2 in both directions, as transformers' Lfm2BidirectionalShortConv: centred, and without padding to be masked."""

    def __init__(self, c):
        super().__init__()
        size, length = c.hidden_size, c.conv_L_cache
        self.conv = torch.nn.Conv1d(size, size, length, groups=size, bias=c.conv_bias, padding=length // 2)
        self.in_proj = torch.nn.Linear(size, 3 * size, bias=c.conv_bias)
        self.out_proj = torch.nn.Linear(size, size, bias=c.conv_bias)

    def forward(self, hidden_states, **_):
        b, gate, x = self.in_proj(hidden_states).transpose(-1, -2).chunk(3, dim=-2)
        y = gate * self.conv(b * x)[..., :hidden_states.shape[1]]
        return self.out_proj(y.transpose(-1, -2).contiguous())


def lfm2_bidirectional():
    """As LFM2.5-Embedding is published: both directions, under a class of its own."""
    c = Lfm2Config(vocab_size=101, hidden_size=36, num_hidden_layers=4, num_attention_heads=6, num_key_value_heads=3, intermediate_size=60,
                   max_position_embeddings=90, block_multiple_of=14, full_attn_idxs=[1, 3], attn_implementation='eager')
    model = Lfm2Model(c)
    model.config.is_causal = False
    for layer in model.layers:
        if layer.is_attention_layer:
            layer.self_attn.is_causal = False
        else:
            layer.conv = CentredConvolution(c)
    published = {'architectures': ['Lfm2BidirectionalModel'], 'auto_map': {'AutoModel': 'modeling_lfm2_bidirectional.Lfm2BidirectionalModel'}}
    return case(model, 90, config=published, without=('is_causal',), dtype=torch.bfloat16)


def lfm2_bidirectional_even():
    """The same under transformers' own type, with a convolution over an even number of tokens."""
    c = Lfm2Config(vocab_size=97, hidden_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=50,
                   max_position_embeddings=70, conv_bias=True, conv_L_cache=4, block_auto_adjust_ff_dim=False,
                   layer_types=['conv', 'full_attention'], attn_implementation='eager')
    model = Lfm2Model(c)
    model.config.is_causal = False
    model.layers[1].self_attn.is_causal = False
    model.layers[0].conv = CentredConvolution(c)
    return case(model, 70, config={'model_type': 'lfm2_bidirectional', 'architectures': ['Lfm2BidirectionalModel']}, without=('is_causal',),
                dtype=torch.float16)


def ministral3():
    """As Nemotron-3-Embed is published: both directions, YaRN, and queries that grow beyond the trained length."""
    c = Ministral3Config(vocab_size=101, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=14,
                         intermediate_size=50, max_position_embeddings=90, attn_implementation='eager', rope_parameters={
                             'rope_type': 'yarn', 'rope_theta': 1000000.0, 'factor': 4.0, 'original_max_position_embeddings': 20,
                             'beta_fast': 32.0, 'beta_slow': 1.0, 'mscale': 1.0, 'mscale_all_dim': 1.0, 'llama_4_scaling_beta': 0.1})
    model = Ministral3Model(c)
    model.config.is_causal = False
    for layer in model.layers:
        layer.self_attn.is_causal = False
    return case(model, 90, config={'is_causal': False, 'pooling': 'avg'}, dtype=torch.bfloat16)


def ministral3_causal():
    c = Ministral3Config(vocab_size=97, hidden_size=40, num_hidden_layers=2, num_attention_heads=5, num_key_value_heads=5, head_dim=8,
                         intermediate_size=52, max_position_embeddings=90, sliding_window=9, attn_implementation='eager', rope_parameters={
                             'rope_type': 'yarn', 'rope_theta': 5000.0, 'factor': 8.0, 'original_max_position_embeddings': 12,
                             'llama_4_scaling_beta': 0.3})
    return case(Ministral3Model(c), 90, dtype=torch.float16)


CASES = {f.__name__.replace('_', '-'): f for f in (
    distilbert, distilbert_relu, roberta, xlm_roberta, camembert, electra, electra_wide, mpnet, nomic_bert, nomic_bert_long, gte, gte_new,
    modernbert, modernbert_odd, jina_embeddings_v3, qwen2, qwen2_bidirectional, qwen3, qwen3_yarn, mistral, mistral_linear, eurobert,
    gemma3, gemma3_bidirectional, jina_bert, nomic_experts, nomic_experts_gguf,
    jina_embeddings_v3_published, llama, llama_bidirectional, albert, t5, t5_relu, deberta_v2, deberta_v2_odd, deberta_v2_plain, pplx,
    jina_v5_small, jina_v5_nano, lfm2, lfm2_bias,
    lfm2_bidirectional, lfm2_bidirectional_even, ministral3, ministral3_causal)}
