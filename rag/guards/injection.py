"""A score 0..1 for text that talks to the model instead of to the reader, English and Chinese.

Indirect injections often have no such words: a low score promises nothing.
"""

import re

from rag.guards.normalise import carries_hidden, matchable

SUSPICIOUS = 0.5
_ORDERS = r"(?:instruction|direction|directive|rule|prompt|guideline|command|context|message|training)s?"
# (weight, words one of which must occur, pattern); all in small letters. The words are there for speed.
_FAMILIES: tuple[tuple[float, str, str], ...] = (
    (
        0.9,
        "ignor disregard forget overrid bypass neglect",
        r"\b(?:ignor|disregard|forget|overrid|bypass|neglect)\w{0,4}\b[^.\n]{0,30}\b(?:previous|prior|above|earlier"
        rf"|all|your|preceding|initial|system|those|these|any)\b[^.\n]{{0,30}}\b{_ORDERS}\b",
    ),
    (
        0.9,
        "忽略 无视 忘记 忘掉 不要理会 跳过 绕过",
        r"(?:忽略|无视|忘记|忘掉|不要理会|跳过|绕过)[^。\n]{0,16}(?:指令|指示|说明|规则|提示|要求|资料|内容|设定|限制)",
    ),
    (
        0.8,
        "prompt instruction rules guideline secret password",
        r"\b(?:reveal|print|show|repeat|output|tell|give|leak|display|translate|disclose)\b[^.\n]{0,40}"
        r"\b(?:system|initial|hidden|secret|original|your)\b[^.\n]{0,12}"
        rf"\b(?:{_ORDERS}|secret key|password)\b",
    ),
    (0.8, "提示 指令", r"系统提示|初始指令|系统指令|提示词|开发者指令|隐藏指令|原始指令"),
    (
        0.7,
        "you are do anything",
        r"\byou are (?:now|no longer|going to (?:be|act))\b[^.\n]{0,60}\b(?:ai|dan|assistant|model|bot|mode"
        r"|unrestricted|application|persona|character)\b|\bdo anything now\b",
    ),
    (
        0.7,
        "从现在起 你现在 你不再 现在做任何事",
        r"从现在起[^。\n]{0,12}(?:你|不再)|你(?:现在|不再)是[^。\n]{0,20}(?:助手|客服|模型|ai|dan|程序)|现在做任何事",
    ),
    (
        0.6,
        "mode system assistant im_start inst",
        r"\b(?:developer|god|debug|maintenance|override|system|admin|sudo|root|dan|unrestricted)[ _-]mode\b"
        r"|[<\[]\s?(?:\|?system|\|?im_start|inst)[ _a-z]{0,12}[|\]>]"
        r"|^\s{0,8}(?:#{3}\s?)?(?:system|assistant)\s?:",
    ),
    (
        0.6,
        "模式 我是",
        r"(?:系统|维护|开发者|覆盖|调试|管理员|上帝)模式|我是(?:上帝|你的(?:开发者|主人|管理员|创造者))",
    ),
    (
        0.6,
        "assistant chatbot model ai llm",
        r"\b(?:ais?|llms?|language models?|assistants?|chatbots?)\b[^.\n]{0,30}\b(?:reading this"
        r"|processing this|must (?:say|tell|answer|reply|ignore)|tell the user)",
    ),
    (
        0.6,
        "ai 人工智能 模型 助手",
        r"(?:ai|人工智能|模型|助手)[^。\n]{0,12}(?:读到|看到|请告诉|应当回答)|仅供\s?ai",
    ),
    (
        0.5,
        "restriction limitation filter censor ethical moral confines",
        r"\b(?:no|without|free (?:from|of)|not bound by|don't have to (?:abide|follow))\b[^.\n]{0,20}"
        r"\b(?:restrictions?|limitations?|filters?|censorship|ethical|moral|confines|rules set)\b",
    ),
    (0.5, "secret 秘密 口令", r"\b(?:your|the) secret (?:key|string|code|password)\b|你的(?:秘密|口令)"),
)
_PATTERNS = tuple(
    (weight, tuple(words.split()), re.compile(pattern, re.MULTILINE)) for weight, words, pattern in _FAMILIES
)
_MOST = 20_000  # characters that are looked at


def score(text: str) -> float:
    """How much the text looks like an attempt to give orders to the model."""
    hidden = 0.6 if carries_hidden(text) else 0.0
    seen = matchable(text[:_MOST]).lower()
    calm = 1.0 - hidden
    for weight, words, pattern in _PATTERNS:
        for word in words:
            if word in seen:
                calm *= 1.0 - weight if pattern.search(seen) else 1.0
                break
    return round(1.0 - calm, 3)
