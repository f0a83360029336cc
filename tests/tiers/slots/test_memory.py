"""Memory: which of the five actions is wanted, and what it is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.tiers.slots import find

NAMES = ("action", "memory")

SAID = [
    ("remember that my dog's name is Rex", "remember", "my dog's name is Rex"),
    ("please remember my locker code is 4471", "remember", "my locker code is 4471"),
    ("can you remember that I am allergic to nuts?", "remember", "I am allergic to nuts"),
    ("thanks! also remember I hate olives", "remember", "I hate olives"),
    ("my favourite colour is teal", "remember", "my favourite colour is teal"),
    ("call me Captain", "remember", "call me Captain"),
    ("don't forget that I moved to Ghent", "remember", "I moved to Ghent"),
    ("make a note that the meeting moved to Tuesday", "remember", "the meeting moved to Tuesday"),
    ("note: buy stamps", "remember", "buy stamps"),
    ("save this for later: the gate code is 4471", "remember", "the gate code is 4471"),
    ("keep in mind that I work nights", "remember", "I work nights"),
    ("add milk to my shopping list", "remember", "shopping list: milk"),
    ("please put bread and jam on the grocery list", "remember", "grocery list: bread and jam"),
    ("on my to-do list, add cleaning the shed", "remember", "to-do list: cleaning the shed"),
    ("what's my dog's name?", "recall", "my dog's name"),
    ("What’s my dog’s name?", "recall", "my dog’s name"),
    ("hey, when is my sister's wedding?", "recall", "my sister's wedding"),
    ("do you remember my birthday?", "recall", "my birthday"),
    ("do you know my name", "recall", "my name"),
    ("what did I tell you about the garden", "recall", "the garden"),
    ("did I tell you about my new job?", "recall", "my new job"),
    ("remind me what I said about the car", "recall", "what I said about the car"),
    ("where did I park the van", "recall", "where did I park the van"),
    ("forget my address", "forget", "my address"),
    ("forget what I said about the party", "forget", "the party"),
    ("delete the reminder for the dentist", "forget", "the reminder for the dentist"),
    ("cancel all my alarms", "forget", "all my alarms"),
    ("don't remind me to stretch", "forget", "stretch"),
    ("remove eggs from the grocery list", "forget", "grocery list: eggs"),
    ("what's on my shopping list", "list", "shopping list"),
    ("show me my reminders", "list", "reminders"),
    ("what are my reminders for friday?", "list", "reminders for friday"),
    ("list all my notes", "list", "notes"),
    ("remind me to call mum at 5", "remind", "call mum at 5"),
    ("set a reminder to feed the cat at 8", "remind", "feed the cat at 8"),
    ("set a monthly reminder to pay the rent", "remind", "pay the rent"),
    ("don't let me forget to water the plants", "remind", "water the plants"),
    ("wake me up at 7", "remind", "wake me up at 7"),
    ("my seat is 14C, remember that", "remember", "my seat is 14C"),
    ("the bins go out on Monday. please note that down", "remember", "the bins go out on Monday"),
    ("our wifi is called Elm, can you remember this?", "remember", "our wifi is called Elm"),
    ("tonight remind me to charge the drill", "remind", "tonight charge the drill"),
    ("on Friday at 3 please remind me to call", "remind", "on Friday at 3 call"),
    ("recuerda que mi perro se llama Toby", "remember", "mi perro se llama Toby"),
    ("añade leche a mi lista de la compra", "remember", "lista de la compra: leche"),
    ("recuérdame llamar a mamá a las cinco", "remind", "llamar a mamá a las cinco"),
    ("¿cuál es mi color favorito?", "recall", "mi color favorito"),
    ("olvida mi dirección", "forget", "mi dirección"),
    ("merk dir, dass ich im Mai Geburtstag habe", "remember", "ich im Mai Geburtstag habe"),
    ("setz Milch auf meine Einkaufsliste", "remember", "Einkaufsliste: Milch"),
    ("erinnere mich daran, den Müll rauszubringen", "remind", "den Müll rauszubringen"),
    ("Schreib auf meine Einkaufsliste: Milch und Brot", "remember", "Einkaufsliste: Milch und Brot"),
    ("streiche Brot von der Einkaufsliste", "forget", "Einkaufsliste: Brot"),
    ("vergiss bitte alles", "forget", "alles"),
    ("wie heißt mein Hund?", "recall", "mein Hund"),
    ("vergiss meine Adresse", "forget", "meine Adresse"),
    ("souviens-toi que je suis végétarien", "remember", "je suis végétarien"),
    ("ajoute du lait à ma liste de courses", "remember", "liste de courses: du lait"),
    ("rappelle-moi d'acheter du pain", "remind", "acheter du pain"),
    ("quel est mon plat préféré ?", "recall", "mon plat préféré"),
    ("ricordati che il mio gatto si chiama Micio", "remember", "il mio gatto si chiama Micio"),
    ("ricordami di pagare l'affitto", "remind", "pagare l'affitto"),
    ("me lembra de pagar a conta", "remind", "pagar a conta"),
    ("onthoud dat ik in Gent woon", "remember", "ik in Gent woon"),
    ("zapamiętaj, że mam kota", "remember", "mam kota"),
    ("напомни мне купить хлеб", "remind", "купить хлеб"),
    ("как зовут мою собаку?", "recall", "мою собаку"),
    ("забудь мой адрес", "forget", "мой адрес"),
    ("私の犬の名前はポチだと覚えて", "remember", "私の犬の名前はポチだ"),
    ("牛乳を買い物リストに追加して", "remember", "買い物リスト: 牛乳"),
    ("私の誕生日はいつですか", "recall", "私の誕生日"),
    ("记住我住在成都", "remember", "我住在成都"),
    ("提醒我明天买牛奶", "remind", "明天买牛奶"),
    ("我的生日是几号？", "recall", "我的生日"),
    ("把牛奶加到购物清单", "remember", "购物清单: 牛奶"),
    ("내 생일은 5월 3일이라고 기억해줘", "remember", "내 생일은 5월 3일"),
    ("내 강아지 이름이 뭐야?", "recall", "내 강아지 이름"),
    ("याद रखो कि मुझे चाय पसंद है", "remember", "मुझे चाय पसंद है"),
]


@pytest.mark.parametrize(("text", "action", "memory"), SAID)
def test_the_action_and_what_it_is_about(text: str, action: str, memory: str) -> None:
    assert find("memory_operation", text, NAMES) == {"action": action, "memory": memory}


@pytest.mark.parametrize(
    "text",
    [
        "what do you remember about me?", "was weißt du über mich", "was hast du dir gemerkt?",
        "zeig mir alles, was du dir gemerkt hast", "liste meine Erinnerungen auf", "que sais-tu de moi ?",
        "qué sabes de mí", "¿qué recuerdas de mí?", "cosa sai di me?", "覚えていることを教えて",
    ],
)  # fmt: skip
def test_everything_is_listed_without_a_memory_to_look_for(text: str) -> None:
    assert find("memory_operation", text, NAMES) == {"action": "list"}


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.sampled_from(SAID).map(lambda said: (said[0] + " ") * 30)))
def test_every_text_that_is_not_blank_has_one_of_five_actions(text: str) -> None:
    found = find("memory_operation", text, NAMES)
    assert bool(found) == bool(text.strip())
    assert found.get("action", "list") in {"remember", "recall", "forget", "list", "remind"}
    assert found.get("memory", "something") != ""
