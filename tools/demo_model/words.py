"""The word tables of the corpus."""

from collections import namedtuple

PEOPLE_EN = "Mina Jun Sora Tom Anna Ben Lily Max Nora Leo Ella Sam Yuna Hana Kai Emma Jack Lucy Noah Mia".split()
PEOPLE_KO = "미나 준호 소라 민수 지우 하나 유나 서준 수아 도윤 지민 영희 철수 은지 현우 보라".split()

# english, plural, korean, counter
OBJECTS = [
    ("apple", "apples", "사과", "개"),
    ("pear", "pears", "배", "개"),
    ("book", "books", "책", "권"),
    ("pencil", "pencils", "연필", "자루"),
    ("ball", "balls", "공", "개"),
    ("cup", "cups", "컵", "개"),
    ("hat", "hats", "모자", "개"),
    ("key", "keys", "열쇠", "개"),
    ("flower", "flowers", "꽃", "송이"),
    ("stone", "stones", "돌", "개"),
    ("egg", "eggs", "달걀", "개"),
    ("cookie", "cookies", "쿠키", "개"),
    ("orange", "oranges", "오렌지", "개"),
    ("candy", "candies", "사탕", "개"),
    ("balloon", "balloons", "풍선", "개"),
    ("coin", "coins", "동전", "개"),
    ("bag", "bags", "가방", "개"),
    ("umbrella", "umbrellas", "우산", "개"),
    ("box", "boxes", "상자", "개"),
    ("doll", "dolls", "인형", "개"),
]
PLACES = [
    ("kitchen", "부엌"),
    ("garden", "정원"),
    ("park", "공원"),
    ("school", "학교"),
    ("library", "도서관"),
    ("market", "시장"),
    ("forest", "숲"),
    ("station", "역"),
    ("bakery", "빵집"),
    ("museum", "박물관"),
    ("classroom", "교실"),
    ("hospital", "병원"),
]
# english, korean noun, korean modifier
COLOURS = [
    ("red", "빨간색", "빨간"),
    ("blue", "파란색", "파란"),
    ("green", "초록색", "초록색"),
    ("yellow", "노란색", "노란"),
    ("white", "하얀색", "하얀"),
    ("black", "검은색", "검은"),
    ("purple", "보라색", "보라색"),
    ("pink", "분홍색", "분홍색"),
    ("brown", "갈색", "갈색"),
]
# english subject, korean subject, colour
COLOUR_FACTS = [
    ("a banana", "바나나", "yellow"),
    ("the sky", "하늘", "blue"),
    ("grass", "풀", "green"),
    ("snow", "눈", "white"),
    ("coal", "석탄", "black"),
    ("a strawberry", "딸기", "red"),
    ("chocolate", "초콜릿", "brown"),
    ("a cherry", "체리", "red"),
    ("a lemon", "레몬", "yellow"),
    ("a leaf", "나뭇잎", "green"),
    ("the sea", "바다", "blue"),
    ("milk", "우유", "white"),
    ("a pig", "돼지", "pink"),
    ("a crow", "까마귀", "black"),
    ("a grape", "포도", "purple"),
    ("a tomato", "토마토", "red"),
    ("a frog", "개구리", "green"),
    ("a bear", "곰", "brown"),
]
OPPOSITES_EN = [
    tuple(p.split("/"))
    for p in (
        "big/small hot/cold up/down fast/slow happy/sad day/night open/closed full/empty wet/dry loud/quiet "
        "hard/soft left/right early/late strong/weak near/far high/low clean/dirty rich/poor thick/thin long/short "
        "good/bad easy/difficult inside/outside yes/no first/last light/heavy buy/sell win/lose push/pull laugh/cry "
        "sweet/bitter wide/narrow deep/shallow same/different true/false awake/asleep old/new many/few before/after "
        "above/below"
    ).split()
]
OPPOSITES_KO = [
    tuple(p.split("/"))
    for p in (
        "크다/작다 덥다/춥다 뜨겁다/차갑다 위/아래 빠르다/느리다 기쁘다/슬프다 낮/밤 열다/닫다 길다/짧다 많다/적다 높다/낮다 "
        "가볍다/무겁다 밝다/어둡다 왼쪽/오른쪽 안/밖 앞/뒤 좋다/나쁘다 쉽다/어렵다 강하다/약하다 가깝다/멀다 깨끗하다/더럽다 "
        "젖다/마르다 부드럽다/딱딱하다 넓다/좁다 두껍다/얇다 깊다/얕다 시작/끝 사다/팔다 웃다/울다 같다/다르다 이기다/지다 "
        "밀다/당기다 달다/쓰다 일찍/늦게 있다/없다"
    ).split()
]
DAYS_EN = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DAYS_KO = "월요일 화요일 수요일 목요일 금요일 토요일 일요일".split()
MONTHS_EN = ("January February March April May June July August September October November December").split()
NUMBERS_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
NUMBERS_KO = [None] + "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열".split()

