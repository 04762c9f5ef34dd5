"""A pretrained encoder from a local folder, fine-tuned per fold on partial inputs.

Any checkpoint that transformers' `AutoModel` opens will do. Every option is read after its context, if the input
has one; the mean of the last hidden states goes through one linear layer of our own, and a softmax over the item's
options is fitted to the key. Nothing is downloaded: the folder holds configuration, weights and tokeniser.

It brings knowledge that the texts alone cannot teach, so it finds shortcuts that learners trained from scratch
cannot. It is also slow: each labelling needs inputs times folds times seeds fine-tunings. It is tested only with
199 refits or more; otherwise its result is reported as an effect with a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from qc.models.checkpoint import opened
from qc.models.features import PARTS, Features, InputName
from qc.models.ranker import cues_of, measured
from qc.set_statistics.layer_statistics import Measured
from qc.set_statistics.options import Floats, Ints, Options

INPUTS: tuple[InputName, ...] = ("options", "question+options", "passage+options")
EPOCHS = 3
BATCH = 16
RATE = 2e-5
WARM = 0.1
LENGTH = 512


class Encoder:
    """A checkpoint prepared for one language's texts; see `qc.set_statistics.layer_statistics.Prepared`.

    Args:
        options: one language.
        folds: (n items,); -1 is always trained on and never held out.
        folder: of the checkpoint.
        device: `cpu`, `cuda`, ….
        inputs: what it sees; inputs whose texts the set lacks are left out. Shuffled inputs are not supported.
        seeds: how many fine-tunings are averaged.
        rate: the highest learning rate.

    Raises:
        UsageError: the folder is not a checkpoint, or transformers is not installed.
    """

    studentised = False

    def __init__(
        self,
        options: Options,
        folds: Ints,
        folder: str,
        device: str = "cpu",
        inputs: Sequence[InputName] = INPUTS,
        seeds: int = 1,
        rate: float = RATE,
    ) -> None:
        self.options, self.folds, self.device, self.seeds, self.rate = options, folds, device, seeds, rate
        self._tokeniser, model = opened(folder, "--encoder")
        features = Features(options)
        self.inputs = tuple(name for name in inputs if all(map(features.has, PARTS[name])))
        self.cues = cues_of(self.inputs, f"the encoder {Path(folder).name}")
        self._model = model.to(device)
        self._start = {name: value.clone() for name, value in self._model.state_dict().items()}
        self._head = torch.nn.Linear(model.config.hidden_size, 1).to(device)
        most = getattr(self._tokeniser, "model_max_length", LENGTH)
        self._length = min(most, getattr(model.config, "max_position_embeddings", most), LENGTH)

    def measure(self, labellings: Ints) -> Measured:
        """Return accuracy and margin per input, with encoders fine-tuned separately for every labelling."""
        return measured(self.options, (torch.from_numpy(scores) for scores in self.scores(labellings)), labellings)

    def scores(self, labellings: Ints) -> Floats:
        """Return held-out log-probabilities, averaged over seeds, centred within items: (inputs, n options, L)."""
        made = np.zeros((len(self.inputs), len(self.options.item_of), labellings.shape[1]), np.float32)
        for place, name in enumerate(self.inputs):
            texts = self._texts(name)
            for number, keys in enumerate(labellings.T):
                for fold in np.unique(self.folds[self.folds >= 0]):
                    held = np.flatnonzero(self.folds == fold)
                    rest = np.flatnonzero(self.folds != fold)
                    for seed in range(self.seeds):
                        self._tune(texts, keys, rest, seed)
                        for items, logs in self._read(texts, held):
                            at = np.isin(self.options.item_of, items)
                            made[place, at, number] += logs / self.seeds
        return np.stack([self.options.centred(one) for one in made])

    def _texts(self, name: InputName) -> list[tuple[str, ...]]:
        """Return the texts read for each option: the context, if there is one, and the option."""
        items = self.options.items
        passage = [text if isinstance(text, str) else "" for text in items["passage"]]
        question = [text or "" for text in items["question"]]
        parts = {"question+options": [question], "passage+options": [passage], "full": [passage, question]}
        contexts = [" ".join(texts) for texts in zip(*parts[name], strict=True)] if name in parts else None
        pairs = zip(self.options.item_of, self.options.texts, strict=True)
        return [(option,) if contexts is None else (contexts[item], option) for item, option in pairs]

    def _tune(self, texts: list[tuple[str, ...]], keys: Ints, items: Ints, seed: int) -> None:
        """Fine-tune from the checkpoint on some items."""
        self._model.load_state_dict(self._start)
        generator = torch.Generator().manual_seed(seed)
        width = self._head.in_features
        with torch.no_grad():
            self._head.weight.copy_(torch.randn(1, width, generator=generator) / width**0.5)
            self._head.bias.zero_()
        weights = [*self._model.parameters(), *self._head.parameters()]
        optimiser = torch.optim.AdamW(weights, lr=self.rate, weight_decay=0.01)
        batches = -(-len(items) // BATCH)
        steps, warm = EPOCHS * batches, max(round(WARM * EPOCHS * batches), 1)
        self._model.train()
        with torch.random.fork_rng(devices=self._own_devices()):
            torch.manual_seed(seed)  # of the dropout
            for step in range(steps):
                if step % batches == 0:
                    order = items[torch.randperm(len(items), generator=generator).numpy()]
                share = min((step + 1) / warm, (steps - step) / (steps - warm + 1))
                optimiser.param_groups[0]["lr"] = self.rate * share
                batch = np.sort(order[step % batches :: batches])
                logs, first = self._logs(texts, batch)
                at_keys = torch.from_numpy(keys[batch] - self.options.starts[batch] + first).to(self.device)
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(-logs[at_keys].mean())
                torch.nn.utils.clip_grad_norm_(weights, 1.0)
                optimiser.step()

    def _read(self, texts: list[tuple[str, ...]], items: Ints) -> Iterator[tuple[Ints, Floats]]:
        self._model.eval()
        with torch.no_grad():
            for begin in range(0, len(items), 4 * BATCH):
                batch = items[begin : begin + 4 * BATCH]
                yield batch, self._logs(texts, batch)[0].float().cpu().numpy()

    def _logs(self, texts: list[tuple[str, ...]], items: Ints) -> tuple[torch.Tensor, Ints]:
        """Return the items' options' log-probabilities in one row, and the index of each item's first option."""
        places = np.flatnonzero(np.isin(self.options.item_of, items))
        columns = [list(column) for column in zip(*(texts[place] for place in places), strict=True)]
        coded = self._tokeniser(
            *columns,
            padding=True,
            truncation=True,  # of the longer text, which is the context
            max_length=self._length,
            return_tensors="pt",
        ).to(self.device)
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, enabled=self.device != "cpu"):
            hidden = self._model(**coded).last_hidden_state
            seen = coded["attention_mask"][:, :, None].to(hidden.dtype)
            scores = self._head((hidden * seen).sum(dim=1) / seen.sum(dim=1))[:, 0].float()
        sizes = self.options.sizes[items]
        parts = torch.split(scores, sizes.tolist())
        return torch.cat([torch.log_softmax(part, dim=0) for part in parts]), np.cumsum(sizes) - sizes

    def _own_devices(self) -> list[torch.device]:
        return [torch.device(self.device)] if self.device.startswith("cuda") else []
