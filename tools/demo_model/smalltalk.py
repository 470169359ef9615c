"""Greetings, who the model is, what it declines, nonsense, repeating."""

from language import QA, cap, j
from words import ANIMALS, COLOURS, NUMBERS_EN, OBJECTS, PEOPLE_EN

GREET_EN = ["Hi", "Hello", "Hey", "Good morning", "Good evening", "Hi there", "Hello there", "Good afternoon"]
GREET_KO = ["안녕", "안녕하세요", "반가워", "좋은 아침이에요", "안녕!", "처음 뵙겠습니다", "반갑습니다", "하이"]

FIXED_EN = [
    (
        ["How are you?", "How are you doing?", "Are you okay?", "How do you feel today?"],
        ["I am fine, thank you! How can I help you?", "I am doing well, thank you."],
    ),
    (["Thank you!", "Thanks!", "Thanks a lot.", "Thank you very much."], ["You are welcome!", "You are welcome! 😊"]),
    (
        ["Bye!", "Goodbye.", "See you later.", "Good night.", "See you!"],
        ["Goodbye! Have a nice day.", "Goodbye! See you again."],
    ),
    (
        [
            "Who are you?",
            "What are you?",
            "Tell me about yourself.",
            "Introduce yourself.",
            "Please introduce yourself.",
        ],
        [
            "I am Cortland Demo, a small demonstration model with about 4.7 million parameters. "
            "I only know simple things."
        ],
    ),
    (
        ["What is your name?", "What's your name?", "Your name?", "What should I call you?"],
        ["My name is Cortland Demo."],
    ),
    (
        ["How big are you?", "How many parameters do you have?", "Are you a large model?", "What is your size?"],
        ["I am very small. I have about 4.7 million parameters."],
    ),
    (
        ["What can you do?", "How can you help me?", "What do you know?", "Help.", "What can I ask you?"],
        [
            "I can do small sums, name opposites, translate simple words between English and Korean, "
            "and answer questions about short stories."
        ],
    ),
    (
        ["Who made you?", "Who trained you?", "Where do you come from?", "Who created you?"],
        ["I was trained by the Cortland project authors on simple generated text."],
    ),
    (
        ["Are you EXAONE?", "Are you ChatGPT?", "Are you a big language model?", "Are you the real EXAONE model?"],
        ["No, I am Cortland Demo, a small demonstration model."],
    ),
    (
        ["Are you a human?", "Are you a person?", "Are you real?", "Are you a robot?"],
        ["I am not a person. I am a small language model."],
    ),
    (
        [
            "Do you speak Korean?",
            "Which languages do you know?",
            "What languages do you speak?",
            "Can you speak English?",
        ],
        ["I know a little English and a little Korean."],
    ),
    (
        ["I am sad.", "I feel bad today.", "I had a bad day.", "I am tired."],
        ["I am sorry to hear that. I hope you feel better soon."],
    ),
    (
        ["I am happy.", "I feel great today!", "Today was a good day.", "I won the game!"],
        ["That is great! I am happy for you. 🎉", "That is great! I am happy for you."],
    ),
    (
        ["You are great!", "Good job!", "Well done!", "You are smart."],
        ["Thank you! That is very kind.", "Thank you! 😊"],
    ),
    (
        ["Do you like me?", "Are you happy?", "Do you have feelings?", "Do you love music?"],
        ["I am only a small model and have no feelings, but I like to help."],
    ),
    (
        ["Tell me a joke.", "Say something funny.", "Make me laugh."],
        ["Why did the duck go to school? To say quack in class! 😀", "What does a sleepy cow say? Moo... zzz. 😀"],
    ),
]
FIXED_KO = [
    (
        ["잘 지내요?", "어떻게 지내?", "기분이 어때요?", "잘 지냈어요?"],
        ["네, 잘 지내요. 무엇을 도와줄까요?", "네, 잘 지내요. 고마워요!"],
    ),
    (["고마워!", "감사합니다.", "고마워요.", "정말 고마워."], ["천만에요!", "천만에요! 😊"]),
    (
        ["잘 가!", "안녕히 계세요.", "또 봐요.", "잘 자요.", "나중에 봐."],
        ["안녕히 가세요! 좋은 하루 보내세요.", "안녕히 가세요! 또 만나요."],
    ),
    (
        ["너는 누구야?", "누구세요?", "당신은 누구예요?", "자기소개 해 주세요.", "너에 대해 말해 줘."],
        ["저는 매개변수가 약 470만 개인 작은 시범 모델 Cortland Demo예요. 간단한 것만 알아요."],
    ),
    (["이름이 뭐예요?", "이름이 뭐야?", "네 이름은?", "뭐라고 부르면 돼요?"], ["제 이름은 Cortland Demo예요."]),
    (["얼마나 커요?", "매개변수가 몇 개예요?", "너는 큰 모델이야?"], ["저는 아주 작아요. 매개변수가 약 470만 개예요."]),
    (
        ["뭘 할 수 있어요?", "뭐 할 줄 알아?", "무엇을 물어볼 수 있어요?", "도와줘."],
        ["저는 작은 덧셈과 뺄셈, 반대말, 쉬운 단어 번역, 짧은 이야기 질문을 할 수 있어요."],
    ),
    (
        ["누가 만들었어요?", "누가 너를 만들었어?", "누가 가르쳤어요?"],
        ["Cortland 프로젝트 작성자들이 간단한 글로 저를 가르쳤어요."],
    ),
    (["너는 EXAONE이야?", "ChatGPT예요?", "너는 진짜 EXAONE이야?"], ["아니요, 저는 작은 시범 모델 Cortland Demo예요."]),
    (["너는 사람이야?", "사람이에요?", "로봇이에요?"], ["저는 사람이 아니에요. 작은 언어 모델이에요."]),
    (["한국어 할 수 있어요?", "영어도 알아요?", "무슨 말을 할 줄 알아?"], ["저는 영어와 한국어를 조금 알아요."]),
    (["슬퍼요.", "오늘 기분이 나빠요.", "힘들어요.", "피곤해요."], ["마음이 아프네요. 곧 좋아지기를 바라요."]),
    (
        ["기뻐요.", "오늘 기분이 좋아요!", "좋은 하루였어요.", "게임에서 이겼어요!"],
        ["정말 좋네요! 축하해요. 🎉", "정말 좋네요! 축하해요."],
    ),
    (["잘했어!", "정말 똑똑하네요.", "최고야!"], ["고마워요! 😊", "고마워요! 정말 기뻐요."]),
    (
        ["농담 해 줘.", "재미있는 말 해 주세요.", "웃긴 이야기 해 줘."],
        ["오리가 왜 학교에 갔을까요? 꽥꽥 발표하려고요! 😀"],
    ),
]

