"""What the repositories of known models publish beside their weights: the members of each configuration file, with their values.

A row is (repository, config.json, other files, tokenizer, kind). Sizes that only make a model large are made small by published-goldens.py. Files
are those that a loader reads; texts about a model, other engines' weights and training states are left out. `native` is the same
configuration in transformers' own spelling, where the published one names code of its own.
"""

ST = 'sentence_transformers.models.'


def modules(*names):
    paths = {'Transformer': '', 'Pooling': '1_Pooling'}
    return [{'idx': i, 'name': str(i), 'path': paths.get(n, f'{i}_{n}'), 'type': ST + n} for i, n in enumerate(names)]


def pooling(mode, width=0, form='newer', prompt=None):
    """`older` before sentence-transformers 2.3, `newer` until 5, `named` since."""
    if form == 'named':
        return {'embedding_dimension': width, 'pooling_mode': mode, 'include_prompt': True}
    names = ['cls_token', 'mean_tokens', 'max_tokens', 'mean_sqrt_len_tokens']
    if form != 'older':
        names += ['weightedmean_tokens', 'lasttoken']
    on = {'cls': 'cls_token', 'mean': 'mean_tokens', 'lasttoken': 'lasttoken'}[mode]
    out = {'word_embedding_dimension': width} | {f'pooling_mode_{n}': n == on for n in names}
    return out | ({} if prompt is None else {'include_prompt': prompt})


def bert(layers=12, hidden=768, heads=12, ffn=3072, vocab=30522, **more):
    return {
        'architectures': ['BertModel'], 'attention_probs_dropout_prob': 0.1, 'classifier_dropout': None, 'hidden_act': 'gelu',
        'hidden_dropout_prob': 0.1, 'hidden_size': hidden, 'initializer_range': 0.02, 'intermediate_size': ffn, 'layer_norm_eps': 1e-12,
        'max_position_embeddings': 512, 'model_type': 'bert', 'num_attention_heads': heads, 'num_hidden_layers': layers, 'pad_token_id': 0,
        'position_embedding_type': 'absolute', 'transformers_version': '4.36.2', 'type_vocab_size': 2, 'use_cache': True,
        'vocab_size': vocab} | more


def minilm(layers, **more):
    return bert(layers, 384, 12, 1536, **more)


def roberta(kind='roberta', layers=12, hidden=768, heads=12, ffn=3072, vocab=50265, **more):
    return {
        'architectures': ['XLMRobertaModel' if kind == 'xlm-roberta' else 'RobertaModel'], 'attention_probs_dropout_prob': 0.1,
        'bos_token_id': 0, 'classifier_dropout': None, 'eos_token_id': 2, 'hidden_act': 'gelu', 'hidden_dropout_prob': 0.1,
        'hidden_size': hidden, 'initializer_range': 0.02, 'intermediate_size': ffn, 'layer_norm_eps': 1e-05,
        'max_position_embeddings': 514, 'model_type': kind, 'num_attention_heads': heads, 'num_hidden_layers': layers,
        'pad_token_id': 1, 'position_embedding_type': 'absolute', 'torch_dtype': 'float32', 'transformers_version': '4.39.3',
        'type_vocab_size': 1, 'use_cache': True, 'vocab_size': vocab} | more


def xlmr(**more):
    return roberta('xlm-roberta', vocab=250002, output_past=True, **more)


def nomic(**more):
    code = 'nomic-ai/nomic-bert-2048--'
    return {
        'activation_function': 'swiglu', 'architectures': ['NomicBertModel'], 'attn_pdrop': 0.0,
        'auto_map': {'AutoConfig': code + 'configuration_hf_nomic_bert.NomicBertConfig', 'AutoModel': code + 'modeling_hf_nomic_bert.NomicBertModel',
                     'AutoModelForMaskedLM': code + 'modeling_hf_nomic_bert.NomicBertForPreTraining'},
        'bos_token_id': None, 'causal': False, 'dense_seq_output': True, 'embd_pdrop': 0.0, 'eos_token_id': None, 'fused_bias_fc': True,
        'fused_dropout_add_ln': True, 'initializer_range': 0.02, 'layer_norm_epsilon': 1e-12, 'max_trained_positions': 2048,
        'mlp_fc1_bias': False, 'mlp_fc2_bias': False, 'model_type': 'nomic_bert', 'n_embd': 768, 'n_head': 12, 'n_inner': 3072, 'n_layer': 12,
        'n_positions': 8192, 'pad_vocab_size_multiple': 64, 'parallel_block': False, 'parallel_block_tied_norm': False, 'prenorm': False,
        'qkv_proj_bias': False, 'reorder_and_upcast_attn': False, 'resid_pdrop': 0.0, 'rotary_emb_base': 1000, 'rotary_emb_fraction': 1.0,
        'rotary_emb_interleaved': False, 'rotary_emb_scale_base': None, 'rotary_scaling_factor': None, 'scale_attn_by_inverse_layer_idx': False,
        'scale_attn_weights': True, 'summary_activation': None, 'summary_first_dropout': 0.0, 'summary_proj_to_labels': True,
        'summary_type': 'cls_index', 'summary_use_proj': True, 'torch_dtype': 'float32', 'transformers_version': '4.37.2',
        'type_vocab_size': 2, 'use_cache': True, 'use_flash_attn': True, 'use_rms_norm': False, 'use_xentropy': True,
        'vocab_size': 30528} | more


def nomic_native(config):
    return {'model_type': 'nomic_bert', 'architectures': ['NomicBertModel'], 'hidden_size': config['n_embd'], 'num_hidden_layers': config['n_layer'],
            'num_attention_heads': config['n_head'], 'intermediate_size': config['n_inner'], 'vocab_size': config['vocab_size'],
            'max_position_embeddings': config['n_positions'], 'type_vocab_size': config['type_vocab_size'], 'layer_norm_eps': 1e-12,
            'rope_parameters': {'rope_type': 'default', 'rope_theta': float(config['rotary_emb_base'])}}


