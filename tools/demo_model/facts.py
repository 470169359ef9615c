"""Questions about facts: opposites, translations, colours, order, kinds of things."""

from language import QA, an, cap, j
from words import (
    ANIMALS,
    COLOURS,
    COLOUR_FACTS,
    COLOUR_KO,
    DAYS_EN,
    DAYS_KO,
    EN_KO,
    KO_EN,
    MONTHS_EN,
    OPPOSITES_EN,
    OPPOSITES_KO,
    PLACES,
)


def qa_opposite(r, lang):
    if lang == "en":
        a, b = r.choice(OPPOSITES_EN)
        if r.random() < 0.5:
            a, b = b, a
        q = r.choice(
            [
                "What is the opposite of {a}?",
                'What is the opposite of "{a}"?',
                "Opposite of {a}?",
                "Tell me the opposite of {a}.",
                "Give me the opposite of {a}.",
                "The opposite of {a} is what?",
                "Which word is the opposite of {a}?",
                "What's the opposite of {a}?",
            ]
        )
        return QA(
            "opposite", lang, q.format(a=a), [f"The opposite of {a} is {b}."], b, f"{cap(a)} and {b} are opposites."
        )
    a, b = r.choice(OPPOSITES_KO)
    if r.random() < 0.5:
        a, b = b, a
    q = r.choice(
        [
            "{a}의 반대말은 뭐예요?",
            "{a}의 반대말은?",
            "{a} 반대말 알려 주세요.",
            "{a}의 반대는 무엇인가요?",
            "{a} 반대말이 뭐야?",
            "'{a}'의 반대말을 말해 주세요.",
        ]
    )
    return QA(
        "opposite", lang, q.format(a=a), [f"{a}의 반대말은 {j(b, '이에요/예요')}."], b, f"{a}, {b}: 서로 반대말이에요."
    )


def qa_translate(r, lang):
    if r.random() < 0.5:  # English word -> Korean
        en = r.choice(list(EN_KO))
        ko = EN_KO[en]
        if lang == "en":
            q = r.choice(
                [
                    "How do you say {w} in Korean?",
                    "What is {w} in Korean?",
                    'Translate "{w}" into Korean.',
                    "{W} in Korean?",
                    'How do I say "{w}" in Korean?',
                    "What is the Korean word for {w}?",
                    "Please translate {w} to Korean.",
                    "Korean for {w}?",
                ]
            )
            return QA(
                "translate", lang, q.format(w=en, W=cap(en)), [f"{cap(en)} in Korean is {ko}."], ko, f"{en} = {ko}"
            )
        q = r.choice(
            [
                "{w} 한국어로 뭐예요?",
                "'{w}' 뜻이 뭐야?",
                "영어 {w} 한국말로 알려 주세요.",
                "{w} 무슨 뜻이에요?",
                "{w} 한국어로 번역해 주세요.",
            ]
        )
        return QA("translate", lang, q.format(w=en), [f"{en} 뜻은 {j(ko, '이에요/예요')}."], ko, f"{en} = {ko}")
    ko = r.choice(list(KO_EN))  # Korean word -> English
    en = KO_EN[ko]
    if lang == "en":
        q = r.choice(
            [
                "What does {w} mean?",
                "What is {w} in English?",
                "Translate {w} into English.",
                "How do you say {w} in English?",
                "{w} in English?",
                "Please translate {w} to English.",
            ]
        )
        return QA("translate", lang, q.format(w=ko), [f"{ko} means {en}."], en, f"{ko} = {en}")
    q = r.choice(
        [
            "{w} 영어로 뭐예요?",
            "{t} 영어로 뭐야?",
            "{w} 영어로 번역해 주세요.",
            "'{w}' 영어로 알려 주세요.",
            "영어로 {w} 어떻게 말해요?",
        ]
    )
    return QA(
        "translate",
        lang,
        q.format(w=ko, t=j(ko, "은/는")),
        [f"{j(ko, '은/는')} 영어로 {en}입니다."],
        en,
        f"{ko} = {en}",
    )


def qa_colour(r, lang):
    the, ko, colour = r.choice(COLOUR_FACTS)
    mode = r.random()
    if lang == "en":
        if mode < 0.7:
            q = r.choice(
                [
                    f"What colour is {the}?",
                    f"What color is {the}?",
                    f"Which colour is {the}?",
                    f"Tell me the colour of {the}.",
                    f"What is the color of {the}?",
                ]
            )
            return QA("colour", lang, q, [f"{cap(the)} is {colour}."], colour, f"{cap(the)} is {colour}.")
        asked = colour if r.random() < 0.5 else r.choice([c[0] for c in COLOURS if c[0] != colour])
        q = r.choice([f"Is {the} {asked}?", f"Is it true that {the} is {asked}?"])
        ans = f"Yes, {the} is {colour}." if asked == colour else f"No, {the} is {colour}."
        return QA("colour", lang, q, [ans], colour, f"{cap(the)} is {colour}.")
    kc = COLOUR_KO[colour]
    if mode < 0.7:
        q = r.choice(
            [
                f"{j(ko, '은/는')} 무슨 색이에요?",
                f"{j(ko, '은/는')} 무슨 색이야?",
                f"{ko}의 색을 알려 주세요.",
                f"{ko} 색깔이 뭐예요?",
            ]
        )
        return QA("colour", lang, q, [f"{j(ko, '은/는')} {kc}이에요."], kc, f"{ko}: {kc}.")
    asked = kc if r.random() < 0.5 else r.choice([c[1] for c in COLOURS if c[1] != kc])
    ans = f"네, {j(ko, '은/는')} {kc}이에요." if asked == kc else f"아니요, {j(ko, '은/는')} {kc}이에요."
    return QA("colour", lang, f"{j(ko, '은/는')} {asked}이에요?", [ans], kc, f"{ko}: {kc}.")


