"""Questions about numbers: sums, comparing, counting, counting stories."""

from language import QA, cap, count_ko, j, noun
from words import DAYS_EN, DAYS_KO, MONTHS_EN, NUMBERS_EN, OBJECTS, PEOPLE_EN, PEOPLE_KO


def pick_sum(r):
    """One addition or subtraction with everything in 0..20: (a, sign, b, result)."""
    if r.random() < 0.5:
        total = r.randint(0, 20)
        a = r.randint(0, total)
        return a, "+", total - a, total
    a = r.randint(0, 20)
    b = r.randint(0, a)
    return a, "-", b, a - b


def qa_arithmetic(r, lang):
    if r.random() < 0.05:  # outside the known range
        a, b = r.randint(30, 999), r.randint(30, 999)
        if lang == "en":
            return QA(
                "too_big",
                lang,
                r.choice([f"What is {a} + {b}?", f"What is {a} times {b}?", f"{a} - {b} = ?"]),
                ["Sorry, these numbers are too big for me. I can only add and subtract up to 20."],
                "sorry",
                "",
            )
        return QA(
            "too_big",
            lang,
            r.choice([f"{a} + {j(b, '은/는')}?", f"{a} 곱하기 {j(b, '은/는')}?"]),
            ["미안해요, 숫자가 너무 커요. 저는 20까지만 더하고 뺄 수 있어요."],
            "미안해요",
            "",
        )
    a, s, b, n = pick_sum(r)
    if lang == "en":
        word = "plus" if s == "+" else "minus"
        if r.random() < 0.12:
            wa, wb, wn = NUMBERS_EN[a], NUMBERS_EN[b], NUMBERS_EN[n]
            q = r.choice([f"What is {wa} {word} {wb}?", f"{cap(wa)} {word} {wb}?"])
            return QA("arithmetic", lang, q, [f"{cap(wa)} {word} {wb} is {wn}."], wn, f"{a} {s} {b} = {n}.")
        q = r.choice(
            [
                f"What is {a} {s} {b}?",
                f"{a} {s} {b} = ?",
                f"{a}{s}{b}?",
                f"What is {a} {word} {b}?",
                f"How much is {a} {word} {b}?",
                f"Calculate {a} {s} {b}.",
                f"{a} {s} {b}",
                f"Add {a} and {b}." if s == "+" else f"Subtract {b} from {a}.",
            ]
        )
        return QA("arithmetic", lang, q, [f"{a} {s} {b} = {n}."], str(n), f"{a} {s} {b} = {n}.")
    word = "더하기" if s == "+" else "빼기"
    q = r.choice(
        [
            f"{a} {word} {j(b, '은/는')}?",
            f"{a} {word} {j(b, '은/는')} 얼마예요?",
            f"{a} {s} {j(b, '은/는')} 뭐야?",
            f"{a} {s} {b} 계산해 주세요.",
            f"{a}에 {j(b, '을/를')} 더하면?" if s == "+" else f"{a}에서 {j(b, '을/를')} 빼면?",
        ]
    )
    return QA(
        "arithmetic", lang, q, [f"{a} {word} {j(b, '은/는')} {j(n, '이에요/예요')}."], str(n), f"{a} {s} {b} = {n}."
    )


def qa_compare(r, lang):
    a, b = r.sample(range(0, 21), 2)
    big = r.random() < 0.6
    n = max(a, b) if big else min(a, b)
    m = a + b - n
    if lang == "en":
        word = "bigger" if big else "smaller"
        q = r.choice(
            [f"Which is {word}, {a} or {b}?", f"Which number is {word}: {a} or {b}?", f"What is {word}, {a} or {b}?"]
        )
        return QA("compare", lang, q, [f"{n} is {word} than {m}."], str(n), f"{min(a, b)} < {max(a, b)}.")
    word = "커요" if big else "작아요"
    q = r.choice([f"{j(a, '과/와')} {b} 중에 뭐가 더 {word}?", f"{a}하고 {b} 중에 어느 수가 더 {word}?"])
    return QA("compare", lang, q, [f"{j(n, '이/가')} {m}보다 더 {word}."], str(n), f"{min(a, b)} < {max(a, b)}.")


