"""Ids of transformers' AutoTokenizer where files beside tokenizer.json contradict it, for tokenizer.json files that other fixtures hold.

    python Scripts/tokenizer-settings-goldens.py

writes Tests/Fixtures/tokenizer-settings/cases.json: for each case the fixture that tokenizer.json is from, the files beside it, and the ids.
"""
import json
import os
import shutil
import tempfile

os.environ['HF_HUB_OFFLINE'] = '1'
from transformers import AutoTokenizer

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'Tests', 'Fixtures')
TEXTS = ['Zopa BALO turi', 'Café ÉCLAIR à la crème', '東京 zopa', ' zopa  balo ', 'x[MASK]y <mask> <s> zuge', 'a\tb\nc', "don't 12 ''x``", '', '<extra_id_0> zopa  balo\n<extra_id_2>']
BERT, ROBERTA, XLM, QWEN, MPNET = 'models/bert-mini', 'classifiers/roberta', 'classifiers/xlm-roberta', 'classifiers/qwen2', 'classifiers/mpnet'


def token(content, **flags):
    return {'content': content, 'lstrip': False, 'rstrip': False, 'normalized': False, 'single_word': False, 'special': True} | flags


def case(name, base, model_type, config=None, **files):
    return {'name': name, 'base': base, 'model_type': model_type, 'config': config} | files


