"""Run a classifier of the Hugging Face hub over opinions, and say its labels as ours."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from vocpipe.errors import ModelError
from vocpipe.ml import hub
from vocpipe.ml.devices import Device, check_cuda, has_cuda
from vocpipe.ml.heads import SENTIMENTS, VECTOR_SIZE, Layout, Predictions, decode, sigmoid, softmax
from vocpipe.ml.torch_backend import Budget, in_batches, to_device

LONGEST = 512
"""Tokens of an opinion at most; fewer when the classifier has fewer positions."""
NEVER = 2.0
"""Threshold that no probability reaches: what a classifier of the hub does not tell."""


class HubClassifier:
    """Give some heads of opinions, each read alone; the maps tell what its labels stand for, head by head.

    Raises `ModelError` when the classifier cannot be had or loaded. `threshold` is the probability from which an emotion or a flag is raised.
    """

    def __init__(self, model: str, maps: Mapping[str, hub.LabelMap], layout: Layout, threshold: float, threads: int = 1, device: Device = "auto") -> None:
        if device == "cuda":
            check_cuda()
        self._device = torch.device("cuda" if device == "cuda" or (device == "auto" and has_cuda()) else "cpu")
        if self._device.type == "cpu":
            torch.set_num_threads(threads)
        self._maps, self._layout, self._labels = maps, layout, hub.labels(model)
        self._load(model)
        self._thresholds = {
            "emotions": [threshold] * len(layout.emotions),
            "strong": [NEVER] * len(layout.emotions),
            "flags": [threshold] * len(layout.flags),
            "irritant": [NEVER],
        }
        self._budget = Budget.of(self._device.type)

    def _load(self, model: str) -> None:
        folder = hub.find(model)
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a run shows its own
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            network, told = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, output_loading_info=True
            )
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise ModelError(
                f"transformers cannot load {model}: {reason}", "choose a classifier that needs no code of its own, or a later transformers"
            ) from error
        if told["missing_keys"]:
            raise ModelError(f"{model} has no weights for {', '.join(sorted(told['missing_keys'])[:3])}", "choose a model that was trained to classify")
        if self._tokenizer.pad_token_id is None:
            raise ModelError(f"the tokenizer of {model} has no piece to pad with", "choose a classifier made from an encoder, such as CamemBERT")
        positions = getattr(network.config, "max_position_embeddings", LONGEST)
        self._longest = min(LONGEST, self._tokenizer.model_max_length, positions - 2 if positions else LONGEST)  # RoBERTa's first position is pad + 1
        self._several = network.config.problem_type == "multi_label_classification"
        self._network = network.to(self._device).eval()

    def predict(self, pieces: Sequence[str]) -> Predictions:
        """Return the predictions of opinions given as texts; heads that the maps do not name hold nothing, vectors are null."""
        answers = self._logits(pieces)
        logits = np.zeros((len(pieces), self._layout.size), np.float32)
        for head, named in self._maps.items():
            logits[:, self._layout.slices[head]] = self._head(head, named, answers)
        return decode(logits, np.zeros((len(pieces), VECTOR_SIZE), np.float32), self._layout, self._thresholds)

    def _logits(self, pieces: Sequence[str]) -> np.ndarray:
        """Return the classifier's own logits, opinions × its labels."""
        found = np.zeros((len(pieces), len(self._labels)), np.float32)
        if pieces:
            encoded = self._tokenizer(list(pieces), truncation=True, max_length=self._longest)["input_ids"]
            answers = list(in_batches(list(enumerate(encoded)), lambda item: len(item[1]), self._budget, self._run))
            for places, logits in answers:
                found[places] = logits.float().cpu().numpy()
        return found

    def _run(self, items: Sequence[tuple[int, list[int]]]) -> tuple[list[int], torch.Tensor]:
        padded = self._tokenizer.pad({"input_ids": [ids for _, ids in items]}, return_tensors="np")
        given = {name: to_device(padded[name], self._device) for name in ("input_ids", "attention_mask")}
        with torch.inference_mode(), torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._device.type == "cuda"):
            logits: torch.Tensor = self._network(**given).logits
        return [place for place, _ in items], logits

    def _head(self, head: str, named: hub.LabelMap, answers: np.ndarray) -> np.ndarray:
        """Return logits of ours, opinions × labels of the head, whose softmax or sigmoid gives the probabilities of what the classifier's labels stand for."""
        ours = self._ours(head)
        several = head in hub.RAISED and self._several
        theirs = sigmoid(answers) if several else softmax(answers)
        together = np.zeros((len(answers), len(ours)), np.float32)
        for place, label in enumerate(self._labels):
            if label in named and named[label] in ours:
                column = ours.index(named[label])
                together[:, column] = np.maximum(together[:, column], theirs[:, place]) if several else together[:, column] + theirs[:, place]
        together = together.clip(1e-7, 1 - 1e-7)
        odds: np.ndarray = np.log(together) if head in hub.CHOICES else np.log(together) - np.log1p(-together)
        return odds

    def _ours(self, head: str) -> tuple[int | str | None, ...]:
        places = {"emotions": self._layout.emotions, "step": self._layout.steps, "theme": (*self._layout.themes, None), "flags": self._layout.flags}
        return SENTIMENTS if head == "sentiment" else places[head]