def new(layers=12, hidden=768, heads=12, ffn=3072, vocab=30528, head=None, **more):
    code = 'Alibaba-NLP/new-impl--'
    tasks = ['MaskedLM', 'MultipleChoice', 'QuestionAnswering', 'SequenceClassification', 'TokenClassification']
    return {
        'architectures': [head or 'NewModel'], 'attention_probs_dropout_prob': 0.0,
        'auto_map': {'AutoConfig': code + 'configuration.NewConfig', 'AutoModel': code + 'modeling.NewModel'}
        | {f'AutoModelFor{t}': f'{code}modeling.NewFor{t}' for t in tasks},
        'classifier_dropout': 0.0, 'hidden_act': 'gelu', 'hidden_dropout_prob': 0.1, 'hidden_size': hidden, 'id2label': {'0': 'LABEL_0'},
        'initializer_range': 0.02, 'intermediate_size': ffn, 'label2id': {'LABEL_0': 0}, 'layer_norm_eps': 1e-12, 'layer_norm_type': 'layer_norm',
        'logn_attention_clip1': False, 'logn_attention_scale': False, 'max_position_embeddings': 8192, 'model_type': 'new',
        'num_attention_heads': heads, 'num_hidden_layers': layers, 'pack_qkv': True, 'pad_token_id': 0, 'position_embedding_type': 'rope',
        'rope_scaling': {'factor': 2.0, 'type': 'ntk'}, 'rope_theta': 500000, 'torch_dtype': 'float32', 'transformers_version': '4.39.1',
        'type_vocab_size': 0, 'unpad_inputs': False, 'use_memory_efficient_attention': False, 'vocab_size': vocab} | more


def new_native(config):
    names = ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'vocab_size', 'max_position_embeddings',
             'type_vocab_size', 'layer_norm_eps', 'hidden_act', 'pad_token_id']
    labels = {k: config[k] for k in ('id2label', 'label2id')} if 'SequenceClassification' in config['architectures'][0] else {}
    return {k: config[k] for k in names} | labels | {
        'model_type': 'gte', 'architectures': ['GteForSequenceClassification' if labels else 'GteModel'],
        'rope_parameters': {'rope_type': 'default', 'rope_theta': float(config.get('rope_theta', 160000))}}


def modernbert(layers=22, hidden=768, heads=12, ffn=1152, **more):
    return {
        'architectures': ['ModernBertModel'], 'attention_bias': False, 'attention_dropout': 0.0, 'bos_token_id': 50281,
        'classifier_activation': 'gelu', 'classifier_bias': False, 'classifier_dropout': 0.0, 'classifier_pooling': 'mean',
        'cls_token_id': 50281, 'decoder_bias': True, 'deterministic_flash_attn': False, 'embedding_dropout': 0.0, 'eos_token_id': 50282,
        'global_attn_every_n_layers': 3, 'global_rope_theta': 160000.0, 'gradient_checkpointing': False, 'hidden_activation': 'gelu',
        'hidden_size': hidden, 'initializer_cutoff_factor': 2.0, 'initializer_range': 0.02, 'intermediate_size': ffn, 'layer_norm_eps': 1e-05,
        'local_attention': 128, 'local_rope_theta': 10000.0, 'max_position_embeddings': 8192, 'mlp_bias': False, 'mlp_dropout': 0.0,
        'model_type': 'modernbert', 'norm_bias': False, 'norm_eps': 1e-05, 'num_attention_heads': heads, 'num_hidden_layers': layers,
        'pad_token_id': 50283, 'position_embedding_type': 'absolute', 'reference_compile': False, 'repad_logits_with_grad': False,
        'sep_token_id': 50282, 'sparse_pred_ignore_index': -100, 'sparse_prediction': False, 'torch_dtype': 'float16',
        'transformers_version': '4.48.0', 'vocab_size': 50368} | more


def jina_bert(head='JinaBertModel', layers=12, hidden=768, heads=12, ffn=3072, vocab=30528, **more):
    code = 'jinaai/jina-bert-implementation--modeling_bert.'
    return bert(layers, hidden, heads, ffn, vocab, architectures=[head], attn_implementation='torch', attention_probs_dropout_prob=0.0,
                auto_map={'AutoConfig': 'jinaai/jina-bert-implementation--configuration_bert.JinaBertConfig', 'AutoModel': code + 'JinaBertModel',
                          'AutoModelForMaskedLM': code + 'JinaBertForMaskedLM',
                          'AutoModelForSequenceClassification': code + 'JinaBertForSequenceClassification'},
                emb_pooler='mean', feed_forward_type='geglu', gradient_checkpointing=False, max_position_embeddings=8192,
                model_max_length=8192, position_embedding_type='alibi', torch_dtype='float16') | more


def decoder(kind, layers, hidden, heads, keys, ffn, vocab, **more):
    return {
        'architectures': [{'qwen2': 'Qwen2Model', 'qwen3': 'Qwen3ForCausalLM', 'mistral': 'MistralModel'}[kind]], 'attention_dropout': 0.0,
        'bos_token_id': 151643, 'eos_token_id': 151643, 'hidden_act': 'silu', 'hidden_size': hidden, 'initializer_range': 0.02,
        'intermediate_size': ffn, 'max_position_embeddings': 32768, 'model_type': kind, 'num_attention_heads': heads,
        'num_hidden_layers': layers, 'num_key_value_heads': keys, 'rms_norm_eps': 1e-06, 'rope_theta': 1000000.0, 'sliding_window': None,
        'tie_word_embeddings': False, 'torch_dtype': 'bfloat16', 'transformers_version': '4.51.2', 'use_cache': True, 'vocab_size': vocab} | more


def qwen3(layers, hidden, heads, ffn, **more):
    return decoder('qwen3', layers, hidden, heads, 8, ffn, 151669, attention_bias=False, head_dim=128, max_window_layers=layers,
                   rope_scaling=None, use_sliding_window=False, **more)


