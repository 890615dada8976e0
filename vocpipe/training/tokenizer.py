"""Train the subword tokenizer on customers' text."""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from vocpipe.ml.tokens import SPECIAL_TOKENS


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Return a byte-pair tokenizer of `size` pieces, without capitals and accents.

    Customers write "dégoûtée", "degoutee" and "DÉGOUTÉE" for the same word: one spelling for the three lets a small model
    learn more from little text. Capitals that shout are kept as a token of their own, see `vocpipe.ml.tokens`. Every digit stands alone.
    """
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="first"),
            pre_tokenizers.Split(Regex(r"\d|[^\w\s▁]"), behavior="isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=5, limit_alphabet=600, special_tokens=list(SPECIAL_TOKENS), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
