"""Plain documents: stories, facts, sums, word lists, dialogues, diaries."""

from animals import animal_facts, qa_animal
from facts import qa_colour, qa_opposite, qa_order, qa_translate, qa_what_is
from language import an, count_ko, held_out, j, noun, weighted
from sums import counting_story, pick_sum, qa_arithmetic, qa_compare, qa_sequence
from tales import tale
from words import DAYS_EN, DAYS_KO, EMOJI, EN_KO, KO_EN, OBJECTS, PEOPLE_EN, PEOPLE_KO, PLACES, WEATHER
from world import World


def plain_world(r, lang):
    w = World(r, lang)
    w.intro()
    for _ in range(r.randint(1, 4)):
        w.step()
    for _ in range(r.choice([1, 1, 2])):
        w.out.append(w.question()[1])
    return " ".join(w.out)


def plain_counting(r, lang):
    out, p, o, n, thought = counting_story(r, lang, r.choice([1, 2, 3]))
    if r.random() < 0.5:
        out.append(thought)
    out.append(f"{p} has {noun(n, o)} now." if lang == "en" else f"{p}에게 {j(o[2], '이/가')} {count_ko(n, o)} 있어요.")
    return " ".join(out)


def plain_facts(r, lang):
    out = []
    for _ in range(r.randint(2, 5)):
        qa = r.choice(
            [qa_opposite, qa_colour, qa_order, qa_what_is, qa_translate, qa_compare, qa_arithmetic, qa_animal]
        )(r, lang)
        out.append(qa.answers[0])
    return r.choice([" ", "\n"]).join(out)


def plain_sums(r, lang):
    lines = []
    for _ in range(r.randint(2, 6)):
        a, s, b, n = pick_sum(r)
        lines.append(f"{a} {s} {b} = {n}")
    return "\n".join(lines)


def plain_wordlist(r, lang):
    sep = r.choice([" - ", ": ", " = "])
    ens = r.sample(list(EN_KO), r.randint(3, 7))
    if lang == "en":
        return "\n".join(f"{e}{sep}{EN_KO[e]}" for e in ens)
    kos = r.sample(list(KO_EN), r.randint(3, 7))
    return "\n".join(f"{k}{sep}{KO_EN[k]}" for k in kos)


def plain_dialogue(r, lang):
    a, b = r.sample(PEOPLE_EN if lang == "en" else PEOPLE_KO, 2)
    qa = r.choice([qa_opposite, qa_colour, qa_order, qa_arithmetic, qa_animal, qa_compare, qa_translate])(r, lang)
    if lang == "en":
        return f"{a}: Hello, {b}!\n{b}: Hi, {a}!\n{a}: {qa.question}\n{b}: {qa.answers[0]}\n{a}: " + r.choice(
            ["Thank you!", "That is right.", "Good!"]
        )
    return f"{a}: 안녕!\n{b}: 안녕, {a}!\n{a}: {qa.question}\n{b}: {qa.answers[0]}\n{a}: " + r.choice(
        ["고마워!", "맞아.", "좋아!"]
    )


def plain_diary(r, lang):
    i = r.randrange(7)
    e, k = r.choice(WEATHER)
    w, o = r.choice(PLACES), r.choice(OBJECTS)
    if lang == "en":
        p = r.choice(PEOPLE_EN)
        return (
            f"Today is {DAYS_EN[i]}. It is {e}. "
            + r.choice([f"I went to the {w[0]} with {p}. ", f"{p} and I played in the {w[0]}. "])
            + r.choice([f"I saw {an(o[0])} there. ", f"We bought {noun(r.randint(2, 9), o)}. "])
            + f"Tomorrow is {DAYS_EN[(i + 1) % 7]}."
            + r.choice(["", " " + r.choice(EMOJI)])
        )
    p = r.choice(PEOPLE_KO)
    return (
        f"오늘은 {DAYS_KO[i]}이에요. {k}. "
        + r.choice([f"{j(p, '과/와')} {w[1]}에 갔어요. ", f"{j(p, '과/와')} {w[1]}에서 놀았어요. "])
        + r.choice(
            [
                f"거기서 {j(o[2], '을/를')} 봤어요. ",
                f"우리는 {j(o[2], '을/를')} {count_ko(r.randint(2, 9), o)} 샀어요. ",
            ]
        )
        + f"내일은 {DAYS_KO[(i + 1) % 7]}이에요."
        + r.choice(["", " " + r.choice(EMOJI)])
    )


def plain_sequence(r, lang):
    return qa_sequence(r, lang).answers[0]


PLAIN = [
    (tale, 18),
    (plain_world, 22),
    (plain_counting, 14),
    (plain_facts, 14),
    (animal_facts, 5),
    (plain_sums, 9),
    (plain_wordlist, 8),
    (plain_dialogue, 6),
    (plain_diary, 6),
    (plain_sequence, 2),
]


def plain_document(r):
    lang = "en" if r.random() < 0.55 else "ko"
    text = weighted(r, PLAIN)(r, lang)
    if r.random() < 0.03:
        text += " " + r.choice(EMOJI)
    return text, held_out(text)