GEMMA = {
    '_sliding_window_pattern': 6, 'architectures': ['Gemma3TextModel'], 'attention_bias': False, 'attention_dropout': 0.0,
    'attn_logit_softcapping': None, 'bos_token_id': 2, 'dtype': 'float32', 'eos_token_id': 1, 'final_logit_softcapping': None, 'head_dim': 256,
    'hidden_activation': 'gelu_pytorch_tanh', 'hidden_size': 768, 'initializer_range': 0.02, 'intermediate_size': 1152,
    'layer_types': (['sliding_attention'] * 5 + ['full_attention']) * 4, 'max_position_embeddings': 2048, 'model_type': 'gemma3_text',
    'num_attention_heads': 3, 'num_hidden_layers': 24, 'num_key_value_heads': 1, 'pad_token_id': 0, 'query_pre_attn_scalar': 256,
    'rms_norm_eps': 1e-06, 'rope_local_base_freq': 10000.0, 'rope_scaling': None, 'rope_theta': 1000000.0, 'sliding_window': 512,
    'transformers_version': '4.57.0.dev0', 'use_bidirectional_attention': True, 'use_cache': True, 'vocab_size': 262144}

GEMMA_PROMPTS = {
    'query': 'task: search result | query: ', 'document': 'title: none | text: ', 'BitextMining': 'task: search result | query: ',
    'Clustering': 'task: clustering | query: ', 'Classification': 'task: classification | query: ',
    'InstructionRetrieval': 'task: code retrieval | query: ', 'MultilabelClassification': 'task: classification | query: ',
    'PairClassification': 'task: sentence similarity | query: ', 'Reranking': 'task: search result | query: ',
    'Retrieval': 'task: search result | query: ', 'Retrieval-query': 'task: search result | query: ',
    'Retrieval-document': 'title: none | text: ', 'STS': 'task: sentence similarity | query: ',
    'Summarization': 'task: summarization | query: '}

SEARCH = 'Represent this sentence for searching relevant passages: '
WEB = 'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery'


def bert_tokenizer(limit=512, name='BertTokenizer', **more):
    return {'clean_up_tokenization_spaces': True, 'cls_token': '[CLS]', 'do_basic_tokenize': True, 'do_lower_case': True, 'mask_token': '[MASK]',
            'model_max_length': limit, 'never_split': None, 'pad_token': '[PAD]', 'sep_token': '[SEP]', 'strip_accents': None,
            'tokenize_chinese_chars': True, 'tokenizer_class': name, 'unk_token': '[UNK]'} | more


def xlmr_tokenizer(limit=512, **more):
    return {'bos_token': '<s>', 'clean_up_tokenization_spaces': True, 'cls_token': '<s>', 'eos_token': '</s>', 'mask_token': {
        '__type': 'AddedToken', 'content': '<mask>', 'lstrip': True, 'normalized': True, 'rstrip': False, 'single_word': False},
        'model_max_length': limit, 'pad_token': '<pad>', 'sep_token': '</s>', 'tokenizer_class': 'XLMRobertaTokenizer', 'unk_token': '<unk>'} | more


def roberta_tokenizer(limit=512, **more):
    return {'add_prefix_space': False, 'bos_token': '<s>', 'clean_up_tokenization_spaces': True, 'cls_token': '<s>', 'eos_token': '</s>',
            'errors': 'replace', 'mask_token': '<mask>', 'model_max_length': limit, 'pad_token': '<pad>', 'sep_token': '</s>',
            'tokenizer_class': 'RobertaTokenizer', 'trim_offsets': True, 'unk_token': '<unk>'} | more


def modern_tokenizer(limit=8192):
    return {'clean_up_tokenization_spaces': True, 'cls_token': '[CLS]', 'mask_token': '[MASK]', 'model_input_names': ['input_ids', 'attention_mask'],
            'model_max_length': limit, 'pad_token': '[PAD]', 'sep_token': '[SEP]', 'tokenizer_class': 'PreTrainedTokenizerFast', 'unk_token': '[UNK]'}


def qwen_tokenizer(limit=131072, **more):
    return {'add_bos_token': False, 'add_prefix_space': False, 'additional_special_tokens': ['<|im_start|>', '<|im_end|>'], 'bos_token': None,
            'clean_up_tokenization_spaces': False, 'eos_token': '<|im_end|>', 'errors': 'replace', 'extra_special_tokens': {},
            'model_max_length': limit, 'pad_token': '<|endoftext|>', 'split_special_tokens': False, 'tokenizer_class': 'Qwen2Tokenizer',
            'unk_token': None} | more


def dense(limit, mode, *after, form='newer', prompts=None, default=None, text=True, tokenizer=None, width=0, similarity=None, lower=False,
          include=None, version=True, more=None):
    """The files of a dense model of sentence-transformers. `limit` None: no sentence_bert_config.json."""
    out = {'modules.json': modules('Transformer', 'Pooling', *after), '1_Pooling/config.json': pooling(mode, width, form, include)}
    if text and limit is not None:
        out['sentence_bert_config.json'] = {'max_seq_length': limit, 'do_lower_case': lower}
    if version:
        out['config_sentence_transformers.json'] = {'__version__': {'sentence_transformers': '2.7.0', 'transformers': '4.39.3', 'pytorch': '2.1.0'}}
        if prompts is not None or similarity is not None:
            out['config_sentence_transformers.json'] |= {'prompts': prompts or {}, 'default_prompt_name': default, 'similarity_fn_name': similarity}
    if tokenizer is not None:
        out['tokenizer_config.json'] = tokenizer
    return out | (more or {})


def row(repository, config, files, tokenizer, kind='dense', native=None):
    return {'repository': repository, 'config': config, 'files': files, 'tokenizer': tokenizer, 'kind': kind, 'native': native}


