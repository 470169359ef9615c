"""What every template needs: the record of a question, particles and articles, the held-out rule."""

import zlib
from collections import namedtuple

HOLDOUT = 25

# kind: family of the question; lang: "en"/"ko"; answers: every accepted full answer;
# key: the bare answer; thought: short reasoning (may be "")
QA = namedtuple("QA", "kind lang question answers key thought")


def final_consonant(word):
    """True when the word ends in a final consonant (digits by their Korean reading)."""
    c = word[-1]
    if c.isdigit():
        return c in "013678"
    return 0xAC00 <= ord(c) <= 0xD7A3 and (ord(c) - 0xAC00) % 28 != 0


def j(word, pair):
    """Append the Korean particle that fits: pair is 'with/without' a final consonant."""
    with_final, without = pair.split("/")
    word = str(word)
    return word + (with_final if final_consonant(word) else without)


def an(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def cap(text):
    return text[0].upper() + text[1:]


def noun(n, obj):
    return f"{n} {obj[0] if n == 1 else obj[1]}"


def count_ko(n, obj):
    return f"{n}{obj[3]}"


def normalise(text):
    return "".join(c for c in text.casefold() if c.isalnum() or c in "+-")


def held_out(text):
    return zlib.crc32(normalise(text).encode()) % HOLDOUT == 0


def weighted(r, table):
    return r.choices([f for f, _ in table], [w for _, w in table])[0]
