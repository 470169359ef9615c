"""Strings that tokenizers disagree about: mixed scripts, code, emoji, broken white space, control characters."""

import random

WORDS = ["the", "The", "THE", "can't", "we'll", "I'd", "naïve", "Straße", "façade", "안녕하세요", "대한민국의", "수도는", "こんにちは",
         "東京都", "北京", "мир", "Привет", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "don’t", "x86_64", "3.14159", "1,234,567",
         "0xDEADBEEF", "e\u0301", "n\u0303", "Å", "ﬁ", "Ⅷ", "½", "²", "①", "٣", "\u200d", "\ufeff", "\u00ad"]
CODE = ["def f(x):\n    return x**2\n", "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}\n", "SELECT * FROM t WHERE a='b';",
        "<div class=\"x\">&nbsp;</div>", "#include <vector>\r\n", "git commit -m 'wip'", "{\"a\": [1, 2.5e-3, null]}", "\\frac{a}{b}",
        "https://example.org/a?b=c&d=%20", "->", "=>", "!=", "::", "///", "````", "===", "<|im_start|>user\n", "<|im_end|>"]
EMOJI = ["🙂", "👩\u200d💻", "🇰🇷", "👍🏽", "❤️", "🏳️\u200d🌈"]
SPACES = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n", "\n ", "\u00a0", "\u3000", "\u2028", "\v", "\f", "\x85", ""]


def one_string(source):
    parts = []
    for _ in range(source.randint(0, 12)):
        kind = source.random()
        if kind < 0.5:
            parts.append(source.choice(WORDS))
        elif kind < 0.65:
            parts.append(source.choice(CODE))
        elif kind < 0.72:
            parts.append(source.choice(EMOJI))
        elif kind < 0.8:
            parts.append(str(source.randrange(10 ** source.randint(1, 9))))
        elif kind < 0.9:
            parts.append("".join(chr(source.randrange(0x20, 0x7f)) for _ in range(source.randint(1, 10))))
        elif kind < 0.98:
            parts.append("".join(chr(source.randrange(0xa0, 0xd7ff)) for _ in range(source.randint(1, 6))))
        else:
            parts.append(chr(source.randrange(0x10000, 0x110000)))
        parts.append(source.choice(SPACES))
    return "".join(parts)


def strings(count, seed=1):
    source = random.Random(seed)
    return [one_string(source) for _ in range(count)]