N = 'Normalize'
WP = 'wordpiece'
ROWS = [
    row('sentence-transformers/all-MiniLM-L6-v2', minilm(6, _name_or_path='nreimers/MiniLM-L6-H384-uncased', gradient_checkpointing=False),
        dense(256, 'mean', N, form='older', tokenizer=bert_tokenizer(max_length=128, pad_to_multiple_of=None, pad_token_type_id=0,
              padding_side='right', stride=0, truncation_side='right', truncation_strategy='longest_first')), WP),
    row('sentence-transformers/all-MiniLM-L12-v2', minilm(12, _name_or_path='microsoft/MiniLM-L12-H384-uncased'),
        dense(128, 'mean', N, form='older', tokenizer=bert_tokenizer()), WP),
    row('sentence-transformers/multi-qa-MiniLM-L6-cos-v1', minilm(6), dense(512, 'mean', N, form='older', tokenizer=bert_tokenizer()), WP),
    row('sentence-transformers/paraphrase-MiniLM-L6-v2', minilm(6), dense(128, 'mean', form='older', tokenizer=bert_tokenizer()), WP),
    row('sentence-transformers/all-mpnet-base-v2', {
        '_name_or_path': 'microsoft/mpnet-base', 'architectures': ['MPNetForMaskedLM'], 'attention_probs_dropout_prob': 0.1, 'bos_token_id': 0,
        'eos_token_id': 2, 'hidden_act': 'gelu', 'hidden_dropout_prob': 0.1, 'hidden_size': 768, 'initializer_range': 0.02,
        'intermediate_size': 3072, 'layer_norm_eps': 1e-05, 'max_position_embeddings': 514, 'model_type': 'mpnet', 'num_attention_heads': 12,
        'num_hidden_layers': 12, 'pad_token_id': 1, 'relative_attention_num_buckets': 32, 'transformers_version': '4.8.2', 'vocab_size': 30527},
        dense(384, 'mean', N, form='older', tokenizer={
            'bos_token': '<s>', 'cls_token': '<s>', 'do_lower_case': True, 'eos_token': '</s>', 'mask_token': '<mask>', 'model_max_length': 512,
            'pad_token': '<pad>', 'sep_token': '</s>', 'strip_accents': None, 'tokenize_chinese_chars': True, 'tokenizer_class': 'MPNetTokenizer',
            'unk_token': '[UNK]'}), 'mpnet'),
    row('sentence-transformers/all-distilroberta-v1', roberta(layers=6, _name_or_path='distilroberta-base', architectures=['RobertaForMaskedLM'],
        gradient_checkpointing=False), dense(512, 'mean', N, form='older', tokenizer=roberta_tokenizer()), 'roberta'),
    row('sentence-transformers/multi-qa-distilbert-cos-v1', {
        'activation': 'gelu', 'architectures': ['DistilBertModel'], 'attention_dropout': 0.1, 'dim': 768, 'dropout': 0.1, 'hidden_dim': 3072,
        'initializer_range': 0.02, 'max_position_embeddings': 512, 'model_type': 'distilbert', 'n_heads': 12, 'n_layers': 6, 'pad_token_id': 0,
        'qa_dropout': 0.1, 'seq_classif_dropout': 0.2, 'sinusoidal_pos_embds': False, 'tie_weights_': True, 'transformers_version': '4.8.2',
        'vocab_size': 30522}, dense(512, 'mean', N, form='older', tokenizer=bert_tokenizer(name='DistilBertTokenizer')), WP),
]
for size, hidden, heads, layers, ffn in (('small', 384, 12, 12, 1536), ('base', 768, 12, 12, 3072), ('large', 1024, 16, 24, 4096)):
    ROWS += [
        row(f'BAAI/bge-{size}-en-v1.5', bert(layers, hidden, heads, ffn, _name_or_path=f'/root/.cache/bge_{size}_en', id2label={'0': 'LABEL_0'},
            label2id={'LABEL_0': 0}, torch_dtype='float32'), dense(512, 'cls', N, form='older', lower=True, tokenizer=bert_tokenizer()), WP),
        row(f'thenlper/gte-{size}', bert(layers, hidden, heads, ffn, torch_dtype='float16'),
            dense(512, 'mean', N, form='older', version=False, tokenizer=bert_tokenizer(1000000000000000019884624838656)), WP),
        row(f'intfloat/e5-{size}-v2', bert(layers, hidden, heads, ffn), dense(512, 'mean', N, form='older', version=False, tokenizer=bert_tokenizer()), WP),
        row({'small': 'avsolatorio/GIST-small-Embedding-v0', 'base': 'avsolatorio/GIST-Embedding-v0',
             'large': 'avsolatorio/GIST-large-Embedding-v0'}[size], bert(layers, hidden, heads, ffn, torch_dtype='float32'),
            dense(512, 'cls', N, lower=True, tokenizer=bert_tokenizer(), include=True), WP),
    ]
ROWS += [
    row('mixedbread-ai/mxbai-embed-large-v1', bert(24, 1024, 16, 4096, torch_dtype='float16', use_cache=False),
        dense(512, 'cls', prompts={'query': SEARCH, 'passage': ''}, similarity='cosine', tokenizer=bert_tokenizer(), include=True), WP),
    row('WhereIsAI/UAE-Large-V1', bert(24, 1024, 16, 4096, use_cache=False), dense(512, 'cls', tokenizer=bert_tokenizer(), include=True), WP),
    row('llmrails/ember-v1', bert(24, 1024, 16, 4096), dense(512, 'mean', N, form='older', tokenizer=bert_tokenizer()), WP),
]
for size, hidden, heads, layers, ffn in (('xs', 384, 12, 6, 1536), ('s', 384, 12, 12, 1536), ('m', 768, 12, 12, 3072), ('l', 1024, 16, 24, 4096),
                                         ('m-v1.5', 768, 12, 12, 3072)):
    ROWS.append(row(f'Snowflake/snowflake-arctic-embed-{size}', bert(layers, hidden, heads, ffn, torch_dtype='float32'), dense(
        512, 'cls', N, prompts={'query': SEARCH}, similarity=None, tokenizer=bert_tokenizer(), include=True), WP))