def qa_sequence(r, lang):
    if r.random() < 0.75:
        a = r.randint(0, 15)
        b = a + r.randint(2, min(8, 20 - a))
        up = r.random() < 0.75
        seq = list(range(a, b + 1)) if up else list(range(b, a - 1, -1))
        lo, hi = seq[0], seq[-1]
        text = ", ".join(map(str, seq)) + "."
        if lang == "en":
            q = r.choice(
                [f"Count from {lo} to {hi}.", f"Please count from {lo} to {hi}.", f"Can you count from {lo} to {hi}?"]
            )
        else:
            q = r.choice(
                [
                    f"{lo}부터 {hi}까지 세어 주세요.",
                    f"{lo}에서 {hi}까지 세어 봐.",
                    f"{lo}부터 {hi}까지 숫자를 말해 주세요.",
                ]
            )
        return QA("sequence", lang, q, [text], text[:-1], "")
    if lang == "en":
        if r.random() < 0.5:
            return QA(
                "sequence",
                lang,
                r.choice(["What are the days of the week?", "List the days of the week.", "Name the seven days."]),
                [", ".join(DAYS_EN) + "."],
                ", ".join(DAYS_EN),
                "",
            )
        return QA(
            "sequence",
            lang,
            r.choice(["What are the months of the year?", "List the months.", "Name the twelve months."]),
            [", ".join(MONTHS_EN) + "."],
            ", ".join(MONTHS_EN),
            "",
        )
    return QA(
        "sequence",
        lang,
        r.choice(["요일을 모두 말해 주세요.", "일주일의 요일은 뭐예요?", "요일 이름을 알려 주세요."]),
        [", ".join(DAYS_KO) + "."],
        ", ".join(DAYS_KO),
        "",
    )


def counting_story(r, lang, steps=None):
    """A short counting story: (sentences, people, obj, counts per person, reasoning for the first person)."""
    p, q = r.sample(PEOPLE_EN if lang == "en" else PEOPLE_KO, 2)
    o = r.choice(OBJECTS)
    steps = steps or r.choice([1, 1, 1, 2])
    n = r.randint(1, 12)
    thought = []
    if lang == "en":
        out = [
            r.choice(
                [
                    f"{p} has {noun(n, o)}.",
                    f"There are {noun(n, o)} in {p}'s bag." if n != 1 else f"{p} has {noun(1, o)}.",
                    f"{p} starts with {noun(n, o)}.",
                ]
            )
        ]
    else:
        out = [
            r.choice(
                [
                    f"{j(p, '은/는')} {j(o[2], '을/를')} {count_ko(n, o)} 가지고 있어요.",
                    f"{p}에게 {j(o[2], '이/가')} {count_ko(n, o)} 있어요.",
                ]
            )
        ]
    for _ in range(steps):
        up = r.random() < 0.5 if 0 < n < 20 else n == 0
        if up:
            k = r.randint(1, min(9, 20 - n))
            new = n + k
            if lang == "en":
                out.append(
                    r.choice(
                        [
                            f"{p} buys {k} more.",
                            f"{p} finds {k} more.",
                            f"{q} gives {p} {k} more.",
                            f"Then {p} gets {k} more.",
                            f"{p} picks {k} more.",
                        ]
                    )
                )
            else:
                c = count_ko(k, o)
                out.append(
                    r.choice(
                        [
                            f"{j(p, '이/가')} {j(c, '을/를')} 더 사요.",
                            f"{j(p, '이/가')} {j(c, '을/를')} 더 찾아요.",
                            f"{j(q, '이/가')} {p}에게 {j(c, '을/를')} 더 줘요.",
                        ]
                    )
                )
            thought.append(f"{n} + {k} = {new}.")
        else:
            k = r.randint(1, n)
            new = n - k
            if lang == "en":
                out.append(
                    r.choice(
                        [
                            f"{p} loses {k}.",
                            f"{p} gives {k} to {q}.",
                            f"{p} sells {k}.",
                            f"Then {p} gives away {k}.",
                            f"{q} takes {k}.",
                        ]
                    )
                )
            else:
                c = count_ko(k, o)
                out.append(
                    r.choice(
                        [
                            f"{j(p, '이/가')} {j(c, '을/를')} 잃어버려요.",
                            f"{j(p, '이/가')} {q}에게 {j(c, '을/를')} 줘요.",
                            f"{j(p, '이/가')} {j(c, '을/를')} 팔아요.",
                        ]
                    )
                )
            thought.append(f"{n} - {k} = {new}.")
        n = new
    return out, p, o, n, " ".join(thought)


def qa_counting(r, lang):
    out, p, o, n, thought = counting_story(r, lang)
    story = " ".join(out)
    if lang == "en":
        q = r.choice(
            [
                f"How many {o[1]} does {p} have now?",
                f"How many {o[1]} does {p} have?",
                f"How many {o[1]} are left with {p}?",
            ]
        )
        return QA("counting", lang, f"{story} {q}", [f"{p} has {noun(n, o)} now."], str(n), thought)
    q = r.choice(
        [
            f"{j(p, '은/는')} 지금 {j(o[2], '을/를')} 몇 {o[3]} 가지고 있어요?",
            f"{p}에게 {j(o[2], '이/가')} 몇 {o[3]} 있어요?",
            f"이제 {p}의 {j(o[2], '은/는')} 몇 {j(o[3], '이에요/예요')}?",
        ]
    )
    return QA(
        "counting",
        lang,
        f"{story} {q}",
        [f"{p}에게 {j(o[2], '이/가')} {count_ko(n, o)} 있어요."],
        count_ko(n, o),
        thought,
    )
