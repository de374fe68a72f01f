"""A transformer encoder by onnxruntime: a tokenizer and a graph, one text a run.

Nothing is padded. An int8 graph scales whatever runs together by one number, so in a batch a text's
vector would depend on its neighbours (cosine .99 with all-MiniLM-L6-v2 in int8); alone it is always the
same. On one thread a batch of passages is no faster than one after another.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedders._files import Files
from rag.embedders._library import library
from rag.errors import ConfigError

MAX_CHARACTERS = 16_000  # of a text, before it is tokenised: four times what the longest input holds
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_UNKNOWN = ("[UNK]", "<unk>")


class Encoder:
    """Safe to share between threads. The files are read when the first text comes."""

    def __init__(self, files: Files, *, most_tokens: int, threads: int = 1) -> None:
        self._files = files
        self._most_tokens = most_tokens
        self._threads = threads

    def tokens(self, text: str, pair: str | None = None) -> Any:
        """The text's tokens, or the pair's; what is too long is cut, of a pair the longer one first.

        What looks like a special token in a text is text.
        """
        cut = None if pair is None else pair[:MAX_CHARACTERS]
        return self._tokenizer.encode(text[:MAX_CHARACTERS], cut)

    def run(self, tokens: Any) -> NDArray[np.float32]:
        """The graph's first output for one text: a row a token, or the labels' logits."""
        values = (tokens.ids, tokens.attention_mask, tokens.type_ids)
        given = {name: np.array([value], np.int64) for name, value in zip(_INPUTS, values, strict=True)}
        session = self._session
        found = session.run([session.get_outputs()[0].name], {name: given[name] for name in self._inputs})
        output: NDArray[np.float32] = np.asarray(found[0][0], np.float32)
        return output

    def is_known(self, tokens: Any) -> bool:
        """True when the vocabulary holds at least one token of the text itself."""
        unknown = self._unknown
        own = zip(tokens.ids, tokens.special_tokens_mask, strict=True)
        return any(not special and token != unknown for token, special in own)

    @cached_property
    def width(self) -> int:
        """The last axis of the output: the hidden size, or the number of labels."""
        last = self._session.get_outputs()[0].shape[-1]
        if not isinstance(last, int):
            raise ConfigError(
                f"{self._files.graph}: the first output has no fixed width",
                hint="export it as a feature extractor or a sequence classifier",
            )
        return last

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizers = library("tokenizers", extra="onnx")
        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(self._files.tokenizer))
        except Exception as error:
            raise ConfigError(
                f"{self._files.tokenizer} is no tokenizer: {_first_line(error)}", hint="copy the file again"
            ) from error
        tokenizer.no_padding()  # repositories ship files that pad, and that cut at half the length
        tokenizer.enable_truncation(self._most_tokens)
        tokenizer.encode_special_tokens = True
        return tokenizer

    @cached_property
    def _unknown(self) -> int | None:
        found = (self._tokenizer.token_to_id(token) for token in _UNKNOWN)
        return next((number for number in found if number is not None), None)

    @cached_property
    def _inputs(self) -> list[str]:
        """The inputs that the graph has; not every kind of model knows token types."""
        names = [given.name for given in self._session.get_inputs()]
        if strange := set(names) - set(_INPUTS):
            raise ConfigError(
                f"{self._files.graph} wants {', '.join(sorted(strange))}",
                hint=f"a graph with the inputs {', '.join(_INPUTS)} is needed",
            )
        return names

    @cached_property
    def _session(self) -> Any:
        runtime = library("onnxruntime", extra="onnx")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # every text has its own length; the arena would keep them all
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return runtime.InferenceSession(
                str(self._files.graph), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ConfigError(
                f"{self._files.graph} cannot be loaded: {_first_line(error)}", hint="copy the file again"
            ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