CASES = [
    case('no configuration, bert', BERT, 'bert'),
    case('no configuration, roberta', ROBERTA, 'roberta'),
    case('no configuration, xlm-roberta', XLM, 'xlm-roberta'),
    case('no configuration, another model type', BERT, 'modernbert'),
    case('BertTokenizer, cased', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'do_lower_case': False}),
    case('BertTokenizer, cased and accents stripped', BERT, 'bert',
         {'tokenizer_class': 'BertTokenizer', 'do_lower_case': False, 'strip_accents': True}),
    case('BertTokenizerFast without do_lower_case', BERT, 'bert', {'tokenizer_class': 'BertTokenizerFast'}),
    case('BertTokenizer, Chinese characters in words', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'tokenize_chinese_chars': False}),
    case('DistilBertTokenizer, accents kept', BERT, 'distilbert', {'tokenizer_class': 'DistilBertTokenizer', 'strip_accents': False}),
    case('PreTrainedTokenizerFast takes the file', BERT, 'bert', {'tokenizer_class': 'PreTrainedTokenizerFast', 'do_lower_case': False}),
    case('another cls_token', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'cls_token': '[MASK]'}),
    case('another sep_token, as an object', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'sep_token': {'__type': 'AddedToken'} | token('[MASK]')}),
    case('special_tokens_map.json', BERT, 'bert', {'tokenizer_class': 'BertTokenizer'}, special_tokens_map={'cls_token': '[MASK]'}),
    case('additional special tokens', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'additional_special_tokens': ['zopa']}),
    case('added_tokens.json', BERT, 'bert', {'tokenizer_class': 'BertTokenizer'}, added_tokens={'balo': 600}),
    case('added_tokens_decoder', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'added_tokens_decoder': {
        '0': token('[PAD]'), '1': token('[UNK]'), '2': token('[CLS]'), '3': token('[SEP]'), '4': token('[MASK]', lstrip=True)}}),
    case('added_tokens_decoder beside the file', BERT, 'bert', {'tokenizer_class': 'PreTrainedTokenizerFast', 'added_tokens_decoder': {
        '4': token('[MASK]', lstrip=True, rstrip=True)}}),
    case('RobertaTokenizer with a prefix space', ROBERTA, 'roberta', {'tokenizer_class': 'RobertaTokenizer', 'add_prefix_space': True}),
    case('RobertaTokenizer', ROBERTA, 'roberta', {'tokenizer_class': 'RobertaTokenizer'}),
    case('XLMRobertaTokenizer', XLM, 'xlm-roberta', {'tokenizer_class': 'XLMRobertaTokenizer'}),
    case('XLMRobertaTokenizer without a prefix', XLM, 'xlm-roberta', {'tokenizer_class': 'XLMRobertaTokenizer', 'add_prefix_space': False}),
    case('MPNetTokenizer, cased', MPNET, 'mpnet', {'tokenizer_class': 'MPNetTokenizer', 'do_lower_case': False}),
    case('Qwen2Tokenizer', QWEN, 'qwen2', {'tokenizer_class': 'Qwen2Tokenizer'}),
    case('qwen2 under another class', QWEN, 'qwen2', {'tokenizer_class': 'PreTrainedTokenizerFast'}),
    case('qwen3 under another class', QWEN, 'qwen3', {'tokenizer_class': 'PreTrainedTokenizerFast'}),
    case('GPT2Tokenizer', QWEN, 'eurobert', {'tokenizer_class': 'GPT2Tokenizer'}),
    # Without tokenizer.json: `apart` says that its vocabulary is in the files that came before it.
    case('vocab.json and merges.txt, roberta', ROBERTA, 'roberta', apart=True),
    case('vocab.json and merges.txt, RobertaTokenizer with a prefix space', ROBERTA, 'roberta',
         {'tokenizer_class': 'RobertaTokenizer', 'add_prefix_space': True, 'mask_token': '<mask>'}, apart=True),
    case('vocab.json and merges.txt, Qwen2Tokenizer', QWEN, 'qwen2', {'tokenizer_class': 'Qwen2Tokenizer'}, apart=True),
    case('vocab.json and merges.txt, GPT2Tokenizer with a token', QWEN, 'gpt2', {
        'tokenizer_class': 'GPT2Tokenizer', 'additional_special_tokens': ['zopa']}, apart=True),
    case('vocab.txt, mpnet', MPNET, 'mpnet', apart=True),
    case('vocab.txt, MPNetTokenizer, cased', MPNET, 'mpnet', {'tokenizer_class': 'MPNetTokenizer', 'do_lower_case': False}, apart=True),
    case('vocab.txt, bert', BERT, 'bert', {'tokenizer_class': 'BertTokenizer'}, apart=True),
    # Special and added tokens beside vocab.txt.
    case('vocab.txt, other tokens around a text', BERT, 'bert', {
        'tokenizer_class': 'BertTokenizer', 'cls_token': '[MASK]', 'sep_token': '[PAD]'}, apart=True),
    case('vocab.txt, another unknown token', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'unk_token': '[MASK]'}, apart=True),
    case('vocab.txt, special_tokens_map.json', BERT, 'bert', None, apart=True, special_tokens_map={
        'cls_token': '[MASK]', 'mask_token': token('[MASK]', lstrip=True)}),
    case('vocab.txt, DistilBertTokenizer, added_tokens_decoder', BERT, 'distilbert', {
        'tokenizer_class': 'DistilBertTokenizer', 'added_tokens_decoder': {'600': token('zopa'), '601': token('opa', lstrip=True)}}, apart=True),
    case('vocab.txt, ElectraTokenizer, added_tokens.json', BERT, 'electra', {'tokenizer_class': 'ElectraTokenizer'}, apart=True,
         added_tokens={'balo': 600, 'opa': 601}),
    case('vocab.txt, additional special tokens', BERT, 'bert', {
        'tokenizer_class': 'BertTokenizerFast', 'additional_special_tokens': ['zopa', 'qqq']}, apart=True),
    case('vocab.txt, mpnet, special_tokens_map.json', MPNET, 'mpnet', {'tokenizer_class': 'MPNetTokenizer', 'mask_token': '<mask>'}, apart=True,
         special_tokens_map={'unk_token': '<pad>', 'cls_token': '<mask>'}),
    case('BertTokenizer, another unknown token', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'unk_token': '[MASK]'}),
    case('BertTokenizer, an unknown token in special_tokens_map.json', BERT, 'bert', {'tokenizer_class': 'BertTokenizer'},
         special_tokens_map={'unk_token': '[PAD]'}),
    # Special tokens under names of a model's own.
    case('extra_special_tokens as an object', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'extra_special_tokens': {'image_token': 'zopa'}}),
    case('model_specific_special_tokens', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'model_specific_special_tokens': {'a': 'zopa', 'b': 'opa'}}),
    case('image_token and eoi_token', BERT, 'bert', {'tokenizer_class': 'PreTrainedTokenizerFast', 'image_token': 'zopa', 'eoi_token': 'opa'}),
    case('a token of another name before model_specific_special_tokens', BERT, 'bert', {
        'tokenizer_class': 'BertTokenizer', 'sound_token': 'zopa', 'model_specific_special_tokens': {'a': 'balo'}}),
    case('extra_special_tokens, empty, and the older list', BERT, 'bert', {
        'tokenizer_class': 'BertTokenizer', 'extra_special_tokens': [], 'additional_special_tokens': ['zopa']}),
    case('extra_special_tokens in both files', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'extra_special_tokens': ['zopa']},
         special_tokens_map={'extra_special_tokens': ['balo']}),
    # Classes that keep the file's parts.
    case('BertTokenizer, trust_remote_code', BERT, 'bert', {'tokenizer_class': 'BertTokenizer', 'do_lower_case': False, 'cls_token': '[MASK]', 'trust_remote_code': True}),
    case('XLMRobertaTokenizer, trust_remote_code', XLM, 'xlm-roberta', {'tokenizer_class': 'XLMRobertaTokenizer', 'add_prefix_space': False, 'trust_remote_code': True}),
    case('RobertaTokenizer, trust_remote_code', ROBERTA, 'roberta', {'tokenizer_class': 'RobertaTokenizer', 'add_prefix_space': True, 'trust_remote_code': True}),
    # Over the pieces of another model.
    case('T5Tokenizer', XLM, 't5', {'tokenizer_class': 'T5Tokenizer'}),
    case('T5TokenizerFast with few tokens of its own', XLM, 't5', {'tokenizer_class': 'T5TokenizerFast', 'extra_ids': 1}),
    case('T5Tokenizer with a list of tokens', XLM, 't5', {'tokenizer_class': 'T5Tokenizer', 'additional_special_tokens': ['<extra_id_2>', 'zopa']}),
    case('no configuration, t5', XLM, 't5'),
    case('t5 under another class', XLM, 't5', {'tokenizer_class': 'PreTrainedTokenizerFast'}),
    case('T5Tokenizer, another eos_token', XLM, 't5', {'tokenizer_class': 'T5Tokenizer', 'eos_token': '<pad>', 'extra_ids': 0}),
]


