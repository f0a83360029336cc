from __future__ import annotations

import pytest

from pointsman.core.decision import Abstain, Answer
from pointsman.core.message import Message, Turn
from pointsman.tiers.tasks import ANY_BARE, ANY_HEADED, BARE, HEADED, HEADING, Tasks

TASKS = Tasks("talk")


def judge(text: str, task: str = "", history: tuple[Turn, ...] = ()) -> Answer | Abstain:
    verdict = TASKS.judge(Message(text, task=task, history=history))
    assert isinstance(verdict, Answer | Abstain)
    return verdict


JOBS = [
    ("### Task:\nGenerate a title with an emoji, summarizing the chat history.\n### G", "title"),
    ("### Task:\nGenerate a concise title summarizing the chat history.", "title"),
    ("  \n### TASK:\n\nWrite a title for this conversation", "title"),
    ("### Task: Generate a short chat title", "title"),
    ("# Task\nYou are a title generator.", "title"),
    ("### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history", "tags"),
    ("### Task:\nSuggest 3-5 relevant follow-up questions or prompts", "follow-up"),
    ("### Task:\nAnalyze the chat history to determine the necessity of generating search queries", "query"),
    ("### Task:\nGenerate search queries for retrieval, based on this conversation", "query"),
    ("### Task:\nGenerate a detailed prompt for am image generation task based on", "image-prompt"),
    ("### Task:\nGenerate a prompt for an image generation model", "image-prompt"),
    ("### Task:\nYou are an autocompletion system. Continue the text", "autocomplete"),
    ("### Task:\nChoose one emoji for the mood of this message", "emoji"),
    ("Provide a concise, 5-word-or-less title for the conversation, using title case", "title"),
    ("Please generate a short title for the following conversation:\nUSER: draw a cat", "title"),
    ("Write a concise title for this conversation", "title"),
    ("Create a concise, 3-5 word phrase as a header for the following query", "title"),
    ("Detect user language and write in the same language an extremely concise title", "title"),
    ("Based on the following conversation, create a descriptive title of 5 words or less.", "title"),
    ("Based on the chat history, give this conversation a name.", "title"),
    ("Generate three tags for the conversation", "tags"),
    ("Summarize the discussion briefly in 200 words or less to use as a prompt", "summary"),
    ("Your task is to reflect the speaker's likely facial expression through an emoji", "emoji"),
    ("Available Tools: [{}]\n\nYour task is to choose and return the correct tool(s)", "function-calling"),
    ("You are an autocomplete engine", "autocomplete"),
    ("You are a title generator", "title"),
    ("Please summarize the above conversation into a title", "title"),
    ("You have been provided with a set of responses from various models to", "merge"),
]


@pytest.mark.parametrize(
    ("mark", "job"),
    [
        ("title_generation", "title"),
        ("tags_generation", "tags"),
        ("follow_up_generation", "follow-up"),
        ("query_generation", "query"),
        ("image_prompt_generation", "image-prompt"),
        ("autocomplete_generation", "autocomplete"),
        ("emoji_generation", "emoji"),
        ("function_calling", "function-calling"),
        ("moa_response_generation", "merge"),
        (" Title_Generation ", "title"),
        ("haiku_generation", "haiku"),
        ("chat_summary_generation", "chat-summary"),
    ],
)
def test_a_mark_says_which_job_it_is(mark: str, job: str) -> None:
    answer = judge("draw me a cat", task=mark)
    assert isinstance(answer, Answer)
    assert (answer.category, answer.confidence, answer.margin, answer.slots) == ("talk", 1.0, 1.0, {"job": job})
    assert mark.strip().lower() in answer.reason.lower()


@pytest.mark.parametrize(
    "mark", ["", "default", "user_response", "{{TASK}}", "_generation", "1_generation", "\x00", "é"]
)
def test_a_mark_that_names_no_job_leaves_the_text_to_speak(mark: str) -> None:
    assert judge("draw me a cat", task=mark) == Abstain("not a background job")
    assert isinstance(judge("### Task:\nGenerate a title for this conversation", task=mark), Answer)


@pytest.mark.parametrize(("text", "job"), JOBS)
def test_a_job_without_a_mark_is_known_by_how_it_opens(text: str, job: str) -> None:
    answer = judge(text + "\nUSER: draw me a cat\n" * 50)
    assert isinstance(answer, Answer)
    assert (answer.category, answer.confidence, answer.slots) == ("talk", 0.99, {"job": job})


@pytest.mark.parametrize(
    "text",
    [
        "### Task: write an essay",
        "### Task: write an essay about the title of Moby Dick",
        "### Task:\nRespond to the user query using the provided context",
        "### Task: draw a title page for my novel",
        "### Task\nadd tags to my blog post about cheese",
        "### Task: follow up with the client",
        "###Task: search for flights to Rome",
        "### Tasks for today:\n- generate a title for the conversation",
        "write a title for my essay",
        "give me a title for a painting of a dog",
        "suggest tags for my video about the moon landing",
        "what is a follow-up question?",
        "summarize the discussion in this paper",
        "please generate a picture of a conversation",
        "you are a pirate, generate a title",
        "what does ### Task: generate a title for the conversation mean?",
        "write a prompt for an image generation model",
        "",
        "   ",
        "### Task:",
        "\x00\x00",
        "🦊🦊",
        "כותרת לשיחה",
        "a" * 1_000_000,
        "### task: " + "title " * 100_000,
    ],
)
def test_what_a_person_writes_is_not_a_job(text: str) -> None:
    assert judge(text) == Abstain("not a background job")


def test_a_job_in_the_middle_of_a_message_is_not_one() -> None:
    job = "### Task:\nGenerate a concise title summarizing the chat history."
    assert isinstance(judge(job), Answer)
    assert isinstance(judge(f"why did my chat page send this? {job}"), Abstain)


def test_a_system_turn_that_opens_like_a_job_makes_the_message_one() -> None:
    system = Turn("system", "You are a professional conversation summarizer. Generate a concise title.")
    answer = judge("user: draw a cat", history=(system,))
    assert isinstance(answer, Answer)
    assert answer.slots == {"job": "title"}
    assert isinstance(judge("user: draw a cat", history=(Turn("user", system.text),)), Abstain)
    assert isinstance(judge("user: draw a cat", history=(Turn("system", "You are a pirate."),)), Abstain)


def test_every_opening_that_is_known_stands_among_the_texts_above() -> None:
    used = set()
    for text, _ in JOBS:
        opening = text.lstrip().lower()
        heading = HEADING.match(opening)
        rules, found = (
            (HEADED, ANY_HEADED.match(opening, heading.end())) if heading else (BARE, ANY_BARE.match(opening))
        )
        assert found
        assert found.lastgroup
        used.add(rules[int(found.lastgroup.removeprefix("job"))])
    assert used == {*HEADED, *BARE}
