"""Questions about a story of a few sentences: who has what, and where."""

from language import QA, an, cap, j
from words import COLOURS, OBJECTS, PEOPLE_EN, PEOPLE_KO, PLACES, WEATHER


class World:
    """Two or three people, two or three coloured things, and who holds what where."""

    def __init__(self, r, lang):
        self.r, self.lang = r, lang
        self.people = r.sample(PEOPLE_EN if lang == "en" else PEOPLE_KO, r.choice([2, 2, 3]))
        self.things = r.sample(OBJECTS, len(self.people) if r.random() < 0.8 else 2)
        self.colour = {o: c for o, c in zip(self.things, r.sample(COLOURS, len(self.things)))}
        self.coloured = {o: r.random() < 0.6 for o in self.things}
        self.owner, self.place, self.at, self.out = {}, {}, {}, []

    def full(self, o, first=False):
        """The noun phrase; the colour is told when the thing appears first."""
        en = self.lang == "en"
        if first and self.coloured[o]:
            c = self.colour[o]
            return an(f"{c[0]} {o[0]}") if en else f"{c[2]} {o[2]}"
        return (an(o[0]) if first else "the " + o[0]) if en else o[2]

    def intro(self):
        r = self.r
        for o, p in zip(
            self.things,
            r.sample(self.people, len(self.things))
            if len(self.things) <= len(self.people)
            else [r.choice(self.people) for _ in self.things],
        ):
            self.owner[o] = p
            x = self.full(o, True)
            if self.lang == "en":
                self.out.append(r.choice([f"{p} has {x}.", f"{p} has {x}.", f"{p} finds {x}.", f"{p} buys {x}."]))
            else:
                self.out.append(
                    r.choice(
                        [
                            f"{p}에게 {j(x, '이/가')} 있어요.",
                            f"{j(p, '은/는')} {j(x, '을/를')} 가지고 있어요.",
                            f"{j(p, '이/가')} {j(x, '을/를')} 사요.",
                        ]
                    )
                )

    def step(self):
        r, en = self.r, self.lang == "en"
        o = r.choice(self.things)
        p = self.owner[o]
        x = self.full(o)
        act = r.random()
        if p is None:  # on the ground somewhere: somebody takes it
            p = r.choice(self.people)
            self.owner[o] = p
            self.out.append(f"{p} takes {x}." if en else f"{j(p, '이/가')} {j(x, '을/를')} 가져가요.")
        elif act < 0.55:
            q = r.choice([k for k in self.people if k != p])
            self.owner[o] = q
            if en:
                self.out.append(
                    r.choice([f"{p} gives {x} to {q}.", f"{p} hands {x} to {q}.", f"{q} takes {x} from {p}."])
                )
            else:
                self.out.append(
                    r.choice(
                        [
                            f"{j(p, '이/가')} {q}에게 {j(x, '을/를')} 줘요.",
                            f"{j(q, '이/가')} {p}에게서 {j(x, '을/를')} 받아요.",
                        ]
                    )
                )
        elif act < 0.75:
            w = r.choice(PLACES)
            self.owner[o], self.place[o] = None, w
            self.out.append(
                r.choice([f"{p} puts {x} in the {w[0]}.", f"{p} leaves {x} in the {w[0]}."])
                if en
                else r.choice(
                    [
                        f"{j(p, '이/가')} {j(x, '을/를')} {w[1]}에 둬요.",
                        f"{j(p, '이/가')} {j(x, '을/를')} {w[1]}에 놓아요.",
                    ]
                )
            )
        elif act < 0.92:
            p, w = r.choice(self.people), r.choice(PLACES)
            self.at[p] = w
            self.out.append(
                r.choice([f"{p} goes to the {w[0]}.", f"{p} walks to the {w[0]}."])
                if en
                else f"{j(p, '이/가')} {w[1]}에 가요."
            )
        else:
            e, k = r.choice(WEATHER)
            self.out.append(f"It is {e} today." if en else f"오늘은 {k}.")

    def question(self):
        """(question, answer, key, thought) about the final state."""
        r, en = self.r, self.lang == "en"
        choices = []
        for o in self.things:
            p = self.owner[o]
            x = self.full(o)
            if p:
                choices += [("who", o)] * 3
            else:
                choices += [("where", o)] * 2
            if self.coloured[o]:
                choices.append(("colour", o))
        for p in self.people:
            held = [o for o in self.things if self.owner[o] == p]
            if len(held) <= 1:
                choices.append(("what", p))
            if p in self.at:
                choices += [("at", p)] * 2
        kind, z = r.choice(choices)
        if kind == "who":
            p, x = self.owner[z], self.full(z)
            if en:
                return (
                    r.choice([f"Who has {x}?", f"Who has {x} now?", f"Who is holding {x}?"]),
                    f"{p} has {x}.",
                    p,
                    f"The last one with {x} is {p}.",
                )
            return (
                r.choice(
                    [
                        f"{x} 누가 가지고 있어요?",
                        f"누가 {j(x, '을/를')} 가지고 있어요?",
                        f"{j(x, '은/는')} 지금 누구에게 있어요?",
                    ]
                ),
                f"{j(p, '이/가')} {j(x, '을/를')} 가지고 있어요.",
                p,
                f"마지막에 {j(x, '을/를')} 가진 사람은 {j(p, '이에요/예요')}.",
            )
        if kind == "where":
            w, x = self.place[z], self.full(z)
            if en:
                return (
                    r.choice([f"Where is {x}?", f"Where is {x} now?"]),
                    f"{cap(x)} is in the {w[0]}.",
                    w[0],
                    f"It was put in the {w[0]}.",
                )
            return (
                r.choice([f"{j(x, '은/는')} 어디에 있어요?", f"{x} 어디 있어?"]),
                f"{j(x, '은/는')} {w[1]}에 있어요.",
                w[1],
                f"{w[1]}에 두었어요.",
            )
        if kind == "colour":
            c = self.colour[z]
            if en:
                return (
                    r.choice([f"What colour is the {z[0]}?", f"What color is the {z[0]}?"]),
                    f"The {z[0]} is {c[0]}.",
                    c[0],
                    f"It is {an(c[0])} {z[0]}.",
                )
            return (
                f"{j(z[2], '은/는')} 무슨 색이에요?",
                f"{j(z[2], '은/는')} {c[1]}이에요.",
                c[1],
                f"{c[2]} {j(z[2], '이에요/예요')}.",
            )
        if kind == "at":
            w = self.at[z]
            if en:
                return f"Where is {z}?", f"{z} is in the {w[0]}.", w[0], f"{z} went to the {w[0]}."
            return (
                f"{j(z, '은/는')} 어디에 있어요?",
                f"{j(z, '은/는')} {w[1]}에 있어요.",
                w[1],
                f"{j(z, '이/가')} {w[1]}에 갔어요.",
            )
        held = [o for o in self.things if self.owner[o] == z]
        if en:
            x = self.full(held[0]) if held else "nothing"
            return (
                r.choice([f"What does {z} have?", f"What does {z} have now?"]),
                f"{z} has {x}.",
                x,
                f"{z} holds {x} at the end.",
            )
        if held:
            x = held[0][2]
            return (
                r.choice([f"{j(z, '은/는')} 뭘 가지고 있어요?", f"{j(z, '은/는')} 무엇을 가지고 있나요?"]),
                f"{j(z, '이/가')} {j(x, '을/를')} 가지고 있어요.",
                x,
                f"끝에 {z}에게 {j(x, '이/가')} 있어요.",
            )
        return (
            f"{j(z, '은/는')} 뭘 가지고 있어요?",
            f"{j(z, '은/는')} 아무것도 없어요.",
            "아무것도",
            f"끝에 {z}에게 아무것도 없어요.",
        )


def qa_story(r, lang):
    w = World(r, lang)
    w.intro()
    for _ in range(r.choice([0, 1, 1, 2, 2, 3])):
        w.step()
    q, a, key, thought = w.question()
    return QA("story", lang, " ".join(w.out) + " " + q, [a], key, thought)