def qa_order(r, lang):
    mode = r.choice(["day", "day", "month", "number", "number"])
    step = r.choice([1, 1, -1])
    if lang == "en":
        if mode == "number":
            n = r.randint(1, 19)
            m = n + step
            word = "after" if step > 0 else "before"
            q = r.choice([f"What number comes {word} {n}?", f"Which number is {word} {n}?", f"What comes {word} {n}?"])
            return QA("order", lang, q, [f"{m} comes {word} {n}."], str(m), f"{min(n, m)}, {max(n, m)}.")
        seq = DAYS_EN if mode == "day" else MONTHS_EN
        i = r.randrange(len(seq))
        a, b = seq[i], seq[(i + step) % len(seq)]
        word = "after" if step > 0 else "before"
        q = r.choice(
            [
                f"What {mode} comes {word} {a}?",
                f"Which {mode} is {word} {a}?",
                f"What comes {word} {a}?",
                f"What is the {'next' if step > 0 else 'last'} {mode} {word} {a}?",
                f"Tell me the {mode} {word} {a}.",
            ]
        )
        pair = f"{a}, {b}" if step > 0 else f"{b}, {a}"
        return QA("order", lang, q, [f"{b} comes {word} {a}."], b, f"{pair}.")
    word = "다음" if step > 0 else "전"
    if mode == "number":
        n = r.randint(1, 19)
        m = n + step
        q = r.choice([f"{n} {word} 숫자는 뭐예요?", f"{n} {word}에는 무슨 숫자가 와요?", f"{n} {word}은?"])
        return QA("order", lang, q, [f"{n} {word} 숫자는 {j(m, '이에요/예요')}."], str(m), f"{min(n, m)}, {max(n, m)}.")
    if mode == "day":
        i = r.randrange(7)
        a, b = DAYS_KO[i], DAYS_KO[(i + step) % 7]
        word = "다음 날" if step > 0 else "전날"
        q = r.choice(
            [f"{a} {word}은 무슨 요일이에요?", f"{a} {word}은?", f"{a} {word}이 뭐야?", f"{a}의 {word}을 알려 주세요."]
        )
        return QA("order", lang, q, [f"{a} {word}은 {b}이에요."], b, f"{a}, {b}." if step > 0 else f"{b}, {a}.")
    i = r.randrange(12)
    a, b = i + 1, (i + step) % 12 + 1
    q = r.choice([f"{a}월 {word} 달은 몇 월이에요?", f"{a}월 {word} 달은?", f"{a}월의 {word} 달이 뭐예요?"])
    return QA(
        "order",
        lang,
        q,
        [f"{a}월 {word} 달은 {b}월이에요."],
        f"{b}월",
        f"{a}월, {b}월." if step > 0 else f"{b}월, {a}월.",
    )


def qa_what_is(r, lang):
    kinds = [
        (
            "fruit",
            "과일",
            [
                ("apple", "사과"),
                ("pear", "배"),
                ("banana", "바나나"),
                ("orange", "오렌지"),
                ("lemon", "레몬"),
                ("strawberry", "딸기"),
            ],
        ),
        ("animal", "동물", [(a.en, a.ko) for a in ANIMALS]),
        ("place", "장소", PLACES),
        ("colour", "색", [(c[0], c[1]) for c in COLOURS]),
        ("day of the week", "요일", list(zip(DAYS_EN, DAYS_KO))),
    ]
    kind_en, kind_ko, words = r.choice(kinds)
    en, ko = r.choice(words)
    if lang == "en":
        art = en if kind_en.startswith(("colour", "day")) else an(en)
        if r.random() < 0.6:
            q = r.choice([f"What is {art}?", f"What kind of thing is {art}?"])
            return QA("what_is", lang, q, [f"{cap(art)} is {an(kind_en)}."], kind_en, "")
        asked = kind_en if r.random() < 0.5 else r.choice([k[0] for k in kinds if k[0] != kind_en])
        return QA(
            "what_is",
            lang,
            f"Is {art} {an(asked)}?",
            [f"{'Yes' if asked == kind_en else 'No'}, {art} is {an(kind_en)}."],
            kind_en,
            "",
        )
    t = j(ko, "은/는")
    q = r.choice([f"{t} 뭐예요?", f"{j(ko, '이/가')} 뭐야?", f"{t} 어떤 것이에요?"])
    return QA("what_is", lang, q, [f"{t} {j(kind_ko, '이에요/예요')}."], kind_ko, "")
