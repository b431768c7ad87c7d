"""Tiny models with LoRA adapters as PEFT saves them, and their vectors. usage: adapter-goldens.py FIXTURES_DIR [ADAPTER]…

Writes FIXTURES_DIR/adapters/base/, a model of sentence-transformers, and for each adapter a folder with adapter_config.json,
adapter_model.safetensors and goldens.jsonl, one object a line: {"text": …, "embedding": […]}. The vectors are those of
sentence-transformers with PEFT's adapter loaded. jina-v5/ is a folder in the form of jina-embeddings-v5-text-small: Qwen3 with an adapter for
each task in a folder of its own, run by transformers and PEFT, pooled at the last token and of length 1, with its lines {"task": …, …}.
"""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, Qwen3Config, Qwen3Model

from tiny_texts import PIECES, save_tokenizer, texts
from tiny_weights import randomise

PLAIN = dict(r=4, lora_alpha=6, target_modules=['query', 'value', 'intermediate.dense'], rank_pattern={'value': 3},
             alpha_pattern={'value': 9, 'encoder.layer.1.attention.self.query': 2})
CASES = {
    'plain': PLAIN,
    'rslora': dict(r=5, lora_alpha=3, use_rslora=True, target_modules=['key', 'attention.output.dense', 'output.dense', 'word_embeddings']),
    'dora': dict(r=4, lora_alpha=6, use_dora=True, target_modules=['query', 'value', 'intermediate.dense', 'output.dense', 'word_embeddings']),
    'biases': dict(r=3, lora_alpha=5, lora_bias=True, bias='all', target_modules=['query', 'key', 'intermediate.dense']),
    'saved': dict(r=4, lora_alpha=4, target_modules=['value'], bias='lora_only',
                  modules_to_save=['word_embeddings', 'LayerNorm', 'intermediate.dense']),
}
TASKS = ['retrieval', 'text-matching']


