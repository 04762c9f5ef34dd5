"""Tiny models in folders, made on the spot: what they know is put into them by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def encoder_folder(folder: Path, meanings: Mapping[str, Sequence[float]] | None, words: Sequence[str]) -> Path:
    """A BERT that passes word vectors through: a text's vector is the mean of its words' meanings.

    Args:
        folder: where it is saved.
        meanings: a vector of 32 numbers for each word; random ones for None.
        words: its vocabulary.
    """
    import torch
    from transformers import BertModel

    _vocabulary(folder, words)
    torch.manual_seed(0)
    model = BertModel(_config(words))
    if meanings is not None:
        with torch.no_grad():
            for layer in model.encoder.layer:
                for part in (layer.attention.output.dense, layer.output.dense):
                    part.weight.zero_()
                    part.bias.zero_()
            embeddings = model.embeddings
            embeddings.position_embeddings.weight.zero_()
            embeddings.token_type_embeddings.weight.zero_()
            embeddings.word_embeddings.weight.zero_()
            for place, word in enumerate(words, _SPECIAL):
                embeddings.word_embeddings.weight[place] = torch.tensor(meanings[word])
    model.save_pretrained(folder)
    return folder


def estimator_folder(folder: Path, words: Sequence[str], outputs: int = 1) -> Path:
    """A BERT with a regression head, of random weights."""
    import torch
    from transformers import BertForSequenceClassification

    _vocabulary(folder, words)
    torch.manual_seed(1)
    BertForSequenceClassification(_config(words, num_labels=outputs)).save_pretrained(folder)
    return folder


_SIGNS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SPECIAL = len(_SIGNS)


def _vocabulary(folder: Path, words: Sequence[str]) -> None:
    from transformers import BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join([*_SIGNS, *words]) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt"), strip_accents=False).save_pretrained(folder)


def _config(words: Sequence[str], **more: int):
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(words) + _SPECIAL,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        **more,
    )


def lid_file(file: Path, texts: Mapping[str, Sequence[str]]) -> Path:
    """A fastText model that labels texts, trained on these by label."""
    import fasttext

    lines = [f"__label__{label} {text}" for label, some in texts.items() for text in some]
    examples = file.with_suffix(".txt")
    examples.write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = fasttext.train_supervised(
        str(examples), dim=8, epoch=25, lr=0.5, minn=2, maxn=4, bucket=5000, thread=1, verbose=0
    )
    model.save_model(str(file))
    return file