Animal = namedtuple("Animal", "en plural ko sound_en sound_ko legs can_fly can_swim food_en food_ko")
ANIMALS = [
    Animal("dog", "dogs", "개", "woof", "멍멍", 4, False, True, "meat", "고기"),
    Animal("cat", "cats", "고양이", "meow", "야옹", 4, False, False, "fish", "생선"),
    Animal("cow", "cows", "소", "moo", "음매", 4, False, False, "grass", "풀"),
    Animal("duck", "ducks", "오리", "quack", "꽥꽥", 2, True, True, "bread", "빵"),
    Animal("pig", "pigs", "돼지", "oink", "꿀꿀", 4, False, False, "corn", "옥수수"),
    Animal("sheep", "sheep", "양", "baa", "매애", 4, False, False, "grass", "풀"),
    Animal("rooster", "roosters", "수탉", "cock-a-doodle-doo", "꼬끼오", 2, False, False, "seeds", "씨앗"),
    Animal("bird", "birds", "새", "tweet", "짹짹", 2, True, False, "seeds", "씨앗"),
    Animal("lion", "lions", "사자", "roar", "어흥", 4, False, False, "meat", "고기"),
    Animal("frog", "frogs", "개구리", "ribbit", "개굴개굴", 4, False, True, "insects", "벌레"),
    Animal("bee", "bees", "벌", "buzz", "윙윙", 6, True, False, "honey", "꿀"),
    Animal("mouse", "mice", "쥐", "squeak", "찍찍", 4, False, False, "cheese", "치즈"),
    Animal("horse", "horses", "말", "neigh", "히힝", 4, False, False, "hay", "건초"),
    Animal("owl", "owls", "부엉이", "hoot", "부엉부엉", 2, True, False, "mice", "쥐"),
    Animal("snake", "snakes", "뱀", "hiss", "쉭쉭", 0, False, True, "eggs", "알"),
]
OTHER_WORDS = [
    tuple(p.split("/"))
    for p in (
        "water/물 bread/빵 rice/밥 milk/우유 tea/차 coffee/커피 meat/고기 fish/물고기 banana/바나나 grape/포도 strawberry/딸기 "
        "lemon/레몬 cheese/치즈 salt/소금 sugar/설탕 mother/어머니 father/아버지 friend/친구 teacher/선생님 student/학생 "
        "baby/아기 house/집 door/문 window/창문 chair/의자 table/탁자 bed/침대 clock/시계 phone/전화기 car/자동차 bus/버스 "
        "train/기차 bicycle/자전거 airplane/비행기 ship/배 road/길 tree/나무 leaf/나뭇잎 river/강 sea/바다 mountain/산 "
        "sky/하늘 sun/해 moon/달 star/별 rain/비 snow/눈 wind/바람 cloud/구름 fire/불 hand/손 foot/발 eye/눈 nose/코 "
        "mouth/입 ear/귀 head/머리 heart/마음 spring/봄 summer/여름 autumn/가을 winter/겨울 morning/아침 evening/저녁 "
        "today/오늘 tomorrow/내일 yesterday/어제 love/사랑 music/음악 song/노래 movie/영화 photo/사진 letter/편지 "
        "gift/선물 money/돈 shoes/신발 clothes/옷 paper/종이 name/이름 country/나라 city/도시 world/세계 dream/꿈"
    ).split()
]
PHRASES = [
    ("hello", "안녕하세요"),
    ("thank you", "감사합니다"),
    ("I am sorry", "미안합니다"),
    ("good night", "잘 자요"),
    ("goodbye", "안녕히 가세요"),
    ("nice to meet you", "만나서 반가워요"),
    ("I love you", "사랑해요"),
    ("I am hungry", "배고파요"),
    ("I am tired", "피곤해요"),
    ("I am happy", "행복해요"),
    ("good luck", "행운을 빌어요"),
    ("happy birthday", "생일 축하해요"),
    ("see you tomorrow", "내일 봐요"),
    ("help me", "도와주세요"),
]
ADJ_EN = "little kind brave quiet clever happy funny friendly busy sleepy".split()
ADJ_KO = "작은 착한 용감한 조용한 똑똑한 행복한 재미있는 다정한 바쁜 졸린".split()
WEATHER = [
    ("sunny", "맑아요"),
    ("rainy", "비가 와요"),
    ("windy", "바람이 불어요"),
    ("snowy", "눈이 와요"),
    ("cloudy", "흐려요"),
    ("warm", "따뜻해요"),
    ("cold", "추워요"),
]
EMOJI = "😀 😊 🙂 🎉 ⭐ 🌸 🍎 🐶 🐱 👍".split()

COLOUR_KO = {en: noun for en, noun, _ in COLOURS}

# english word -> korean word, and back only where the answer is unambiguous
EN_KO, KO_EN = {}, {}
for _en, _ko in (
    [(o[0], o[2]) for o in OBJECTS]
    + PLACES
    + [(c[0], c[1]) for c in COLOURS]
    + [(a.en, a.ko) for a in ANIMALS]
    + OTHER_WORDS
    + PHRASES
    + [(NUMBERS_EN[i], NUMBERS_KO[i]) for i in range(1, 11)]
    + list(zip(DAYS_EN, DAYS_KO))
):
    EN_KO.setdefault(_en, _ko)
    KO_EN.setdefault(_ko, []).append(_en)
KO_EN = {ko: ens[0] for ko, ens in KO_EN.items() if len(ens) == 1}