def dump(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write('\n')


def fill(model, seed):
    """PEFT's B begins at zero: both sides get random values, and what else is trained gets others."""
    g = torch.Generator().manual_seed(seed)
    for name, p in sorted(model.named_parameters()):
        if 'lora_magnitude' in name or p.requires_grad and 'lora_' not in name:
            p.data = (p.data * (1 + torch.randn(p.shape, generator=g) * 0.3) + torch.randn(p.shape, generator=g) * 0.05).half().float()
        elif 'lora_' in name:
            p.data = (torch.randn(p.shape, generator=g) * 0.35).half().float()
    return model.eval()


def halves(path):
    save_file({k: v.half().contiguous() for k, v in load_file(path).items()}, path, metadata={'format': 'pt'})


def rows(path, lines):
    with open(path, 'w', encoding='utf-8') as f:
        for line in lines:
            f.write(json.dumps(line, ensure_ascii=False, separators=(',', ':')) + '\n')


def digits(v):
    return [float(f'{x:.7g}') for x in v.tolist()]


def bert(root, chosen):
    base = f'{root}/base'
    if not chosen:
        make_base(root, base)
    for i, (name, settings) in enumerate(CASES.items()):
        if not chosen or name in chosen:
            adapter(root, base, 80 + i, name, settings)


def make_base(root, base):
    g = torch.Generator().manual_seed(77)
    config = BertConfig(vocab_size=PIECES, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=52,
                        max_position_embeddings=64)
    scratch = f'{root}/scratch'
    save_tokenizer(scratch, 48)
    randomise(BertModel(config, add_pooling_layer=False), g).save_pretrained(scratch)
    SentenceTransformer(modules=[Transformer(scratch), Pooling(36, 'mean'), Normalize()], device='cpu').save(base, create_model_card=False)
    shutil.rmtree(scratch)
    halves(f'{base}/model.safetensors')


def adapter(root, base, seed, name, settings):
    folder = f'{root}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    st = SentenceTransformer(base, device='cpu')
    inner = st[0].auto_model if hasattr(st[0], 'auto_model') else st[0].model
    peft = fill(get_peft_model(inner, LoraConfig(task_type='FEATURE_EXTRACTION', **settings)), seed)
    peft.save_pretrained(folder)
    os.remove(f'{folder}/README.md')
    path = f'{folder}/adapter_config.json'
    config = json.load(open(path)) | {'base_model_name_or_path': '../base'}
    config['target_modules'] = sorted(config['target_modules'])
    dump(path, config)
    pooled = []
    with torch.no_grad():
        for text in texts():
            features = st.tokenize([text])
            hidden = peft(**{k: v for k, v in features.items() if isinstance(v, torch.Tensor)}).last_hidden_state[0]
            pooled.append(torch.nn.functional.normalize(hidden.mean(0), dim=0))
    rows(f'{folder}/goldens.jsonl', [{'text': t, 'embedding': digits(v)} for t, v in zip(texts(), pooled)])
    # The same from the files alone: by PEFT, and by sentence-transformers, which reads the adapter and finds its base. With DoRA transformers
    # 5.24, which reads adapters for sentence-transformers, leaves the lengths as they begin (it warns that they are missing).
    def agree(found):
        worst = min(torch.nn.functional.cosine_similarity(a, b, dim=0).item() for a, b in zip(found, pooled))
        assert worst > 0.999999, (name, worst)

    fresh = SentenceTransformer(base, device='cpu')
    inner = fresh[0].auto_model if hasattr(fresh[0], 'auto_model') else fresh[0].model
    again = PeftModel.from_pretrained(inner, folder).eval()
    with torch.no_grad():
        agree([again(**{k: v for k, v in st.tokenize([t]).items() if isinstance(v, torch.Tensor)}).last_hidden_state[0].mean(0) for t in texts()])
    if not settings.get('use_dora'):
        check = f'{root}/check'
        shutil.copytree(base, check)
        for file in ('adapter_config.json', 'adapter_model.safetensors'):
            shutil.copy(f'{folder}/{file}', check)
        os.remove(f'{check}/model.safetensors')
        os.remove(f'{check}/config.json')
        dump(f'{check}/adapter_config.json', config | {'base_model_name_or_path': os.path.abspath(base)})
        agree(SentenceTransformer(check, device='cpu').encode(texts(), batch_size=1, convert_to_tensor=True))
        shutil.rmtree(check)
    if name != 'plain':
        return
    # An adapter is also found beside its base's modules, without a copy of the weights.
    shutil.copytree(f'{base}/1_Pooling', f'{folder}/1_Pooling')
    for file in ('modules.json', 'tokenizer.json', 'tokenizer_config.json', 'sentence_bert_config.json'):
        if os.path.exists(f'{base}/{file}'):
            shutil.copy(f'{base}/{file}', f'{folder}/{file}')


def jina(root):
    folder = f'{root}/jina-v5'
    tokenizer = save_tokenizer(folder, 64)
    g = torch.Generator().manual_seed(78)
    config = Qwen3Config(vocab_size=PIECES, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=14,
                         intermediate_size=50, max_position_embeddings=90, attn_implementation='eager')
    base = randomise(Qwen3Model(config), g)
    base.save_pretrained(folder)
    halves(f'{folder}/model.safetensors')
    path = f'{folder}/config.json'
    dump(path, json.load(open(path)) | {
        'model_type': 'jina_embeddings_v5', 'architectures': ['JinaEmbeddingsV5Model'], 'task_names': TASKS,
        'auto_map': {'AutoConfig': 'configuration_jina_embeddings_v5.JinaEmbeddingsV5Config',
                     'AutoModel': 'modeling_jina_embeddings_v5.JinaEmbeddingsV5Model'}})
    dump(f'{folder}/modules.json', [
        {'idx': 0, 'name': 'transformer', 'path': '', 'type': 'custom_st.Transformer', 'kwargs': ['task']},
        {'idx': 1, 'name': 'pooler', 'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'},
        {'idx': 2, 'name': 'normalizer', 'path': '2_Normalize', 'type': 'sentence_transformers.models.Normalize'}])
    dump(f'{folder}/1_Pooling/config.json', {'word_embedding_dimension': 36, 'pooling_mode_lasttoken': True, 'pooling_mode_mean_tokens': False})
    dump(f'{folder}/config_sentence_transformers.json', {
        'prompts': {'query': 'Query: ', 'document': 'Document: '}, 'default_prompt_name': None, 'similarity_fn_name': 'cosine'})
    lines = []
    for i, task in enumerate(TASKS):
        place = f'{folder}/adapters/{task}'
        model = Qwen3Model(config)
        model.load_state_dict(base.state_dict())
        peft = fill(get_peft_model(model, LoraConfig(
            task_type='FEATURE_EXTRACTION', r=4, lora_alpha=4, lora_dropout=0.1,
            target_modules=['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'])), 90 + i)
        peft.save_pretrained(place)
        os.remove(f'{place}/README.md')
        halves(f'{place}/adapter_model.safetensors')
        settings = json.load(open(f'{place}/adapter_config.json')) | {'base_model_name_or_path': 'jinaai/jina-embeddings-v5-text-small'}
        settings['target_modules'] = sorted(settings['target_modules'])
        dump(f'{place}/adapter_config.json', settings)
        with torch.no_grad():
            for text in texts():
                ids = tokenizer('Document: ' + text, return_tensors='pt', truncation=True, max_length=64)['input_ids']
                hidden = peft(input_ids=ids).last_hidden_state[0, -1]
                lines.append({'task': task, 'text': text, 'embedding': digits(torch.nn.functional.normalize(hidden, dim=0))})
    rows(f'{folder}/goldens.jsonl', lines)


def main():
    root, chosen = f'{sys.argv[1]}/adapters', sys.argv[2:]
    if not chosen:
        shutil.rmtree(root, ignore_errors=True)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    bert(root, chosen)
    if not chosen:
        jina(root)


main()