ROWS += [
    row('Snowflake/snowflake-arctic-embed-m-long', nomic(max_trained_positions=2048, n_positions=2048, auto_map={
        'AutoConfig': 'configuration_hf_nomic_bert.NomicBertConfig', 'AutoModel': 'modeling_hf_nomic_bert.NomicBertModel',
        'AutoModelForMaskedLM': 'modeling_hf_nomic_bert.NomicBertForPreTraining'}),
        dense(2048, 'cls', N, prompts={'query': SEARCH}, tokenizer=bert_tokenizer(2048), include=True), WP, native=nomic_native),
    row('nomic-ai/nomic-embed-text-v1', nomic(), dense(8192, 'mean', form='older', tokenizer=bert_tokenizer(8192)), WP, native=nomic_native),
    row('nomic-ai/nomic-embed-text-v1.5', nomic(max_position_embeddings=2048, rotary_scaling_factor=None), dense(
        8192, 'mean', form='older', tokenizer=bert_tokenizer(8192)), WP, native=nomic_native),
    row('nomic-ai/modernbert-embed-base', modernbert(), dense(
        8192, 'mean', N, prompts={'query': 'search_query: ', 'document': 'search_document: '}, similarity='cosine', tokenizer=modern_tokenizer(),
        include=True), 'modernbert'),
    row('lightonai/modernbert-embed-large', modernbert(28, 1024, 16, 2624), dense(
        8192, 'mean', N, prompts={'query': 'search_query: ', 'document': 'search_document: '}, similarity='cosine', tokenizer=modern_tokenizer(),
        include=True), 'modernbert'),
    row('Alibaba-NLP/gte-base-en-v1.5', new(), dense(8192, 'cls', form='older', version=False, tokenizer=bert_tokenizer(32768)), WP, native=new_native),
    row('Alibaba-NLP/gte-large-en-v1.5', new(24, 1024, 16, 4096), dense(8192, 'cls', form='older', version=False, tokenizer=bert_tokenizer(32768)), WP,
        native=new_native),
    row('Alibaba-NLP/gte-modernbert-base', modernbert(), dense(8192, 'cls', similarity='cosine', tokenizer=modern_tokenizer(), include=True), 'modernbert'),
    row('ibm-granite/granite-embedding-30m-english', roberta(layers=6, hidden=384, ffn=1536), dense(
        512, 'cls', N, similarity='cosine', tokenizer=roberta_tokenizer(), include=True), 'roberta'),
    row('ibm-granite/granite-embedding-125m-english', roberta(), dense(
        512, 'cls', N, similarity='cosine', tokenizer=roberta_tokenizer(), include=True), 'roberta'),
    row('ibm-granite/granite-embedding-small-english-r2', modernbert(12, 384, 12, 1536, dtype='bfloat16', max_position_embeddings=8192), dense(
        8192, 'cls', N, similarity='cosine', tokenizer=modern_tokenizer(), include=True), 'modernbert'),
    row('ibm-granite/granite-embedding-english-r2', modernbert(dtype='bfloat16'), dense(
        8192, 'cls', N, similarity='cosine', tokenizer=modern_tokenizer(), include=True), 'modernbert'),
    row('jinaai/jina-embeddings-v2-small-en', jina_bert('JinaBertForMaskedLM', 4, 512, 8, 2048), dense(
        8192, 'mean', form='older', version=False, tokenizer=bert_tokenizer(8192)), WP, native='jina'),
    row('jinaai/jina-embeddings-v2-base-en', jina_bert('JinaBertForMaskedLM'), dense(
        8192, 'mean', form='older', version=False, tokenizer=bert_tokenizer(8192)), WP, native='jina'),
    row('sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2', minilm(12, vocab=250037, gradient_checkpointing=False), dense(
        128, 'mean', form='older', tokenizer=xlmr_tokenizer(tokenizer_class='PreTrainedTokenizerFast')), 'xlmr'),
    row('sentence-transformers/paraphrase-multilingual-mpnet-base-v2', xlmr(gradient_checkpointing=False), dense(
        128, 'mean', form='older', tokenizer=xlmr_tokenizer()), 'xlmr'),
    row('intfloat/multilingual-e5-small', minilm(12, vocab=250037, tokenizer_class='XLMRobertaTokenizer'), dense(
        512, 'mean', N, form='older', version=False, tokenizer=xlmr_tokenizer(sp_model_kwargs={})), 'xlmr'),
    row('intfloat/multilingual-e5-base', xlmr(), dense(512, 'mean', N, form='older', version=False, tokenizer=xlmr_tokenizer()), 'xlmr'),
    row('intfloat/multilingual-e5-large', xlmr(layers=24, hidden=1024, heads=16, ffn=4096), dense(
        512, 'mean', N, form='older', version=False, tokenizer=xlmr_tokenizer()), 'xlmr'),
    row('intfloat/multilingual-e5-large-instruct', xlmr(layers=24, hidden=1024, heads=16, ffn=4096, torch_dtype='float16'), dense(
        512, 'mean', N, prompts={}, tokenizer=xlmr_tokenizer(), include=True), 'xlmr'),
    row('BAAI/bge-small-zh-v1.5', bert(4, 512, 8, 2048, 21128, directionality='bidi', pooler_fc_size=768, pooler_num_attention_heads=12,
        pooler_num_fc_layers=3, pooler_size_per_head=128, pooler_type='first_token_transform'), dense(
        512, 'cls', N, form='older', lower=True, tokenizer=bert_tokenizer()), WP),
    row('Alibaba-NLP/gte-multilingual-base', new(vocab=250048, rope_theta=20000, rope_scaling={'factor': 8.0, 'type': 'ntk'}, pad_token_id=1,
        type_vocab_size=1, head=None, architectures=['NewModel', 'NewForTokenClassification']), dense(
        8192, 'cls', N, form='older', version=False, tokenizer=xlmr_tokenizer(32768)), 'xlmr', native=new_native),
    row('Snowflake/snowflake-arctic-embed-m-v2.0', new(vocab=250048, model_type='gte', architectures=['GteModel'], auto_map={
        'AutoConfig': 'configuration_hf_alibaba_nlp_gte.GteConfig', 'AutoModel': 'modeling_hf_alibaba_nlp_gte.GteModel'}, rope_scaling=None,
        rope_theta=160000, type_vocab_size=1, pad_token_id=1, matryoshka_dimensions=[256]), dense(
        8192, 'cls', N, prompts={'query': 'query: '}, similarity='cosine', tokenizer=xlmr_tokenizer(32768), include=True), 'xlmr', native=new_native),
    row('Snowflake/snowflake-arctic-embed-l-v2.0', xlmr(layers=24, hidden=1024, heads=16, ffn=4096, max_position_embeddings=8194,
        matryoshka_dimensions=[256]), dense(8192, 'cls', N, prompts={'query': 'query: '}, similarity='cosine', tokenizer=xlmr_tokenizer(8192),
        include=True), 'xlmr'),
    row('nomic-ai/nomic-embed-text-v2-moe', nomic(activation_function='gelu', layer_norm_epsilon=1e-05, qkv_proj_bias=True, mlp_fc1_bias=True,
        mlp_fc2_bias=True, rotary_emb_base=10000, type_vocab_size=1, vocab_size=250048, n_positions=2048, max_trained_positions=2048,
        moe_every_n_layers=2, num_experts=8, moe_top_k=2, moe_normalize_expert_weights=False, moe_impl='megablocks', moe_resid_pdrop=0.0,
        expert_choice_router=False, ffn_div=1, num_shared_experts=0, router_aux_loss_coef=0.1, add_pooling_layer=False, pad_token_id=1), dense(
        512, 'mean', N, prompts={'query': 'search_query: ', 'passage': 'search_document: ', 'Classification': 'classification: ',
                                 'Clustering': 'clustering: '}, similarity='cosine', tokenizer=xlmr_tokenizer(), include=True), 'xlmr', native='experts'),
    row('ibm-granite/granite-embedding-107m-multilingual', xlmr(layers=6, hidden=384, ffn=1536), dense(
        512, 'cls', N, similarity='cosine', tokenizer=xlmr_tokenizer(), include=True), 'xlmr'),
    row('ibm-granite/granite-embedding-278m-multilingual', xlmr(), dense(512, 'cls', N, similarity='cosine', tokenizer=xlmr_tokenizer(), include=True), 'xlmr'),
]
for language in ('de', 'es', 'zh'):
    ROWS.append(row(f'jinaai/jina-embeddings-v2-base-{language}', jina_bert(vocab=61056), dense(
        8192, 'mean', N, form='older', version=False, tokenizer=roberta_tokenizer(8192)), 'roberta', native='jina'))
