"""A language model of some hundred kilobytes with random weights: nonsense, in any form that a grammar asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LAYERS, WIDTH, HEADS, KEY_HEADS, HIDDEN, CONTEXT = 1, 32, 4, 2, 64, 4096


def write_tiny_gguf(path: Path, seed: int = 0) -> Path:
    """A llama with a vocabulary of bytes and printable characters."""
    vocabulary = _vocabulary()
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(vocabulary))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token for token, _, _ in vocabulary])
    writer.add_token_scores([score for _, score, _ in vocabulary])
    writer.add_token_types([kind for _, _, kind in vocabulary])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    _add_weights(writer, len(vocabulary), np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vocabulary() -> list[tuple[bytes, float, int]]:
    kinds = gguf.TokenType
    special = [(name, 0.0, int(kinds.CONTROL)) for name in (b"<s>", b"</s>")]
    raw = [(f"<0x{value:02X}>".encode(), 0.0, int(kinds.BYTE)) for value in range(256)]
    marks = [(name, 0.0, int(kinds.CONTROL)) for name in (b"<|im_start|>", b"<|im_end|>")]
    letters = ["\u2581", "\n", *(chr(code) for code in range(33, 127))]
    printable = [(text.encode(), -float(rank), int(kinds.NORMAL)) for rank, text in enumerate(letters, 1)]
    return [(b"<unk>", 0.0, int(kinds.UNKNOWN)), *special, *raw, *marks, *printable]


def _add_weights(writer: Any, vocabulary: int, rng: np.random.Generator) -> None:
    def matrix(rows: int, columns: int) -> Any:
        return (rng.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    ones = np.ones(WIDTH, dtype=np.float32)
    narrow = WIDTH // HEADS * KEY_HEADS
    writer.add_tensor("token_embd.weight", matrix(vocabulary, WIDTH))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        shapes = {
            "attn_q": (WIDTH, WIDTH),
            "attn_k": (narrow, WIDTH),
            "attn_v": (narrow, WIDTH),
            "attn_output": (WIDTH, WIDTH),
            "ffn_gate": (HIDDEN, WIDTH),
            "ffn_up": (HIDDEN, WIDTH),
            "ffn_down": (WIDTH, HIDDEN),
        }
        writer.add_tensor(f"{block}attn_norm.weight", ones)
        writer.add_tensor(f"{block}ffn_norm.weight", ones)
        for name, shape in shapes.items():
            writer.add_tensor(f"{block}{name}.weight", matrix(*shape))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", matrix(vocabulary, WIDTH))
