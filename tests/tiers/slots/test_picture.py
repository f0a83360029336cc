"""Pictures: what is left of a request, and what it says about size, number, style and the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.core.decision import SlotValue
from pointsman.tiers.slots import find

NAMES = ("prompt", "negative", "style", "width", "height", "count", "seed")
Expected = dict[str, SlotValue]


def slots(text: str) -> Expected:
    return dict(find("image_generation", text, NAMES))


REQUESTS = [
    ("draw me a hedgehog", "a hedgehog"),
    ("Draw a hedgehog.", "a hedgehog"),
    ("DRAW ME A HEDGEHOG!!", "A HEDGEHOG"),
    ("can you please make a picture of two hedgehogs on a log?", "two hedgehogs on a log"),
    ("could u generate an img of a tram", "a tram"),
    ("i'd love to see a harbour at low tide", "a harbour at low tide"),
    ("I’d like to see a harbour at low tide", "a harbour at low tide"),
    ("I want you to draw a walrus playing chess", "a walrus playing chess"),
    ("thanks, now draw it in blue", "it in blue"),
    ("hey bot, draw me a walrus please, thanks!", "a walrus"),
    ("Good morning! Would you be able to paint me a walrus?", "a walrus"),
    ("please generate: a lantern on a pier", "a lantern on a pier"),
    ("/imagine prompt: a lantern on a pier", "a lantern on a pier"),
    ("/draw a lantern", "a lantern"),
    ("image: a lantern on a pier", "a lantern on a pier"),
    ("generate an image of the moon over a salt lake", "the moon over a salt lake"),
    ("picture of a paper boat please", "a paper boat"),
    ("an image of a paper boat", "a paper boat"),
    ("show me what a bronze-age village looks like", "a bronze-age village"),
    ("what would a city on Titan look like? show me", "a city on Titan"),
    ("I'm looking for an illustration of a heron, can you make one?", "an illustration of a heron"),
    ("Create an image based on the following description: 'A heron at dawn'", "A heron at dawn"),
    ("make a sticker of two otters holding hands", "a sticker of two otters holding hands"),
    ("I need a logo for my bakery", "a logo for my bakery"),
    ("we need a picture for our newsletter", "a picture for our newsletter"),
    ("any chance of a drawing of a lighthouse?", "a drawing of a lighthouse"),
    ("let me see a heron", "a heron"),
    ("can you draw a bowl of soup as well?", "a bowl of soup"),
    ("a moose drinking tea. draw this please", "a moose drinking tea"),
    ("pls draw a moose if you can", "a moose"),
    ("would it be possible to get a picture of a glacier", "a glacier"),
    ("my sister wants a picture of a glacier", "a glacier"),
    ('draw "the quiet harbour"', "the quiet harbour"),
    ("ok so draw a kite", "a kite"),
    ("please draw the crow’s nest", "the crow’s nest"),
    ("yo, sketch me a kite", "a kite"),
    ("my nephew adores trams, please draw a tram in a tunnel", "a tram in a tunnel"),
    ("if you have time, could you paint an orchard?", "an orchard"),
    ("for the fair we need a poster with goats", "a poster with goats"),
    ("paint the view from a balcony", "the view from a balcony"),
    ('draw "OPEN"', '"OPEN"'),
    ('draw "ho ho"', '"ho ho"'),
]

STAY_WHOLE = [
    "make the bridge longer",
    "a child, two dogs, paint everywhere",
    'a sign that says "wait, draw a number"',
    "a red fox in the snow",
    "two foxes",
    "hello kitty in space",
    "thank you card with flowers",
    "great white shark under a pier",
    "now hiring sign on a barn door",
    "paint splatter on a denim jacket",
    "a clock showing 10:10",
    "a man carrying a 2x4",
    "a pumpkin seed on a plate",
    "make it blue",
    "make me look like a zombie",
    "remove the background from this picture",
    "turn this photo into a poster",
    "mach das Bild heller",
    'a sign that says "no parking, without exception"',
    "a cat — asleep on a piano",
    "画面中央有一只猫",
    "画三张桌子"[1:],
    "please",
    "draw",
    "🦊",
]

LANGUAGES = [
    ("dibújame un faro, por favor", "un faro"),
    ("¿puedes dibujarme un gato con sombrero?", "un gato con sombrero"),
    ("hazme una imagen de un faro", "un faro"),
    ("crea una imagen de un tren", "un tren"),
    ("quiero ver un tren bajo la lluvia", "un tren bajo la lluvia"),
    ("zeichne mir bitte einen Leuchtturm", "einen Leuchtturm"),
    ("Kannst du mir bitte ein Bild von einem Hund malen?", "einem Hund"),
    ("hallo, mal mir ein Schiff", "ein Schiff"),
    ("ich möchte ein Bild von einem Berg sehen", "einem Berg"),
    ("dessine-moi un phare, s'il te plaît", "un phare"),
    ("peux-tu me faire une image d'un château ?", "un château"),
    ("crée une image de montagne", "montagne"),
    ("disegnami una nave in tempesta", "una nave in tempesta"),
    ("puoi creare un'immagine di un faro?", "un faro"),
    ("desenha um farol, por favor", "um farol"),
    ("me desenha uma casa na praia", "uma casa na praia"),
    ("gere uma imagem de um barco", "um barco"),
    ("teken een vuurtoren alsjeblieft", "een vuurtoren"),
    ("kun je voor mij een huis aan zee tekenen?", "een huis aan zee"),
    ("narysuj mi latarnię morską", "latarnię morską"),
    ("czy możesz mi namalować zamek?", "zamek"),
    ("нарисуй, пожалуйста, маяк", "маяк"),
    ("можешь нарисовать мне лису в лесу?", "лису в лесу"),
    ("灯台の絵を描いてください", "灯台"),
    ("帽子をかぶった犬を描いて", "帽子をかぶった犬"),
    ("夕焼けの港の画像を作って", "夕焼けの港"),
    ("画一只戴围巾的狐狸", "一只戴围巾的狐狸"),
    ("请帮我画一张灯塔的图片", "灯塔"),
    ("生成一张图片：一座灯塔", "一座灯塔"),
    ("등대 그림 그려줘", "등대"),
    ("모자를 쓴 강아지를 그려주세요", "모자를 쓴 강아지"),
    ("एक घोड़े का चित्र बनाओ", "एक घोड़े"),
    ("कृपया नदी के किनारे एक घर की तस्वीर बनाइए", "नदी के किनारे एक घर"),
]

SETTINGS: list[tuple[str, Expected]] = [
    ("a castle, 1024x768", {"prompt": "a castle", "width": 1024, "height": 768}),
    ("paint me a beach at 512 by 512", {"prompt": "a beach", "width": 512, "height": 512}),
    ("draw a barn 910×603 px", {"prompt": "a barn", "width": 912, "height": 600}),
    ("a castle in 7680x4320", {"prompt": "a castle", "width": 2048, "height": 1152}),
    ("make a 1920x1080 wallpaper of a nebula", {"prompt": "a wallpaper of a nebula", "width": 1920, "height": 1080}),
    ("a barn, square", {"prompt": "a barn", "width": 1024, "height": 1024}),
    ("draw a barn in portrait format", {"prompt": "a barn", "width": 832, "height": 1216}),
    ("generate a landscape image of the alps", {"prompt": "the alps", "width": 1216, "height": 832}),
    ("zeichne eine Scheune im Querformat", {"prompt": "eine Scheune", "width": 1216, "height": 832}),
    ("hi! a kite over Prague, 16:9", {"prompt": "a kite over Prague", "width": 1344, "height": 768}),
    ("a kite in 9:16 format", {"prompt": "a kite", "width": 768, "height": 1344}),
    (
        "make a phone wallpaper with three moons",
        {"prompt": "a phone wallpaper with three moons", "width": 768, "height": 1344},
    ),
    ("a heron in 4k", {"prompt": "a heron in 4k", "width": 2048, "height": 1152}),
    ("a heron, sharp focus, 4k", {"prompt": "a heron, sharp focus, 4k"}),
    ("three pictures of a robot chef", {"prompt": "a robot chef", "count": 3}),
    ("give me 4 variations of a fox logo", {"prompt": "a fox logo", "count": 4}),
    ("draw a fox logo, 4 variations", {"prompt": "a fox logo", "count": 4}),
    ("make me three posters for a jazz night", {"prompt": "poster for a jazz night", "count": 3}),
    ("create 500 images of a snail", {"prompt": "a snail", "count": 10}),
    ("zeichne drei Bilder von einer Eule", {"prompt": "einer Eule", "count": 3}),
    ("haz dos imágenes de un búho", {"prompt": "un búho", "count": 2}),
    ("画三张猫头鹰的图片", {"prompt": "猫头鹰", "count": 3}),
    ("ふくろうの絵を3枚描いて", {"prompt": "ふくろう", "count": 3}),
    ("draw 7 owls", {"prompt": "7 owls"}),
    ("画三张桌子", {"prompt": "三张桌子"}),
    ("draw a beach without people", {"prompt": "a beach", "negative": "people"}),
    ("a beach without people at sunset", {"prompt": "a beach at sunset", "negative": "people"}),
    ("a bench without any cats on it", {"prompt": "a bench", "negative": "cats"}),
    ("a quiet street, no text, no watermark", {"prompt": "a quiet street", "negative": "text, watermark"}),
    ("a quiet street with no cars or bikes", {"prompt": "a quiet street", "negative": "cars, bikes"}),
    ("a street. Negative prompt: blurry, lowres", {"prompt": "a street", "negative": "blurry, lowres"}),
    ("draw a street, don't include cars", {"prompt": "a street", "negative": "cars"}),
    ("zeichne ein Dorf ohne Menschen", {"prompt": "ein Dorf", "negative": "Menschen"}),
    ("dibújame un pueblo sin texto", {"prompt": "un pueblo", "negative": "texto"}),
    ("draw a street seed 42", {"prompt": "a street", "seed": 42}),
    ("a street, seed: 7, 512x512", {"prompt": "a street", "seed": 7, "width": 512, "height": 512}),
    ("draw a street with seed 0", {"prompt": "a street", "seed": 0}),
    (
        "/imagine prompt: a hill fort --ar 16:9 --no people, cars --seed 42",
        {"prompt": "a hill fort", "width": 1344, "height": 768, "negative": "people, cars", "seed": 42},
    ),
    ("a hill fort --w 640 --h 480 --v 6 --stylize 200", {"prompt": "a hill fort", "width": 640, "height": 480}),
    ("a 16:9 banner for my blog", {"prompt": "a banner for my blog", "width": 1344, "height": 768}),
    ("make a 4:3 picture of a hill", {"prompt": "a hill", "width": 1152, "height": 896}),
    ("an image without any text of a city", {"prompt": "a city", "negative": "text"}),
    ("a drawing without colour of a rose", {"prompt": "a drawing of a rose", "negative": "colour"}),
    ("a hill fort —no people", {"prompt": "a hill fort", "negative": "people"}),
    ("--ar 1:1 a hill fort", {"prompt": "a hill fort", "width": 1024, "height": 1024}),
]

STYLES: list[tuple[str, Expected]] = [
    ("draw a knight in the style of a 1930s poster", {"prompt": "a knight", "style": "in the style of a 1930s poster"}),
    ("a fox, oil painting", {"prompt": "a fox", "style": "oil painting"}),
    ("an oil painting of a fox", {"prompt": "an oil painting of a fox", "style": "oil painting"}),
    ("draw a fox as a watercolor", {"prompt": "a fox", "style": "watercolor"}),
    ("draw a frog in pixel art style", {"prompt": "a frog", "style": "pixel art style"}),
    ("pixel art of a frog", {"prompt": "pixel art of a frog", "style": "pixel art"}),
    ("a frog on a leaf, photorealistic", {"prompt": "a frog on a leaf", "style": "photorealistic"}),
    ("a mill at noon. Ink sketch.", {"prompt": "a mill at noon", "style": "Ink sketch"}),
    ("I want a logo for my bakery, flat design", {"prompt": "a logo for my bakery", "style": "flat design"}),
    ("zeichne ein Schloss im Stil von Klee", {"prompt": "ein Schloss", "style": "im Stil von Klee"}),
    ("生成一张图片：一只狐狸，赛博朋克风格", {"prompt": "一只狐狸", "style": "赛博朋克风格"}),
    ("in watercolour, draw a heron", {"prompt": "a heron", "style": "watercolour"}),
    ("in the style of Klee: a harbour", {"prompt": "a harbour", "style": "in the style of Klee"}),
    (
        "draw a fox in the style of Hokusai wearing a hat",
        {"prompt": "a fox wearing a hat", "style": "in the style of Hokusai"},
    ),
    ("make an image in the style of Klee of a town", {"prompt": "a town", "style": "in the style of Klee"}),
    (
        "draw a cup in the style of a poster of the 1930s",
        {"prompt": "a cup", "style": "in the style of a poster of the 1930s"},
    ),
    ("the bridge in Mostar, watercolour", {"prompt": "the bridge in Mostar", "style": "watercolour"}),
    ("render of a wooden chair", {"prompt": "render of a wooden chair", "style": "render"}),
    ("space marines as seen from above", {"prompt": "space marines as seen from above"}),
]


@pytest.mark.parametrize(("text", "prompt"), REQUESTS + LANGUAGES)
def test_a_request_leaves_its_prompt(text: str, prompt: str) -> None:
    assert slots(text) == {"prompt": prompt}


@pytest.mark.parametrize("text", STAY_WHOLE)
def test_what_asks_for_nothing_stays_whole(text: str) -> None:
    assert slots(text) == {"prompt": text}


@pytest.mark.parametrize(("text", "expected"), SETTINGS)
def test_settings_leave_the_prompt(text: str, expected: Expected) -> None:
    assert slots(text) == expected


@pytest.mark.parametrize(("text", "expected"), STYLES)
def test_a_style_leaves_the_prompt_only_as_a_clause_at_its_end(text: str, expected: Expected) -> None:
    assert slots(text) == expected


def test_only_what_a_category_asks_for_is_given() -> None:
    assert find("mine", "draw a fox, 512x512, seed 3", ("seed", "prompt")) == {"seed": 3, "prompt": "a fox"}


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_blank_text_has_no_slots(text: str) -> None:
    assert slots(text) == {}


WORDS = st.sampled_from(
    [
        "draw", "draw me", "please", "thanks", "a picture of", "three pictures of", "a fox", "without", "no text",
        "seed 42", "1024x768", "16:9", "--ar 16:9", "--no", "--seed", "in the style of", "as a watercolor", "square",
        "画", "一张", "的图片", "を描いて", "그려줘", "चित्र बनाओ", "negative prompt:", ",", ".", "?", "'", '"', "“",
        "”", "\n", "4 variations", "wallpaper", "0x0", "0:0", "99999x99999", "seed 99999999999999999999", "—no", "what",
        "look like?", "\u0000", "\ud800",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=300), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=8).map("".join)
    )
)
def test_every_text_that_is_not_blank_has_a_prompt_and_sane_settings(text: str) -> None:
    found = slots(text)
    assert bool(found) == bool(text.strip())
    if found:
        assert str(found["prompt"]).strip()
        assert all(
            int(found.get(side, 64)) % 8 == 0 and 64 <= int(found.get(side, 64)) <= 2048 for side in ("width", "height")
        )
        assert ("width" in found) == ("height" in found)
        assert 1 < int(found.get("count", 2)) <= 10
        assert int(found.get("seed", 0)) >= 0


@settings(deadline=None, max_examples=30)
@given(st.lists(WORDS, min_size=1, max_size=5).map(" ".join))
def test_a_hostile_text_is_no_trouble(seed: str) -> None:
    assert slots((seed + " ") * (4000 // (len(seed) + 1)) + "x")["prompt"]