TASKS = ['retrieval.query', 'retrieval.passage', 'separation', 'classification', 'text-matching']
ROWS += [
    row('jinaai/jina-embeddings-v3', xlmr(layers=24, hidden=1024, heads=16, ffn=4096, architectures=['XLMRobertaModel'], auto_map={
        'AutoConfig': 'jinaai/xlm-roberta-flash-implementation--configuration_xlm_roberta.XLMRobertaFlashConfig',
        'AutoModel': 'jinaai/xlm-roberta-flash-implementation--modeling_lora.XLMRobertaLoRA',
        'AutoModelForMaskedLM': 'jinaai/xlm-roberta-flash-implementation--modeling_xlm_roberta.XLMRobertaForMaskedLM',
        'AutoModelForPreTraining': 'jinaai/xlm-roberta-flash-implementation--modeling_xlm_roberta.XLMRobertaForPreTraining'},
        emb_pooler=None, load_trained_adapters=True, lora_adaptations=TASKS, lora_alpha=1, lora_dropout_p=0.0, lora_main_params_trainable=False,
        lora_rank=4, matryoshka_dimensions=[32, 64, 128, 256, 512, 768, 1024], max_position_embeddings=8194, position_embedding_type='rotary',
        rotary_emb_base=20000.0, task_instructions={t: '' for t in TASKS}, truncate_dim=None, use_flash_attn=True, use_reentrant=False,
        torch_dtype='bfloat16'), {
        'modules.json': [
            {'idx': 0, 'name': 'transformer', 'path': '', 'type': 'custom_st.Transformer', 'kwargs': ['task']},
            {'idx': 1, 'name': 'pooler', 'path': '1_Pooling', 'type': ST + 'Pooling'},
            {'idx': 2, 'name': 'normalizer', 'path': '2_Normalize', 'type': ST + 'Normalize'}],
        '1_Pooling/config.json': pooling('mean', form='newer', prompt=True),
        'config_sentence_transformers.json': {
            '__version__': {'sentence_transformers': '3.1.0', 'transformers': '4.41.2', 'pytorch': '2.3.1'},
            'prompts': {'retrieval.query': 'Represent the query for retrieving evidence documents: ',
                        'retrieval.passage': 'Represent the document for retrieval: ', 'separation': '', 'classification': '', 'text-matching': ''},
            'default_prompt_name': None, 'similarity_fn_name': 'cosine'},
        'tokenizer_config.json': xlmr_tokenizer(8194)}, 'xlmr', native='jina-v3'),
    row('mixedbread-ai/deepset-mxbai-embed-de-large-v1', xlmr(layers=24, hidden=1024, heads=16, ffn=4096, torch_dtype='float16'), dense(
        512, 'mean', prompts={'query': 'query: ', 'passage': 'passage: '}, similarity='cosine', tokenizer=xlmr_tokenizer(), include=True), 'xlmr'),
    row('google/embeddinggemma-300m', GEMMA, {
        'modules.json': modules('Transformer', 'Pooling', 'Dense', 'Dense', 'Normalize'),
        '1_Pooling/config.json': pooling('mean', form='newer', prompt=True),
        '2_Dense/config.json': {'in_features': 768, 'out_features': 3072, 'bias': False, 'activation_function': 'torch.nn.modules.linear.Identity'},
        '3_Dense/config.json': {'in_features': 3072, 'out_features': 768, 'bias': False, 'activation_function': 'torch.nn.modules.linear.Identity'},
        'sentence_bert_config.json': {'max_seq_length': 2048, 'do_lower_case': False},
        'config_sentence_transformers.json': {
            'model_type': 'SentenceTransformer', '__version__': {'sentence_transformers': '5.2.0.dev0', 'transformers': '4.57.0.dev0', 'pytorch': '2.8.0'},
            'prompts': GEMMA_PROMPTS, 'default_prompt_name': None, 'similarity_fn_name': 'cosine'},
        'tokenizer_config.json': {
            'add_bos_token': True, 'add_eos_token': True, 'bos_token': '<bos>', 'clean_up_tokenization_spaces': False, 'eos_token': '<eos>',
            'model_max_length': 2048, 'pad_token': '<pad>', 'padding_side': 'right', 'sp_model_kwargs': None, 'spaces_between_special_tokens': False,
            'tokenizer_class': 'GemmaTokenizer', 'unk_token': '<unk>', 'use_default_system_prompt': False}}, 'gemma'),
]
for name, layers, hidden, heads, ffn in (('0.6B', 28, 1024, 16, 3072), ('4B', 36, 2560, 32, 9728), ('8B', 36, 4096, 32, 12288)):
    ROWS.append(row(f'Qwen/Qwen3-Embedding-{name}', qwen3(layers, hidden, heads, ffn), dense(
        None, 'lasttoken', N, prompts={'query': WEB + ':', 'document': ''}, similarity='cosine', tokenizer=qwen_tokenizer(chat_template='{{ messages }}'),
        include=True), 'qwen3'))
