"""A plugin of pytest for Bindings/python/tests/upstream: the names that tests import are Martlet's classes.

A test that needs a file of the hub, or the inside of the other library, is deselected with its reason; their counts are printed."""
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import fastembed
import sentence_transformers

from martlet import fastembed as fast
from martlet import sentence_transformers as face

FIXTURES = Path(os.environ["MARTLET_FIXTURES"])
HUB = Path(os.environ["HF_HUB_CACHE"])
#: Small models that stand for those of the hub, with weights drawn at random unless MARTLET_UPSTREAM_MODEL names another folder.
STAND_INS = {
    "sentence-transformers-testing/stsb-bert-tiny-safetensors": os.environ["MARTLET_UPSTREAM_MODEL"] or FIXTURES / "models/bert-mini",
    "cross-encoder-testing/reranker-bert-tiny-gooaq-bce": FIXTURES / "classifiers/bert-cross",
    "cross-encoder/nli-MiniLM2-L6-H768": FIXTURES / "classifiers/bert-labels",
}
#: Tests of what Martlet does not have, by a word of their name or source.
INSIDE = {
    "the inside of the other library": (
        r"test_session_options|test_quantized_model_reports|_stem\b|test_stem_|Bm25\(|last_token_pooling|modules=|model\[|\.half\(|transformers_model|"
        r"get_model_kwargs|forward|preprocess|\.processor|\.tokenizer|torch_dtype=|test_torch_dtype|ImageEmbedding|"
        r"default_pooling_mode|_parse_model_config|similarity_fn_name_rejects|routes_through|is_singular_input|chat_template|processing_kwargs|"
        r"activation_fn_from|default_activation_fn|classifier_dropout|num_labels_fresh|args_decorator|logger_warning|test_conversion"),
    "training, saving, adapters or the hub": r"\.save|save_pretrained|push_to_hub|adapter|peft|revision|safe_serialization|load_with_",
    "images, GPUs or other numbers": r"test_clip|cuda|bfloat16|fp16",
    "token embeddings": r"token_embeddings|output_value=None",
    "a model of the hub": (
        r"bge-small-en-v1.5|Splade_PP|minicoil|neural-sparse|answerai|colbertv2|jina-colbert|ms-marco-MiniLM|distilroberta|Qwen|bge-reranker|"
        r"test_single_embedding|test_query_embedding|test_if_splade|test_embedding_size|stsb-distil"),
}
counts = Counter()


class SentenceTransformer(face.SentenceTransformer):
    """The face, with what the tests' own set-up writes to."""

    model_card_data = SimpleNamespace()
    SUPPORTED_SIMILARITY_FN_NAMES = ["cosine", "dot", "euclidean", "manhattan"]


class CrossEncoder(face.CrossEncoder):
    model_card_data = SimpleNamespace()


def stand_in():
    for name, folder in STAND_INS.items():
        place = HUB / f"models--{name.replace('/', '--')}"
        (place / "refs").mkdir(parents=True)
        (place / "refs/main").write_text("0" * 40)
        shutil.copytree(folder, place / "snapshots" / ("0" * 40))


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
    stand_in()
replace()


def reason(item):
    import inspect

    source = item.name + re.sub(r"#.*", "", inspect.getsource(item.function))
    parameters = getattr(item, "callspec", SimpleNamespace(params={})).params
    if parameters.get("output_value", "sentence_embedding") != "sentence_embedding":
        return "token embeddings"
    return next((why for why, words in INSIDE.items() if re.search(words, source)), None)


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
        terminalreporter.write_line(f"not for Martlet: {count} tests of {why}")
