"""A BERT of a few kilobytes with weights of chance: the files an encoder loads, and what it must say of them.

`write` lays out a folder as model repositories have it; `hidden` computes the same network in NumPy, in
double precision, from the same weights. As in a repository, the tokenizer's file asks for padding and for
a truncation that is not the model's, which whoever loads it has to undo.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

LAYERS, HEADS, HIDDEN, INNER, POSITIONS = 2, 2, 16, 32, 160
EPSILON = 1e-12
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = (
    "annual leave is twenty days ten per year the travel expenses are paid in euros query passage : ? "
    "年 假 每 十 天 差 旅 费 用 报 销 多 少 ， 。 ？ a b ##a ##b"
).split()
VOCABULARY = {token: number for number, token in enumerate((*SPECIAL, *WORDS))}

Weights = Mapping[str, NDArray[np.float64]]


def weights(*, labels: int = 0, seed: int = 7) -> dict[str, NDArray[np.float64]]:
    """Weights by name; with `labels` a classifier over the first token too."""
    chance = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray[np.float64]:
        return chance.normal(0.0, 0.3, shape).astype(np.float32).astype(np.float64)

    made = {"words": some(len(VOCABULARY), HIDDEN), "places": some(POSITIONS, HIDDEN) / 3}
    made |= {"types": some(2, HIDDEN), "norm.w": 1 + some(HIDDEN) / 3, "norm.b": some(HIDDEN) / 3}
    for n in range(LAYERS):
        for part, inner, outer in _DENSE:
            made |= {f"{n}.{part}.w": some(inner, outer), f"{n}.{part}.b": some(outer)}
        for part in ("after", "last"):
            made |= {f"{n}.{part}.w": 1 + some(HIDDEN) / 3, f"{n}.{part}.b": some(HIDDEN) / 3}
    # Training brings the two prefixes of E5 near to each other.
    made["words"][VOCABULARY["passage"]] = made["words"][VOCABULARY["query"]] + some(HIDDEN) / 10
    if labels:
        made |= {"head.w": 3 * some(HIDDEN, labels), "head.b": some(labels)}
    return made


_DENSE = (
    ("query", HIDDEN, HIDDEN),
    ("key", HIDDEN, HIDDEN),
    ("value", HIDDEN, HIDDEN),
    ("out", HIDDEN, HIDDEN),
    ("up", HIDDEN, INNER),
    ("down", INNER, HIDDEN),
)


def ids(*parts: str) -> tuple[list[int], list[int]]:
    """Token ids and token types of one text or of a pair, words set apart by blanks."""
    tokens, types = [VOCABULARY["[CLS]"]], [0]
    for kind, part in enumerate(parts):
        found = [VOCABULARY.get(word, VOCABULARY["[UNK]"]) for word in part.split()]
        tokens += [*found, VOCABULARY["[SEP]"]]
        types += [kind] * (len(found) + 1)
    return tokens, types


def hidden(w: Weights, tokens: Sequence[int], types: Sequence[int]) -> NDArray[np.float64]:
    """The last layer, a row a token (Devlin et al. 2019)."""
    x = w["words"][list(tokens)] + w["places"][: len(tokens)] + w["types"][list(types)]
    x = _norm(x, w, "norm")
    for n in range(LAYERS):
        query, key, value = (
            _dense(x, w, f"{n}.{part}").reshape(len(tokens), HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS)
        seen = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen /= seen.sum(axis=-1, keepdims=True)
        mixed = (seen @ value).transpose(1, 0, 2).reshape(len(tokens), HIDDEN)
        x = _norm(x + _dense(mixed, w, f"{n}.out"), w, f"{n}.after")
        up = _dense(x, w, f"{n}.up")
        up = up * 0.5 * (1 + np.vectorize(math.erf)(up / math.sqrt(2)))
        x = _norm(x + _dense(up, w, f"{n}.down"), w, f"{n}.last")
    return x


def logits(w: Weights, question: str, text: str) -> NDArray[np.float64]:
    """What the classifier says of a pair."""
    return hidden(w, *ids(question, text))[0] @ w["head.w"] + w["head.b"]


def _dense(x: NDArray[np.float64], w: Weights, name: str) -> NDArray[np.float64]:
    return x @ w[f"{name}.w"] + w[f"{name}.b"]


def _norm(x: NDArray[np.float64], w: Weights, name: str) -> NDArray[np.float64]:
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    return centred / scale * w[f"{name}.w"] + w[f"{name}.b"]


def write(folder: Path, w: Weights, *, graph: str = "onnx/model.onnx") -> Path:
    """The folder, with `tokenizer.json` and the graph."""
    path = folder / graph
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(build(w), str(path))
    _tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def known_to_fastembed(folder: Path) -> str:
    """The name under which the library fastembed knows the folder's model from now on."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    about = {"config": {"pad_token_id": 0}, "special_tokens_map": {"pad_token": "[PAD]"}}
    about["tokenizer_config"] = {"model_max_length": 128, "pad_token": "[PAD]"}
    for file, content in about.items():
        (folder / f"{file}.json").write_text(json.dumps(content))
    name = f"tiny/{folder.name}"
    TextEmbedding.add_custom_model(name, PoolingType.MEAN, True, ModelSource(hf=name), dim=HIDDEN)
    return name


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(VOCABULARY, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, VOCABULARY[token]) for token in ("[CLS]", "[SEP]")],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=128)
    return tokenizer


