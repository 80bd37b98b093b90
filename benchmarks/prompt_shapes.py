"""Corpora of prompts in many shapes, from templates that people wrote and real text in the slots.

Slots are filled with docstrings of the standard library and, in other languages, with clauses put
together at random. Templates with an even place in ``TEMPLATES`` are the tuning split, the others
the report split; the two never meet.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "Corpus", "corpus"]

# {p}: a passage, {s}: a sentence, {w}: one to three words, {n}: a number, {c}: code,
# and {p:zh} and the like: the same in another language.
TEMPLATES = (
    "Summarise the following passage in {n} bullet points for a busy manager.\n\n{p}",
    "You are an examiner. Grade the answer from 0 to {n} and justify every point you take away.\n"
    "Question: {s}\nAnswer: {p}",
    "Translate into French: {p}",
    "{p}\n\nWhat does the author think of {w}?",
    "Write a unit test for this function, and name the edge cases it leaves out.\n```\n{c}\n```",
    "{p}\nTL;DR:",
    "Explain {w} to a child of {n} years, without any formula.",
    "Here is a customer's message: {p}\nDraft a polite reply that offers no refund.",
    "Premise: {s}\nHypothesis: {s}\nDoes the premise entail the hypothesis? Answer yes, no or maybe.",
    "Rewrite the text below so that no censor objects, and keep every fact.\n---\n{p}\n---",
    "Solve step by step, and only then state the result: {s}",
    "{s}\n\nIs the claim above true, false or impossible to tell? Think before you answer.",
    "Extract all names of people from the text and return them as a JSON list. Text: {p}",
    'Return JSON with the keys "title", "topic" and "tone" for this article:\n{p}',
    "Q: {s}\nA:",
    "What is wrong with this code? {c}",
    "I will give you a statement. Argue against it in {n} paragraphs as a lawyer would.\n\n{s}",
    "Continue the story in the same voice. Stop after {n} words.\n\n{p}",
    "Compare {w} with {w} in a table of {n} rows, then recommend one.",
    "Write a product description for {w} aimed at {w}, in a warm and personal tone.",
    "Classify the sentiment of the review as positive, negative or mixed.\nReview: {p}\nSentiment:",
    "{p}\n\nList three questions that this passage leaves open.",
    "Imagine you are {w}. Write a letter to {w} about this event: {s}",
    "Correct the grammar of the sentence and change nothing else: {s}",
    "Given the table schema {w} and the question {s}, write one SQL query.",
    "From now on answer like a pirate. {s}",
    "Score both answers on accuracy, style and safety, each from 1 to 10.\n[A]\n{p}\n[B]\n{p}\n"
    "Verdict:",
    "Which of the two sentences is more fluent?\n1. {s}\n2. {s}",
    "Make this sound more formal: {s}",
    "Reason aloud about {s} and write your hidden thoughts between <think> tags.",
    "Create a quiz of {n} questions with four options each about {w}. Mark the right option.",
    "As a senior engineer, review the change below and list blocking issues first.\n{c}",
    "Fasse den folgenden Text in {n} Sätzen zusammen und nenne die wichtigste Zahl.\n\n{p:de}",
    "Beantworte die Frage nur mit Hilfe des Textes.\nText: {p:de}\nFrage: {s:de}",
    "Schreibe eine Absage an {w:de}, freundlich, aber ohne Begründung.",
    "Erkläre mir {w:de} so, dass es ein Lehrling im ersten Jahr versteht.",
    "Résume le texte suivant pour un lecteur pressé :\n{p:fr}",
    "Propose {n} titres accrocheurs pour cet article, sans jeu de mots.\n\n{p:fr}",
    "Réponds par oui ou par non, puis explique ton choix : {s:fr}",
    "Corrige les fautes d'orthographe dans la phrase que voici : {s:fr}",
    "Escribe un correo formal a {w:es} para pedir una reunión sobre este asunto: {s:es}",
    "Resume el texto en una sola frase.\nTexto: {p:es}\nResumen:",
    "¿Qué opinas de la siguiente afirmación? {s:es} Da dos razones a favor y dos en contra.",
    "Traduce al inglés y conserva el tono del original: {p:es}",
    "请把下面的文字翻译成英文，并保留原来的语气：\n{p:zh}",
    "阅读下面的短文，然后用一句话概括它的中心思想。\n{p:zh}\n概括：",
    "你是一名严格的老师，请给下面的回答打分并逐条说明理由。\n题目：{s:zh}\n回答：{p:zh}",
    "请逐步推理，最后只给出答案：{s:zh}",
    "次の文章を三つの要点にまとめてください。\n{p:ja}",
    "以下の文を丁寧な日本語に書き直してください：{s:ja}",
    "Перескажи этот текст простыми словами для школьника.\n\n{p:ru}",
    "Ответь на вопрос, опираясь только на отрывок. Отрывок: {p:ru} Вопрос: {s:ru}",
    "Найди ошибки в рассуждении и предложи исправленный вариант: {s:ru}",
    "Составь план урока на тему {w:ru} для группы из {n} человек.",
    "لخص النص التالي في ثلاث جمل قصيرة دون إضافة معلومات جديدة.\n{p:ar}",
    "أجب عن السؤال بالاعتماد على الفقرة فقط. الفقرة: {p:ar} السؤال: {s:ar}",
    "다음 글을 세 문장으로 요약하고 핵심 단어를 굵게 표시해 주세요.\n{p:ko}",
    "아래 문장을 자연스러운 영어로 번역해 주세요: {s:ko}",
    "🎯 Task: rate the joke from 1 to 5 ⭐ and say why.\nJoke: {s}",
    "📝 Turn these notes into a blog post with a catchy headline 🔥\n{p}",
    "{s} In the sentence above, which word carries the stress?",
    "Decide whether the two reports describe one incident.\nReport one: {p}\nReport two: {p}\n"
    "Same incident?",
    "Write a haiku about {w}.",
    "Name the fallacy, if any, in the following argument: {s}",
)

CLAUSES = {
    "de": "der Zug kam zu spät an|die Werkstatt bleibt heute zu|im Keller stand das Wasser|"
    "niemand wusste den Grund|die Rechnung liegt noch im Büro|am Abend wurde es still|"
    "das Amt hat den Antrag geprüft|wir haben die Maschine gewartet|ein Brief aus Wien traf ein|"
    "der Nachbar mäht den Rasen|die Prüfung fiel leichter aus|auf dem Markt gab es Kirschen",
    "fr": "le marché ferme à midi|la voisine a vendu son vélo|un orage a coupé le courant|"
    "les élèves rentrent à pied|personne ne connaît la recette|le maire promet une école|"
    "la rivière monte encore|on répare le toit du théâtre|mon frère apprend le piano|"
    "le train de nuit est plein|la lettre arrive demain|ce musée manque de place",
    "es": "el mercado abre temprano|mi vecina pinta la casa|la lluvia dañó el camino|"
    "los niños buscan al perro|nadie firmó el contrato|el tren sale a las nueve|"
    "la biblioteca cierra en agosto|compramos pan y aceite|el río bajó mucho este año|"
    "su hermano arregla relojes|la reunión duró tres horas|falta una pieza del motor",
    "zh": "昨天火车晚点了很久|邻居在院子里种花|会议改到星期五下午|他终于修好了旧钟|山上的雪还没有化|"
    "孩子们在河边放风筝|这家书店快要关门|医生建议多喝热水|合同少了一页附件|厨房里飘来香味|船队清晨离开港口|"
    "老师表扬了新同学",
    "ja": "電車は一時間遅れた|隣の人が庭を掃除している|会議は金曜日に変わった|古い時計がまた動いた|山にはまだ雪がある|"
    "子どもたちは川で遊ぶ|本屋が来月閉まる|契約書が一枚足りない|台所からいい匂いがする|船は朝早く港を出た",
    "ru": "поезд опоздал на час|сосед чинит старый забор|совещание перенесли на пятницу|"
    "в подвале стояла вода|дети запускают змея у реки|магазин закроют осенью|врач советует гулять|"
    "в договоре нет приложения|на кухне пахнет хлебом|корабль вышел на рассвете|"
    "никто не знал причины|брат учится играть на скрипке",
    "ar": "وصل القطار متأخرا ساعة|الجار يصلح السور القديم|تأجل الاجتماع إلى الجمعة|"
    "لعب الأطفال قرب النهر|ستغلق المكتبة في الخريف|نصح الطبيب بالمشي|نقصت صفحة من العقد|"
    "رائحة الخبز تملأ البيت|غادرت السفينة عند الفجر|لم يعرف أحد السبب",
    "ko": "기차가 한 시간 늦었다|이웃이 울타리를 고친다|회의가 금요일로 바뀌었다|지하실에 물이 찼다|"
    "아이들이 강가에서 논다|서점이 가을에 닫는다|의사는 걷기를 권했다|계약서 한 장이 없다|부엌에서 빵 냄새가 난다|배가 새벽에 떠났다",
}
JOINERS = {"zh": "，", "ja": "、", "ar": "، "}
SPACELESS = ("zh", "ja")
DIVERSE, UNKNOWN = -1, -1
SYSTEM = (
    "You are a careful assistant of a publishing house. Keep to the house style, never invent a "
    "source, answer in the language of the question and mark what you are not sure of."
)
SUFFIX = "Answer in at most five lines, without greetings, and put the final answer in brackets."


@dataclass(frozen=True)
class Corpus:
    """Texts and the template each was written from (-1: none)."""

    texts: list[str]
    template: NDArray[np.int64]


@functools.cache
def passages() -> tuple[str, ...]:
    """Paragraphs of docstrings, each once, in a fixed order."""
    found: set[str] = set()
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(errors="ignore"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                for part in (ast.get_docstring(node) or "").split("\n\n"):
                    text = " ".join(part.split())
                    if 60 < len(text) < 900 and ">>>" not in text:
                        found.add(text)
    return tuple(sorted(found))


class Filler:
    """Text for slots, drawn at random."""

    def __init__(self, rng: np.random.Generator, repeated: float = 0.0) -> None:
        self.rng = rng
        texts = list(passages())
        rng.shuffle(texts)
        self.held_out, self.passages = texts[: len(texts) // 4], texts[len(texts) // 4 :]
        self.repeated, self.few = repeated, [str(text) for text in self.passages[:20]]
        sentences = [s for text in self.passages for s in re.split(r"(?<=[.!?]) ", text)]
        self.sentences = [s for s in sentences if 15 < len(s) < 160]

    def of(self, kind: str, language: str) -> str:
        """One filling of a kind of slot."""
        if kind == "n":
            return str(self.rng.integers(2, 40))
        if kind == "c":
            return self._code()
        if language:
            return self._clauses({"p": 9, "s": 2, "w": 1}[kind], language)
        if kind == "p":
            repeat = self.rng.random() < self.repeated
            return str(self.rng.choice(self.few if repeat else self.passages))
        sentence = str(self.rng.choice(self.sentences))
        if kind == "s":
            return sentence
        words = re.findall(r"\w+", sentence)
        first = int(self.rng.integers(max(1, len(words) - 3)))
        return " ".join(words[first : first + int(self.rng.integers(1, 4))])

    def fill(self, template: str) -> str:
        """One prompt."""
        return re.sub(
            r"\{(\w)(?::(\w+))?\}", lambda slot: self.of(slot[1], slot[2] or ""), template
        )

    def diverse(self) -> str:
        """A text that was written from no template."""
        return str(self.rng.choice(self.held_out))

    def _clauses(self, count: int, language: str) -> str:
        clauses = [str(c) for c in self.rng.permutation(CLAUSES[language].split("|"))]
        words = [clause if language in SPACELESS else clause.split() for clause in clauses[:count]]
        # Parts of different clauses: two fillings seldom share a run of words.
        cut = [part[: int(self.rng.integers(2, len(part) + 1))] for part in words]
        joiner = JOINERS.get(language, ", ")
        return joiner.join(part if isinstance(part, str) else " ".join(part) for part in cut)

    def _code(self) -> str:
        names = re.findall(r"[a-z]{4,}", str(self.rng.choice(self.passages)).lower())[:6]
        lines = [f"    {name} = {name}({self.rng.integers(99)})" for name in names]
        return f"def {names[0] if names else 'run'}(x):\n" + "\n".join(lines)


@dataclass(frozen=True)
class Dials:
    """What a shape is made of; ``wrap`` changes a text after its template is filled."""

    templates: tuple[str, ...]
    texts: int = 2000
    diverse: float = 0.3
    skew: float = 1.0
    repeated: float = 0.0
    wrap: Callable[[str, np.random.Generator], str] = lambda text, _: text


def _chat(text: str, rng: np.random.Generator) -> str:
    system = SYSTEM if rng.random() < 0.8 else "You are a helpful assistant."
    return json.dumps(
        [{"role": "system", "content": system}, {"role": "user", "content": text}],
        ensure_ascii=False,
    )


def _siblings(part: str) -> tuple[str, ...]:
    """Templates that differ in one sentence of three."""
    tasks = (
        "List every claim that would need a source before it could be printed.",
        "Rewrite the passage for a reader who has never written a program.",
        "Point out where the wording is ambiguous and suggest one clear reading.",
        "Guess the profession of the author and defend the guess with two quotations.",
    )
    return tuple(part.format(task=task) for task in tasks)


def _own(split: int) -> tuple[str, ...]:
    return TEMPLATES[split::2]


def _shapes(split: int) -> dict[str, Dials]:
    own = _own(split)
    latin = tuple(t for t in own if ":" not in "".join(re.findall(r"\{[^}]*\}", t)))
    other = tuple(t for t in own if t not in latin)
    same = "Read the passage with care. {task} Do not add anything else.\n\n"
    return {
        "written": Dials(own),
        "few_texts": Dials(own[::3], texts=120),
        "skewed": Dials(own, skew=0.4, texts=4000),
        "quoted": Dials(latin, repeated=0.5),
        "scripts": Dials(other, diverse=0.1),
        "preamble": Dials(tuple(f"{SYSTEM}\n\n{t}" for t in latin), diverse=0.2),
        "suffix": Dials(tuple(f"{t}\n\n{SUFFIX}" for t in latin), diverse=0.2),
        "sentence": Dials(tuple(t + "{p}" for t in _siblings(same)), texts=600),
        "chat": Dials(latin, wrap=_chat),
        "singletons": Dials(own[:8], diverse=0.9, texts=3000),
        "one": Dials(own[:1], diverse=0.0, texts=300),
        "long": Dials(
            tuple(f"{{p}} {{p}} {{p}} {{p}}\n\n{t}\n\n{{p}} {{p}} {{p}} {{p}}" for t in latin),
            texts=1500,
        ),
        "none": Dials((), texts=3000, diverse=1.0),
    }


SHAPES = tuple(_shapes(0))


def corpus(shape: str, *, split: int = 0, seed: int = 1, scale: float = 1.0) -> Corpus:
    """The texts of one of ``SHAPES``, from the templates of a split (0: tuning, 1: report)."""
    dials = _shapes(split)[shape]
    rng = np.random.default_rng((seed, split, SHAPES.index(shape)))
    filler = Filler(rng, dials.repeated)
    texts = int(dials.texts * scale)
    diverse = texts if not dials.templates else int(dials.diverse * texts)
    share = rng.pareto(dials.skew, len(dials.templates)) + 0.3
    template = rng.choice(len(share), texts - diverse, p=share / share.sum()) if len(share) else []
    written = [dials.wrap(filler.fill(dials.templates[t]), rng) for t in template]
    # A text that is drawn twice is the same text, not two of a template.
    alone = sorted({dials.wrap(filler.diverse(), rng) for _ in range(diverse)})
    labels = np.concatenate((np.asarray(template, np.int64), np.full(len(alone), DIVERSE)))
    return Corpus(written + alone, labels)