QWEN2 = {'auto_map': {'AutoModel': 'modeling_qwen.Qwen2Model', 'AutoModelForCausalLM': 'modeling_qwen.Qwen2ForCausalLM',
                      'AutoModelForSequenceClassification': 'modeling_qwen.Qwen2ForSequenceClassification'},
         'architectures': ['Qwen2ForCausalLM'], 'is_causal': False, 'max_position_embeddings': 131072, 'use_sliding_window': False,
         'sliding_window': 131072, 'max_window_layers': 28, 'torch_dtype': 'float32'}
ROWS += [
    row('HIT-TMG/KaLM-embedding-multilingual-mini-instruct-v1.5', decoder('qwen2', 24, 896, 14, 2, 4864, 151936, max_window_layers=24,
        use_sliding_window=False, sliding_window=None, max_position_embeddings=131072, rope_scaling=None), dense(
        512, 'mean', N, prompts={}, similarity='cosine', tokenizer=qwen_tokenizer(), include=True), 'qwen2'),
    row('Alibaba-NLP/gte-Qwen2-1.5B-instruct', decoder('qwen2', 28, 1536, 12, 2, 8960, 151646, **QWEN2), dense(
        32768, 'lasttoken', N, prompts={'query': WEB + ': '}, tokenizer=qwen_tokenizer(32768, auto_map={
            'AutoTokenizer': ['tokenization_qwen.Qwen2Tokenizer', 'tokenization_qwen.Qwen2TokenizerFast']}, add_eos_token=True), include=True), 'qwen2-eos'),
    row('Alibaba-NLP/gte-Qwen2-7B-instruct', decoder('qwen2', 28, 3584, 28, 4, 18944, 151646, **QWEN2), dense(
        32768, 'lasttoken', N, prompts={'query': WEB + ': '}, tokenizer=qwen_tokenizer(32768, auto_map={
            'AutoTokenizer': ['tokenization_qwen.Qwen2Tokenizer', 'tokenization_qwen.Qwen2TokenizerFast']}, add_eos_token=True), include=True), 'qwen2-eos'),
    row('NovaSearch/stella_en_400M_v5', new(24, 1024, 16, 4096, type_vocab_size=2, rope_theta=160000, rope_scaling={'factor': 2.0, 'type': 'ntk'},
        architectures=['NewModel'], auto_map={'AutoConfig': 'configuration.NewConfig', 'AutoModel': 'modeling.NewModel'}, unpad_inputs=True,
        use_memory_efficient_attention=True), dense(
        512, 'mean', 'Dense', prompts={
            's2p_query': WEB + ': ', 's2s_query': 'Instruct: Retrieve semantically similar text.\nQuery: '}, tokenizer=bert_tokenizer(), include=True,
        more={'2_Dense/config.json': {'in_features': 1024, 'out_features': 1024, 'bias': True, 'activation_function': 'torch.nn.modules.linear.Identity'}}),
        WP, native=new_native),
    row('NovaSearch/stella_en_1.5B_v5', decoder('qwen2', 28, 1536, 12, 2, 8960, 151646, **QWEN2), dense(
        512, 'mean', 'Dense', prompts={
            's2p_query': WEB + ': ', 's2s_query': 'Instruct: Retrieve semantically similar text.\nQuery: '}, tokenizer=qwen_tokenizer(512, add_eos_token=True),
        include=True,
        more={'2_Dense/config.json': {'in_features': 1536, 'out_features': 1024, 'bias': True, 'activation_function': 'torch.nn.modules.linear.Identity'}}),
        'qwen2-eos'),
    row('intfloat/e5-mistral-7b-instruct', decoder('mistral', 32, 4096, 32, 8, 14336, 32000, bos_token_id=1, eos_token_id=2, pad_token_id=2,
        rope_theta=10000.0, sliding_window=4096, rms_norm_eps=1e-05, use_cache=False), dense(
        4096, 'lasttoken', N, prompts={
            'web_search_query': 'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ',
            'sts_query': 'Instruct: Retrieve semantically similar text.\nQuery: '}, tokenizer={
            'add_bos_token': True, 'add_eos_token': True, 'bos_token': '<s>', 'clean_up_tokenization_spaces': False, 'eos_token': '</s>', 'legacy': True,
            'model_max_length': 1000000000000000019884624838656, 'pad_token': '</s>', 'sp_model_kwargs': {}, 'spaces_between_special_tokens': False,
            'tokenizer_class': 'LlamaTokenizer', 'unk_token': '<unk>', 'use_default_system_prompt': False}, include=True), 'mistral'),
]


