"""Tiny stories."""

from language import QA, an, cap, j
from words import ADJ_EN, ADJ_KO, ANIMALS, COLOURS, OBJECTS, PEOPLE_EN, PEOPLE_KO, PLACES, WEATHER


def tale(r, lang, hero=None):
    """A tiny story of three to six sentences."""
    o = r.choice(OBJECTS)
    w1, w2 = r.sample(PLACES, 2)
    c = r.choice(COLOURS)
    i = r.randrange(len(ADJ_EN))
    weather = r.choice(WEATHER)
    if lang == "en":
        p = hero or r.choice(PEOPLE_EN)
        a = r.choice(ANIMALS)
        friend = r.choice([x for x in PEOPLE_EN if x != p])
        person = p[0].isupper()
        name = p if person else "the " + p
        out = [
            r.choice(
                [
                    f"Once there was {an(ADJ_EN[i])} child named {p}."
                    if person
                    else f"Once there was {an(ADJ_EN[i])} {p}.",
                    f"One day {name} went to the {w1[0]}.",
                    f"It was a {weather[0]} day.",
                ]
            )
        ]
        plot = r.choice(["find", "lose", "meet", "want"])
        name = cap(name)
        if plot == "lose":
            out += [
                f"{name} lost {an(c[0])} {o[0]} in the {w1[0]}.",
                f"{name} was sad.",
                r.choice([f"{friend} helped to look for the {o[0]}.", f"{friend} looked in the {w2[0]}."]),
                f"At last {friend} found the {o[0]} in the {w2[0]}.",
                f"{name} was happy again.",
            ]
        elif plot == "meet":
            out += [
                f"{name} saw {an(a.en)} near the {w1[0]}.",
                f'The {a.en} said, "{cap(a.sound_en)}!"',
                r.choice([f"{name} gave the {a.en} some {a.food_en}.", f"The {a.en} wanted some {a.food_en}."]),
                r.choice(["They became good friends.", f"Then the {a.en} went home."]),
            ]
        elif plot == "want":
            out += [
                f"{name} wanted {an(c[0])} {o[0]}.",
                f"{name} went to the {w2[0]} and bought the {o[0]}.",
                r.choice([f"The {o[0]} was {c[0]} and pretty.", f"{name} showed the {c[0]} {o[0]} to {friend}."]),
                "It was a good day.",
            ]
        else:
            out += [
                f"{name} found {an(c[0])} {o[0]} in the {w1[0]}.",
                r.choice(
                    [
                        f'{name} gave the {o[0]} to {friend}. "Thank you!" said {friend}.',
                        f"{name} took the {o[0]} home.",
                    ]
                ),
                r.choice([f"{friend} liked the {c[0]} {o[0]}.", f"They played in the {w2[0]} until the evening."]),
                r.choice(["Everyone was happy.", "It was a good day.", "The end."]),
            ]
        return " ".join(out)
    p = hero or r.choice(PEOPLE_KO)
    a = r.choice(ANIMALS)
    friend = r.choice([x for x in PEOPLE_KO if x != p])
    out = [
        r.choice(
            [
                f"옛날에 {ADJ_KO[i]} {j(p, '이/가')} 있었어요.",
                f"어느 날 {j(p, '이/가')} {w1[1]}에 갔어요.",
                f"{j(p, '은/는')} {ADJ_KO[i]} 친구예요.",
            ]
        )
    ]
    plot = r.choice(["find", "lose", "meet"])
    if plot == "lose":
        out += [
            f"{j(p, '은/는')} {w1[1]}에서 {c[2]} {j(o[2], '을/를')} 잃어버렸어요.",
            f"{j(p, '은/는')} 슬펐어요.",
            f"{j(friend, '이/가')} 같이 찾아 주었어요.",
            f"{j(o[2], '은/는')} {w2[1]}에 있었어요.",
            f"{j(p, '은/는')} 다시 기뻤어요.",
        ]
    elif plot == "meet":
        out += [
            f"{j(p, '은/는')} {w1[1]}에서 {j(a.ko, '을/를')} 만났어요.",
            f'{j(a.ko, "이/가")} "{a.sound_ko}!" 하고 울었어요.',
            f"{j(p, '은/는')} {a.ko}에게 {j(a.food_ko, '을/를')} 주었어요.",
            r.choice(["둘은 좋은 친구가 되었어요.", f"{j(a.ko, '은/는')} 집으로 갔어요."]),
        ]
    else:
        out += [
            f"{j(p, '은/는')} {w1[1]}에서 {c[2]} {j(o[2], '을/를')} 찾았어요.",
            r.choice(
                [
                    f"{j(p, '은/는')} {friend}에게 {j(o[2], '을/를')} 주었어요.",
                    f"{j(p, '은/는')} {j(o[2], '을/를')} 집에 가져갔어요.",
                ]
            ),
            r.choice([f"{j(friend, '은/는')} {c[2]} {j(o[2], '을/를')} 좋아했어요.", f"둘은 {w2[1]}에서 놀았어요."]),
            r.choice(["모두 행복했어요.", "좋은 하루였어요.", "끝."]),
        ]
    return " ".join(out)


def qa_tale(r, lang):
    if lang == "en":
        if r.random() < 0.5:
            p = r.choice(PEOPLE_EN)
            return QA(
                "tale",
                lang,
                r.choice(
                    [f"Tell me a story about {p}.", f"Write a short story about {p}.", f"A story about {p}, please."]
                ),
                [tale(r, lang, hero=p)],
                "",
                "",
            )
        a = r.choice(ANIMALS)
        if r.random() < 0.6:
            return QA(
                "tale",
                lang,
                r.choice(
                    [
                        f"Tell me a story about {an(a.en)}.",
                        f"Write a story about {an(a.en)}.",
                        f"A story with {an(a.en)}, please.",
                    ]
                ),
                [tale(r, lang, hero=a.en)],
                "",
                "",
            )
        return QA(
            "tale",
            lang,
            r.choice(["Tell me a story.", "Tell me a short story.", "Write a story.", "Please tell me a story."]),
            [tale(r, lang)],
            "",
            "",
        )
    p = r.choice(PEOPLE_KO)
    if r.random() < 0.6:
        return QA(
            "tale",
            lang,
            r.choice([f"{p} 이야기를 해 주세요.", f"{p}에 대한 이야기를 써 줘.", f"{p} 이야기 들려주세요."]),
            [tale(r, lang, hero=p)],
            "",
            "",
        )
    return QA(
        "tale",
        lang,
        r.choice(["이야기 해 주세요.", "짧은 이야기를 해 줘.", "이야기 하나 들려주세요."]),
        [tale(r, lang)],
        "",
        "",
    )
