"""Questions and plain facts about animals."""

from language import QA, an, cap, j
from words import ANIMALS


def qa_animal(r, lang):
    a = r.choice(ANIMALS)
    mode = r.choice(["sound", "sound", "who", "legs", "fly", "swim", "eat"])
    if lang == "en":
        art = an(a.en)
        if mode == "sound":
            q = r.choice(
                [
                    f"What sound does {art} make?",
                    f"What does {art} say?",
                    f"Which sound do {a.plural} make?",
                    f"How does {art} sound?",
                ]
            )
            return QA("animal", lang, q, [f"{cap(art)} says {a.sound_en}."], a.sound_en, f"{cap(a.en)}: {a.sound_en}.")
        if mode == "who":
            q = r.choice(
                [f"Which animal says {a.sound_en}?", f'What animal says "{a.sound_en}"?', f"Who says {a.sound_en}?"]
            )
            return QA("animal", lang, q, [f"{cap(art)} says {a.sound_en}."], a.en, f"{cap(a.sound_en)}: {a.en}.")
        if mode == "legs":
            n = a.legs or "no"
            q = r.choice([f"How many legs does {art} have?", f"How many legs do {a.plural} have?"])
            return QA("animal", lang, q, [f"{cap(art)} has {n} legs."], str(n), f"{cap(a.en)}: {n} legs.")
        if mode in ("fly", "swim"):
            able = a.can_fly if mode == "fly" else a.can_swim
            q = r.choice([f"Can {art} {mode}?", f"Can {a.plural} {mode}?"])
            return QA(
                "animal",
                lang,
                q,
                [f"Yes, {art} can {mode}." if able else f"No, {art} cannot {mode}."],
                "yes" if able else "no",
                f"{cap(a.en)}: {'can' if able else 'cannot'} {mode}.",
            )
        q = r.choice([f"What does {art} eat?", f"What do {a.plural} eat?", f"What is the food of {art}?"])
        return QA("animal", lang, q, [f"{cap(art)} eats {a.food_en}."], a.food_en, f"{cap(a.en)}: {a.food_en}.")
    t = j(a.ko, "은/는")
    if mode == "sound":
        q = r.choice([f"{t} 어떻게 울어요?", f"{t} 무슨 소리를 내요?", f"{a.ko} 울음소리는 뭐예요?"])
        return QA("animal", lang, q, [f"{t} {a.sound_ko} 하고 울어요."], a.sound_ko, f"{a.ko}: {a.sound_ko}.")
    if mode == "who":
        q = r.choice([f"어떤 동물이 {a.sound_ko} 하고 울어요?", f"{a.sound_ko} 하고 우는 동물은 뭐예요?"])
        return QA("animal", lang, q, [f"{j(a.ko, '이/가')} {a.sound_ko} 하고 울어요."], a.ko, f"{a.sound_ko}: {a.ko}.")
    if mode == "legs":
        q = r.choice([f"{t} 다리가 몇 개예요?", f"{a.ko} 다리는 몇 개야?"])
        ans = f"{t} 다리가 {a.legs}개예요." if a.legs else f"{t} 다리가 없어요."
        return QA("animal", lang, q, [ans], f"{a.legs}개" if a.legs else "없어요", f"{a.ko}: {a.legs}개.")
    if mode in ("fly", "swim"):
        able, verb = (a.can_fly, "날") if mode == "fly" else (a.can_swim, "헤엄칠")
        q = r.choice([f"{t} {verb} 수 있어요?", f"{a.ko} {verb} 수 있어?"])
        return QA(
            "animal",
            lang,
            q,
            [f"네, {t} {verb} 수 있어요." if able else f"아니요, {t} {verb} 수 없어요."],
            "네" if able else "아니요",
            f"{a.ko}: {'네' if able else '아니요'}.",
        )
    q = r.choice([f"{t} 뭘 먹어요?", f"{t} 무엇을 먹나요?", f"{a.ko} 먹이는 뭐예요?"])
    return QA("animal", lang, q, [f"{t} {j(a.food_ko, '을/를')} 먹어요."], a.food_ko, f"{a.ko}: {a.food_ko}.")


def animal_facts(r, lang, a=None):
    a = a or r.choice(ANIMALS)
    if lang == "en":
        art = cap(an(a.en))
        facts = [
            f"{art} says {a.sound_en}.",
            f"{art} has {a.legs or 'no'} legs.",
            f"{art} eats {a.food_en}.",
            f"{art} {'can' if a.can_fly else 'cannot'} fly.",
            f"{art} {'can' if a.can_swim else 'cannot'} swim.",
        ]
        head = f"{art} is an animal."
    else:
        t = j(a.ko, "은/는")
        facts = [
            f"{t} {a.sound_ko} 하고 울어요.",
            f"{t} 다리가 {str(a.legs) + '개예요' if a.legs else '없어요'}.",
            f"{t} {j(a.food_ko, '을/를')} 먹어요.",
            f"{t} 날 수 {'있' if a.can_fly else '없'}어요.",
            f"{t} 헤엄칠 수 {'있' if a.can_swim else '없'}어요.",
        ]
        head = f"{t} 동물이에요."
    return " ".join([head] + r.sample(facts, r.randint(2, 4)))


def qa_about(r, lang):
    a = r.choice(ANIMALS)
    q = (
        r.choice([f"Tell me about {a.plural}.", f"Tell me about {an(a.en)}.", f"What do you know about {a.plural}?"])
        if lang == "en"
        else r.choice([f"{a.ko}에 대해 알려 주세요.", f"{a.ko}에 대해 말해 줘."])
    )
    return QA("about", lang, q, [animal_facts(r, lang, a)], "", "")