def scored(config, **more):
    return config | {'architectures': [config['architectures'][0].replace('Model', 'ForSequenceClassification')], 'id2label': {'0': 'LABEL_0'},
                     'label2id': {'LABEL_0': 0}} | more


CROSS = {'sbert_ce_default_activation_function': 'torch.nn.modules.linear.Identity'}
for name, layers, hidden, heads, ffn in (('TinyBERT-L2', 2, 128, 2, 512), ('MiniLM-L4', 4, 384, 12, 1536), ('MiniLM-L6', 6, 384, 12, 1536),
                                         ('MiniLM-L12', 12, 384, 12, 1536)):
    ROWS.append(row(f'cross-encoder/ms-marco-{name}-v2', scored(bert(layers, hidden, heads, ffn, gradient_checkpointing=False, sentence_transformers={
        'activation_fn': 'torch.nn.modules.linear.Identity', 'version': '4.1.0'})), {'tokenizer_config.json': bert_tokenizer()}, WP, 'reranker'))
ROWS += [
    row('BAAI/bge-reranker-base', scored(xlmr()), {'tokenizer_config.json': xlmr_tokenizer()}, 'xlmr', 'reranker'),
    row('BAAI/bge-reranker-large', scored(xlmr(layers=24, hidden=1024, heads=16, ffn=4096)), {'tokenizer_config.json': xlmr_tokenizer()}, 'xlmr', 'reranker'),
    row('BAAI/bge-reranker-v2-m3', scored(xlmr(layers=24, hidden=1024, heads=16, ffn=4096, max_position_embeddings=8194)), {
        'tokenizer_config.json': xlmr_tokenizer(8192, sp_model_kwargs={})}, 'xlmr', 'reranker'),
    row('Alibaba-NLP/gte-reranker-modernbert-base', scored(modernbert(classifier_pooling='cls')), {'tokenizer_config.json': modern_tokenizer()},
        'modernbert', 'reranker'),
    row('ibm-granite/granite-embedding-reranker-english-r2', scored(modernbert(classifier_pooling='cls', dtype='float32')), {
        'tokenizer_config.json': modern_tokenizer()}, 'modernbert', 'reranker'),
    row('Alibaba-NLP/gte-multilingual-reranker-base', new(vocab=250048, rope_theta=20000, rope_scaling={'factor': 8.0, 'type': 'ntk'}, pad_token_id=1,
        type_vocab_size=1, head='NewForSequenceClassification'), {'tokenizer_config.json': xlmr_tokenizer(32768)}, 'xlmr', 'reranker', native=new_native),
    row('jinaai/jina-reranker-v1-tiny-en', jina_bert('JinaBertForSequenceClassification', 4, 384, 12, 1536, vocab=61056, id2label={'0': 'LABEL_0'},
        label2id={'LABEL_0': 0}), {'tokenizer_config.json': roberta_tokenizer(8192)}, 'roberta', 'reranker', native='load'),
    row('jinaai/jina-reranker-v1-turbo-en', jina_bert('JinaBertForSequenceClassification', 6, 384, 12, 1536, vocab=61056, id2label={'0': 'LABEL_0'},
        label2id={'LABEL_0': 0}), {'tokenizer_config.json': roberta_tokenizer(8192)}, 'roberta', 'reranker', native='load'),
    row('jinaai/jina-reranker-v2-base-multilingual', xlmr(architectures=['XLMRobertaForSequenceClassification'], auto_map={
        'AutoConfig': 'configuration_xlm_roberta.XLMRobertaFlashConfig', 'AutoModel': 'modeling_xlm_roberta.XLMRobertaModel',
        'AutoModelForSequenceClassification': 'modeling_xlm_roberta.XLMRobertaForSequenceClassification'}, id2label={'0': 'LABEL_0'},
        label2id={'LABEL_0': 0}, max_position_embeddings=1026, use_flash_attn=True, emb_pooler=None, num_labels=1, torch_dtype='bfloat16'),
        {'tokenizer_config.json': xlmr_tokenizer(1026)}, 'xlmr', 'reranker', native='flash'),
]
# Those whose form has goldens of its own, and no configuration beside the ones above.
ELSEWHERE = {
    'jxm/cde-small-v1': 'contextual-goldens.py', 'gpustack/bge-m3-GGUF': 'llama-goldens.py', 'Qwen/Qwen3-Reranker-0.6B': 'classifier-goldens.py',
    'opensearch-project/opensearch-neural-sparse-encoding-v2-distill': 'sparse-goldens.py', 'ibm-granite/granite-embedding-30m-sparse': 'sparse-goldens.py',
    'answerdotai/answerai-colbert-small-v1': 'late-interaction-goldens.py', 'colbert-ir/colbertv2.0': 'late-interaction-goldens.py',
    'lightonai/GTE-ModernColBERT-v1': 'late-interaction-goldens.py', 'jinaai/jina-colbert-v2': 'late-interaction-goldens.py',
} | {f'minishlab/potion-{n}': 'static-goldens.py' for n in ('base-2M', 'base-4M', 'base-8M', 'base-32M', 'retrieval-32M', 'multilingual-128M')}