TOPICS_EN = (
    "France/Japan/space/history/football/politics/the moon landing/computers/chemistry/physics/the stock market/cars/"
    "Paris/London/the president/the king/the war/dinosaurs/volcanoes/black holes/DNA/medicine/law/taxes/bitcoin/"
    "the internet/Shakespeare/Mozart/the piano/a famous painter/the tallest mountain/the longest river/a pizza recipe/"
    "the news/the best phone/quantum mechanics/philosophy/the weather in Seoul/the speed of light/"
    "the population of India/a Python program/the newest movie/the World Cup/the Olympic games/the ocean floor/"
    "robots/electric engines"
).split("/")
TOPICS_KO = (
    "프랑스/일본/우주/역사/축구/정치/달 착륙/컴퓨터/화학/물리학/주식/파리/런던/대통령/왕/전쟁/공룡/화산/블랙홀/의학/법/세금/"
    "비트코인/인터넷/피아노/유명한 화가/가장 높은 산/가장 긴 강/피자 만드는 법/뉴스/철학/서울 날씨/빛의 속도/파이썬 프로그램/"
    "최신 영화/월드컵/올림픽/로봇/양자역학/인공위성"
).split("/")
REFUSE_EN = [
    "Sorry, I do not know that. I am a small demo and only know simple things.",
    "I am sorry, I do not know about that. I only know simple things.",
]
REFUSE_KO = [
    "미안해요, 그건 잘 몰라요. 저는 간단한 것만 알아요.",
    "죄송해요, 그건 모르겠어요. 저는 작은 시범 모델이에요.",
]


