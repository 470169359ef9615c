"""Conversations: which questions they hold, and how people vary them."""

from animals import qa_about, qa_animal
from facts import qa_colour, qa_opposite, qa_order, qa_translate, qa_what_is
from language import QA, cap, held_out, j, weighted
from smalltalk import qa_fixed, qa_greet, qa_nonsense, qa_refuse, qa_repeat
from sums import qa_arithmetic, qa_compare, qa_counting, qa_sequence
from tales import qa_tale
from words import EMOJI, EN_KO, KO_EN, OPPOSITES_EN, OPPOSITES_KO, PEOPLE_EN, PEOPLE_KO
from world import World, qa_story

CHAT = [
    (qa_story, 22),
    (qa_counting, 14),
    (qa_arithmetic, 11),
    (qa_translate, 17),
    (qa_opposite, 8),
    (qa_colour, 4),
    (qa_animal, 6),
    (qa_order, 6),
    (qa_compare, 3),
    (qa_sequence, 2.5),
    (qa_what_is, 2.5),
    (qa_refuse, 5),
    (qa_fixed, 4),
    (qa_greet, 1.5),
    (qa_repeat, 2),
    (qa_nonsense, 0.5),
    (qa_tale, 4),
    (qa_about, 1.5),
]
NO_HOLDOUT = {"smalltalk", "greet", "nonsense", "name", "follow"}  # too few wordings to hold any out

SYSTEM = [
    "You are a helpful assistant.",
    "You are Cortland Demo.",
    "You are a small and friendly assistant.",
    "Be kind and helpful.",
    "You are Cortland Demo, a small demonstration model.",
    "당신은 친절한 도우미입니다.",
    "당신은 작은 시범 모델 Cortland Demo입니다.",
]
SYSTEM_SHORT = [
    "Answer with one word.",
    "Answer briefly.",
    "Be very short.",
    "짧게 대답하세요.",
    "한 단어로 대답하세요.",
]
SHORT_KINDS = {"opposite", "translate", "colour", "order", "compare", "arithmetic", "story", "counting"}


def vary(r, qa):
    """Type the question a little differently, as people do."""
    text, lang = qa.question, qa.lang
    x = r.random()
    if x < 0.10:
        return text.lower() if lang == "en" and qa.kind not in ("story", "counting") else text.rstrip("?.")
    if x < 0.16:
        return text.rstrip("?.!")
    if x < 0.19:
        return (
            r.choice(["Hi! ", "Please tell me. ", "I have a question. "])
            if lang == "en"
            else r.choice(["안녕! ", "질문이 있어요. "])
        ) + text
    if x < 0.20:
        return text + " " + r.choice(EMOJI)
    return text


def follow_up(r, qa):
    """An elliptic second question that needs the first one ("And hot?")."""
    if qa.kind == "opposite":
        a, b = r.choice(OPPOSITES_EN if qa.lang == "en" else OPPOSITES_KO)
        if r.random() < 0.5:
            a, b = b, a
        ans = f"The opposite of {a} is {b}." if qa.lang == "en" else f"{a}의 반대말은 {j(b, '이에요/예요')}."
    elif qa.kind == "translate" and qa.lang == "en" and "in Korean is" in qa.answers[0]:
        a = r.choice(list(EN_KO))
        ans = f"{cap(a)} in Korean is {EN_KO[a]}."
    elif qa.kind == "translate" and qa.lang == "ko" and "영어로" in qa.answers[0]:
        a = r.choice(list(KO_EN))
        ans = f"{j(a, '은/는')} 영어로 {KO_EN[a]}입니다."
    else:
        return None
    q = (
        r.choice([f"And {a}?", f"What about {a}?", f"{cap(a)}?"])
        if qa.lang == "en"
        else r.choice([f"{j(a, '은/는')}?", f"그럼 {j(a, '은/는')}?", f"{a}?"])
    )
    return QA("follow", qa.lang, q, [ans], "", "")


def name_turns(r, lang):
    if lang == "en":
        p = r.choice(PEOPLE_EN)
        return [
            QA(
                "name",
                lang,
                r.choice([f"My name is {p}.", f"I am {p}.", f"Hi, I'm {p}!", f"Call me {p}."]),
                [f"Nice to meet you, {p}!"],
                p,
                "",
            ),
            QA(
                "name",
                lang,
                r.choice(["What is my name?", "Do you know my name?", "Who am I?"]),
                [f"Your name is {p}."],
                p,
                "",
            ),
        ]
    p = r.choice(PEOPLE_KO)
    return [
        QA(
            "name",
            lang,
            r.choice([f"내 이름은 {j(p, '이에요/예요')}.", f"저는 {j(p, '이에요/예요')}.", f"나는 {j(p, '이야/야')}."]),
            [f"만나서 반가워요, {p}!"],
            p,
            "",
        ),
        QA(
            "name",
            lang,
            r.choice(["내 이름이 뭐예요?", "제 이름을 아세요?", "내 이름이 뭐야?"]),
            [f"이름은 {j(p, '이에요/예요')}."],
            p,
            "",
        ),
    ]


def interview(r):
    """One story and several questions about it: (record, held_out)."""
    lang = "en" if r.random() < 0.5 else "ko"
    w = World(r, lang)
    w.intro()
    for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
        w.step()
    asked = {}
    for _ in range(12):
        q, a, key, thought = w.question()
        asked.setdefault(a, QA("story", lang, q, [a], key, thought))
    story, turns = " ".join(w.out), list(asked.values())[: r.randint(2, 6)]
    messages = []
    for k, t in enumerate(turns):
        messages += [
            {"role": "user", "content": t.question if k else story + " " + t.question},
            {"role": "assistant", "content": t.answers[0]},
        ]
    out = any(held_out(story + " " + t.question) for t in turns)
    return {"kind": "story", "lang": lang, "thinking": False, "messages": messages}, out


def conversation(r):
    """(record, held_out)"""
    lang = "en" if r.random() < 0.55 else "ko"
    n = r.choices([1, 2, 3], [72, 20, 8])[0]
    if r.random() < 0.02:
        turns = name_turns(r, lang)
        if r.random() < 0.4:
            turns.insert(1, weighted(r, CHAT)(r, lang))
    else:
        turns = [weighted(r, CHAT)(r, lang)]
        while len(turns) < n:
            nxt = follow_up(r, turns[-1]) if r.random() < 0.5 else None
            turns.append(nxt or weighted(r, CHAT)(r, lang if r.random() < 0.85 else ("ko" if lang == "en" else "en")))
    messages, short = [], False
    x = r.random()
    if x < 0.16:
        messages.append({"role": "system", "content": r.choice(SYSTEM)})
    elif x < 0.21 and all(t.kind in SHORT_KINDS for t in turns):
        short = True
        messages.append({"role": "system", "content": r.choice(SYSTEM_SHORT)})
    last = turns[-1]
    thinking = r.random() < (0.30 if last.kind in ("counting", "arithmetic", "story") else 0.10)
    for t in turns:
        messages.append({"role": "user", "content": vary(r, t)})
        answer = {"role": "assistant", "content": cap(t.key) + "." if short else r.choice(t.answers)}
        if thinking and t is last:
            answer["reasoning_content"] = t.thought or ("This is simple." if t.lang == "en" else "쉬운 질문이에요.")
        messages.append(answer)
    out = any(held_out(t.question) for t in turns if t.kind not in NO_HOLDOUT)
    return {"kind": last.kind, "lang": last.lang, "thinking": thinking, "messages": messages}, out