def build(w: Weights) -> Any:
    """The network as an ONNX model. A graph without `types` leaves that input out."""
    graph = _Graph(w)
    x = graph.add("Gather", "words", "input_ids")
    x = graph.add("Add", x, graph.places())
    x = graph.norm(graph.add("Add", x, graph.add("Gather", "types", "token_type_ids")), "norm")
    mask = graph.mask()
    for n in range(LAYERS):
        x = graph.layer(x, mask, n)
    output = ("last_hidden_state", ["batch", "tokens", HIDDEN])
    if "head.w" in w:
        first = graph.add("Gather", x, graph.constant(np.array(0)), axis=1)
        x, output = graph.dense(first, "head"), ("logits", ["batch", w["head.w"].shape[1]])
    return graph.model(x, output)


class _Graph:
    """Nodes and constants as they are added; each call gives the name of its result."""

    def __init__(self, w: Weights) -> None:
        self._nodes: list[Any] = []
        self._constants = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in w.items()]

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        name = f"r{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def places(self) -> str:
        """The rows of the first positions, as many as there are tokens."""
        length = self.add("Gather", self.add("Shape", "input_ids"), self.constant(np.array([1])))
        return self.add("Slice", "places", self.constant(np.array([0])), length, self.constant(np.array([0])))

    def mask(self) -> str:
        """Nought where there is a token, and very little where there is padding."""
        real = self.add("Cast", "attention_mask", to=TensorProto.FLOAT)
        real = self.add("Unsqueeze", real, self.constant(np.array([1, 2])))
        missing = self.add("Sub", self.constant(np.array(1, np.float32)), real)
        return self.add("Mul", missing, self.constant(np.array(-1e9, np.float32)))

    def dense(self, x: str, name: str) -> str:
        return self.add("Add", self.add("MatMul", x, f"{name}.w"), f"{name}.b")

    def norm(self, x: str, name: str) -> str:
        return self.add("LayerNormalization", x, f"{name}.w", f"{name}.b", axis=-1, epsilon=EPSILON)

    def layer(self, x: str, mask: str, n: int) -> str:
        query, value = (self._heads(x, f"{n}.{part}", [0, 2, 1, 3]) for part in ("query", "value"))
        scores = self.add("MatMul", query, self._heads(x, f"{n}.key", [0, 2, 3, 1]))
        scale = self.constant(np.array(1 / math.sqrt(HIDDEN // HEADS), np.float32))
        seen = self.add("Softmax", self.add("Add", self.add("Mul", scores, scale), mask), axis=-1)
        mixed = self.add("Transpose", self.add("MatMul", seen, value), perm=[0, 2, 1, 3])
        mixed = self.add("Reshape", mixed, self.constant(np.array([0, 0, HIDDEN])))
        x = self.norm(self.add("Add", x, self.dense(mixed, f"{n}.out")), f"{n}.after")
        down = self.dense(self._gelu(self.dense(x, f"{n}.up")), f"{n}.down")
        return self.norm(self.add("Add", x, down), f"{n}.last")

    def _heads(self, x: str, name: str, order: list[int]) -> str:
        shape = self.constant(np.array([0, 0, HEADS, HIDDEN // HEADS]))
        return self.add("Transpose", self.add("Reshape", self.dense(x, name), shape), perm=order)

    def _gelu(self, x: str) -> str:
        part = self.add("Erf", self.add("Mul", x, self.constant(np.array(math.sqrt(0.5), np.float32))))
        part = self.add("Add", part, self.constant(np.array(1, np.float32)))
        return self.add("Mul", self.add("Mul", x, part), self.constant(np.array(0.5, np.float32)))

    def model(self, result: str, output: tuple[str, list[Any]]) -> Any:
        names = ("input_ids", "attention_mask", "token_type_ids")
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in names]
        name, shape = output
        self._nodes.append(helper.make_node("Identity", [result], [name]))
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self._nodes, "tiny", inputs, outputs, self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