def take_apart(path, folder):
    """The vocabulary of a tokenizer.json as vocab.json and merges.txt, or as vocab.txt."""
    model = json.load(open(path, encoding='utf-8'))['model']
    if model.get('merges') is None:
        pieces = sorted(model['vocab'], key=model['vocab'].get)
        open(f'{folder}/vocab.txt', 'w', encoding='utf-8').write(''.join(p + '\n' for p in pieces))
        return
    json.dump(model['vocab'], open(f'{folder}/vocab.json', 'w', encoding='utf-8'), ensure_ascii=False)
    merges = [m if isinstance(m, str) else ' '.join(m) for m in model['merges']]
    open(f'{folder}/merges.txt', 'w', encoding='utf-8').write('#version: 0.2\n' + ''.join(m + '\n' for m in merges))


def ids(case):
    with tempfile.TemporaryDirectory() as folder:
        if case.get('apart'):
            take_apart(f'{FIXTURES}/{case["base"]}/tokenizer.json', folder)
        else:
            shutil.copy(f'{FIXTURES}/{case["base"]}/tokenizer.json', folder)
        files = {'config': {'model_type': case['model_type']}, 'tokenizer_config': case['config'],
                 'special_tokens_map': case.get('special_tokens_map'), 'added_tokens': case.get('added_tokens')}
        for name, value in files.items():
            if value is not None:
                json.dump(value, open(f'{folder}/{name}.json', 'w'))
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        return [tokenizer(text)['input_ids'] for text in TEXTS]


def main():
    target = f'{FIXTURES}/tokenizer-settings'
    os.makedirs(target, exist_ok=True)
    rows = []
    for case in CASES:
        try:
            rows.append(json.dumps(case | {'ids': ids(case)}, ensure_ascii=False))
        except Exception as error:
            print(f'{case["name"]}: {type(error).__name__}: {error}')
    text = '{"texts": ' + json.dumps(TEXTS, ensure_ascii=False) + ', "cases": [\n' + ',\n'.join(rows) + '\n]}\n'
    open(f'{target}/cases.json', 'w').write(text)
    print(len(rows), 'cases')


main()
