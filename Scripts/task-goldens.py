"""A tiny jina-embeddings-v3 with an adapter for each task, and its vectors. usage: task-goldens.py FIXTURES_DIR

Writes FIXTURES_DIR/tasks/jina-v3/, a folder as jinaai/jina-embeddings-v3 is published: called xlm-roberta, its matrices and tables the
originals of parametrizations, beside each the low-rank pairs of all tasks; and goldens.jsonl, one object a line:
  {"task": … or null, "prompt": …, "text": …, "tokens": …, "embedding": […]}

The encoder is transformers' JinaEmbeddingsV3Model. transformers has no such adapters, so that what they do is written out here from the
published definition (Sturua et al. 2024; xlm-roberta-flash-implementation): a weight W becomes W + alpha / rank · B · A, with A and B those
of the task; of a table the rows are those of A · B. The prompt of a task is that of the model's task_instructions.
"""
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import JinaEmbeddingsV3Config, JinaEmbeddingsV3Model

from tiny_texts import PIECES, save_tokenizer, texts
from tiny_weights import randomise

TASKS = ['retrieval.query', 'retrieval.passage', 'separation', 'classification', 'text-matching']
INSTRUCTIONS = {'retrieval.query': 'zopa balo: ', 'retrieval.passage': 'the document: ', 'separation': '', 'classification': '', 'text-matching': ''}
RANK, ALPHA, HIDDEN, WIDTH, LIMIT = 3, 2, 36, 50, 48


def adapters(tensors, g):
    """For each matrix and table the pair A, B of all tasks."""
    out = {}
    for name, w in sorted(tensors.items()):
        if w.ndim != 2:
            continue
        rows, columns = w.shape
        table = 'embeddings' in name
        a = torch.randn(len(TASKS), *((rows, RANK) if table else (RANK, columns)), generator=g)
        b = torch.randn(len(TASKS), *((RANK, columns) if table else (rows, RANK)), generator=g)
        scale = 0.3 if table else 0.5 / columns ** 0.5
        out[name] = ((a * scale ** 0.5).bfloat16().float(), (b * scale ** 0.5).bfloat16().float())
    return out


def merged(tensors, pairs, task):
    if task is None:
        return tensors
    i, out = TASKS.index(task), dict(tensors)
    for name, (a, b) in pairs.items():
        update = a[i] @ b[i] if 'embeddings' in name else b[i] @ a[i]
        out[name] = tensors[name] + update * (ALPHA / RANK)
    return out


def dump(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write('\n')


def main():
    folder = f'{sys.argv[1]}/tasks/jina-v3'
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = save_tokenizer(folder, LIMIT)
    g = torch.Generator().manual_seed(1900)
    config = JinaEmbeddingsV3Config(vocab_size=PIECES, hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=3, intermediate_size=WIDTH,
                                    max_position_embeddings=90, type_vocab_size=1, pad_token_id=1,
                                    rope_parameters={'rope_type': 'default', 'rope_theta': 20000.0})
    model = randomise(JinaEmbeddingsV3Model(config, add_pooling_layer=False), g, kind=torch.bfloat16)
    scratch = f'{folder}.scratch'
    model.save_pretrained(scratch)
    tensors = load_file(f'{scratch}/model.safetensors')
    pairs = adapters(tensors, g)

    stored = {}
    for name, w in tensors.items():
        stem = f'roberta.{name.removesuffix("weight")}parametrizations.weight.'
        if name in pairs:
            stored |= {stem + 'original': w, stem + '0.lora_A': pairs[name][0], stem + '0.lora_B': pairs[name][1]}
        else:
            stored[f'roberta.{name}'] = w
    save_file({k: v.bfloat16().contiguous() for k, v in stored.items()}, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    dump(f'{folder}/config.json', {
        'architectures': ['XLMRobertaLoRA'], 'model_type': 'xlm-roberta', 'position_embedding_type': 'rotary', 'rotary_emb_base': 20000.0,
        'vocab_size': PIECES, 'hidden_size': HIDDEN, 'num_hidden_layers': 2, 'num_attention_heads': 3, 'intermediate_size': WIDTH,
        'max_position_embeddings': 90, 'type_vocab_size': 1, 'pad_token_id': 1, 'hidden_act': 'gelu', 'layer_norm_eps': 1e-5,
        'load_trained_adapters': True, 'lora_adaptations': TASKS, 'lora_alpha': ALPHA, 'lora_rank': RANK, 'lora_dropout_p': 0.0,
        'task_instructions': INSTRUCTIONS})
    dump(f'{folder}/modules.json', [
        {'idx': 0, 'name': 'transformer', 'path': '', 'type': 'custom_st.Transformer', 'kwargs': ['task']},
        {'idx': 1, 'name': 'pooler', 'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'},
        {'idx': 2, 'name': 'normalizer', 'path': '2_Normalize', 'type': 'sentence_transformers.models.Normalize'}])
    dump(f'{folder}/1_Pooling/config.json', {'word_embedding_dimension': HIDDEN, 'pooling_mode_mean_tokens': True})
    dump(f'{folder}/config_sentence_transformers.json', {'prompts': INSTRUCTIONS, 'default_prompt_name': None, 'similarity_fn_name': 'cosine'})

    worst = 0.0
    with open(f'{folder}/goldens.jsonl', 'w', encoding='utf-8') as out, torch.no_grad():
        for task in [None] + TASKS:
            os.remove(f'{scratch}/model.safetensors')
            save_file({k: v.contiguous() for k, v in merged(tensors, pairs, task).items()}, f'{scratch}/model.safetensors', metadata={'format': 'pt'})
            adapted = JinaEmbeddingsV3Model.from_pretrained(scratch, dtype=torch.float32).eval()
            for prompt in dict.fromkeys(['', INSTRUCTIONS.get(task, '')]):
                for text in texts():
                    ids = torch.tensor([tokenizer(prompt + text, truncation=True, max_length=LIMIT)['input_ids']])
                    vector = torch.nn.functional.normalize(adapted(input_ids=ids).last_hidden_state[0].mean(0), dim=0)
                    row = {'task': task, 'prompt': prompt, 'text': text, 'tokens': ids.shape[1],
                           'embedding': [float(f'{x:.8g}') for x in vector.tolist()]}
                    out.write(json.dumps(row, ensure_ascii=False, separators=(',', ':')) + '\n')
                    exact = adapted.double()
                    sure = torch.nn.functional.normalize(exact(input_ids=ids).last_hidden_state[0].mean(0), dim=0)
                    worst = max(worst, float((sure - vector).abs().max()))
                    adapted = exact.float()
    shutil.rmtree(scratch)
    print('worst difference to float64:', f'{worst:.2g}')


main()
