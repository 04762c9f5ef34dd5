"""Make a tiny language model with random weights, its tokenizer beside it: python tiny_model.py FOLDER.

Its tokens are bytes, and a few whole answers that it says more often than bytes, so that what it generates can be
read as an answer now and then. Runs in a harness's own environment.
"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

ANSWERS = [f"ANSWER: {one}" for one in "ABCD1234กขคง"]

folder = Path(sys.argv[1])
tokens = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
tokenizer = Tokenizer(models.BPE(vocab={token: place for place, token in enumerate(tokens)}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
fast.add_tokens(ANSWERS)
fast.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
fast.model_max_length = 4096
fast.save_pretrained(folder)
# The class by the name that old and new releases of transformers know.
held = folder / "tokenizer_config.json"
held.write_text(json.dumps(json.loads(held.read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}))

torch.manual_seed(7)
model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        initializer_range=0.5,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
)
with torch.no_grad():
    model.lm_head.weight[-len(ANSWERS) :] *= 50
model.save_pretrained(folder)