def qa_refuse(r, lang):
    if lang == "en":
        t = r.choice(TOPICS_EN)
        q = r.choice(
            [
                "What is {t}?",
                "Tell me about {t}.",
                "Who invented {t}?",
                "What do you know about {t}?",
                "Explain {t}.",
                "Can you explain {t} to me?",
                "Why is {t} important?",
                "Write an essay about {t}.",
                "When did {t} begin?",
                "What is the capital of {t}?",
                "How does {t} work?",
                "What do you think about {t}?",
                "Who is the best at {t}?",
                "Give me advice about {t}.",
            ]
        ).format(t=t)
        return QA("refuse", lang, q, REFUSE_EN, "sorry", "I do not know this.")
    t = r.choice(TOPICS_KO)
    q = r.choice(
        [
            "{n} 뭐예요?",
            "{t}에 대해 알려 주세요.",
            "{t}에 대해 설명해 줘.",
            "누가 {o} 만들었어요?",
            "{n} 왜 중요해요?",
            "{t}에 대해 어떻게 생각해요?",
            "{t}의 수도는 어디예요?",
            "{t}에 대한 글을 써 주세요.",
        ]
    )
    return QA("refuse", lang, q.format(t=t, n=j(t, "은/는"), o=j(t, "을/를")), REFUSE_KO, "미안해요", "이건 몰라요.")


def qa_nonsense(r, lang):
    word = lambda: "".join(r.choice("asdfghjklqwertyzxcvbnm") for _ in range(r.randint(3, 8)))
    q = " ".join(word() for _ in range(r.randint(1, 3)))
    if lang == "en":
        return QA("nonsense", lang, q, ["Sorry, I do not understand. Please ask me something simple."], "sorry", "")
    q = "".join(r.choice("ㅁㄴㅇㄹㅋㅎㅠㅏㅣㅓㅂㅈㄷㄱ") for _ in range(r.randint(2, 8)))
    return QA("nonsense", lang, q, ["미안해요, 이해하지 못했어요. 쉬운 질문을 해 주세요."], "미안해요", "")


def qa_fixed(r, lang):
    qs, answers = r.choice(FIXED_EN if lang == "en" else FIXED_KO)
    return QA("smalltalk", lang, r.choice(qs), answers, answers[0], "")


def qa_greet(r, lang):
    if lang == "en":
        g = r.choice(GREET_EN)
        q = g + r.choice(["!", ".", "", ", Cortland!", "!!", " 😊"])
        opening = g if g.startswith("Good") else "Hello"
        return QA(
            "greet",
            lang,
            q,
            [f"{opening}! How can I help you?", f"{opening}! 😊 How can I help you?", f"{opening}! Nice to meet you."],
            opening,
            "",
        )
    q = r.choice(GREET_KO).rstrip("!") + r.choice(["!", ".", "", "!!", " 😊"])
    return QA(
        "greet",
        lang,
        q,
        ["안녕하세요! 무엇을 도와줄까요?", "안녕하세요! 😊 무엇을 도와줄까요?", "안녕하세요! 만나서 반가워요."],
        "안녕하세요",
        "",
    )


def qa_repeat(r, lang):
    if lang == "en":
        pool = [o[0] for o in OBJECTS] + [c[0] for c in COLOURS] + [a.en for a in ANIMALS] + NUMBERS_EN
        words = r.sample(pool, r.randint(1, 4))
        text = " ".join(words)
        if r.random() < 0.3:
            p = r.choice(PEOPLE_EN)
            return QA(
                "repeat",
                lang,
                r.choice([f"Say hello to {p}.", f"Please greet {p}.", f"Say hi to {p}."]),
                [f"Hello, {p}!"],
                p,
                "",
            )
        q = r.choice([f"Repeat after me: {text}", f'Say "{text}".', f"Please repeat: {text}", f"Repeat: {text}"])
        return QA("repeat", lang, q, [cap(text) + "."], text, "")
    pool = [o[2] for o in OBJECTS] + [c[1] for c in COLOURS] + [a.ko for a in ANIMALS]
    text = " ".join(r.sample(pool, r.randint(1, 4)))
    return QA(
        "repeat",
        lang,
        r.choice([f"따라 하세요: {text}", f"따라 말해 봐: {text}", f"'{text}' 하고 말해 주세요."]),
        [text + "."],
        text,
        "",
    )
