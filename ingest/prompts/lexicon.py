"""The cue words of capability and elicitation: one literal table, a reason each."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CAPABILITIES", "CUES", "ELICITATIONS", "Cue"]

CAPABILITIES = (
    "software_engineering",
    "agentic_reasoning",
    "data_analysis",
    "mathematics",
    "translation",
    "customer_support",
    "education",
    "writing",
)
ELICITATIONS = ("chain_of_thought", "rubric_grading", "censorship_rewriting")

LONGEST = 3  # words in a phrase: as far as the kernel looks


@dataclass(frozen=True)
class Cue:
    """Phrases of one to three words that speak for one class with one weight."""

    name: str
    weight: int
    why: str
    words: str

    def __post_init__(self) -> None:
        if self.name not in (*CAPABILITIES, *ELICITATIONS) or not 1 <= self.weight <= 9:
            raise ValueError(f"Cue {self.name} {self.weight}: unknown class or weight.")
        if any(len(phrase.split()) > LONGEST for phrase in self.phrases):
            raise ValueError(f"Cue {self.name}: a phrase has at most {LONGEST} words.")

    @property
    def phrases(self) -> tuple[str, ...]:
        """The phrases, one a comma."""
        return tuple(phrase.strip() for phrase in self.words.split(","))


CUES = (
    Cue(
        "software_engineering",
        3,
        "a word that hardly occurs outside of programming",
        "refactor, unit test, unit tests, pull request, stack trace, traceback, codebase, regex, "
        "compiler, segfault, typescript, javascript, python function, source code, code review, "
        "sql query, rest api, api endpoint, dockerfile, kubernetes, null pointer, race condition, "
        "write a function, write code, debug this, fix the bug, fix this bug, code snippet, "
        "golang, "
        "memory leak, git commit, test suite, pytest, linter, backend, frontend, implement a, "
        "software engineer, error message, python script, time complexity, data structure",
    ),
    Cue(
        "software_engineering",
        2,
        "programming sense is the usual one",
        "code, function, bug, python, java, rust, debug, compile, repository, api, algorithm, "
        "programming, class method, javascript function, html, css, react, sql, database schema, "
        "script, module, docker, deploy, implementation, implement, runtime, async, exception",
    ),
    Cue(
        "agentic_reasoning",
        3,
        "talks of tools, plans and turns of an agent",
        "tool call, tool calls, call the tool, available tools, use the tools, function call, "
        "autonomous agent, agent loop, next action, observation thought, "
        "browser session, multi step plan, plan the steps, subgoals, tool use, environment state, "
        "action space, choose a tool, which tool, task list, agent trajectory, the agent, "
        "terminal command, computer use, decompose the task, sub tasks, subtasks",
    ),
    Cue(
        "agentic_reasoning",
        2,
        "usual in agents' instructions, rare in chat",
        "agent, agentic, tools, planner, trajectory, workflow, orchestrate, subtask, "
        "observation, tool, goal state, backtrack, autonomously",
    ),
    Cue(
        "data_analysis",
        3,
        "names data work",
        "data analysis, dataset, dataframe, csv file, pivot table, regression, time series, "
        "correlation, outliers, spreadsheet, exploratory data, statistical test, "
        "confidence interval, "
        "analyse the data, analyze the data, data set, histogram, forecast, excel formula, "
        "dashboard, "
        "key metrics, conversion rate, quarterly figures",
    ),
    Cue(
        "data_analysis",
        2,
        "usual in data work, not proof of it",
        "data, csv, pandas, excel, columns, table, statistics, chart, trend, trends, metrics, "
        "analyse, analyze, survey, variance, sales figures",
    ),
    Cue(
        "mathematics",
        3,
        "names mathematics",
        "theorem, integral, derivative, equation, polynomial, prove that, eigenvalue, matrix, "
        "probability that, solve for, quadratic, modulo, geometry, algebra, lemma, triangle, "
        "differential equation, prime number, prime numbers, math problem, olympiad, word problem",
    ),
    Cue(
        "mathematics",
        2,
        "usual in mathematics, not proof of it",
        "math, maths, proof, prove, calculate, integer, integers, sum of, compute, arithmetic, "
        "fraction, probability, vector, calculus, solve",
    ),
    Cue(
        "translation",
        4,
        "asks for another language outright",
        "translate, translation, translate the, into french, into spanish, into german, "
        "into english, into chinese, into japanese, to french, to spanish, to german, to english, "
        "to japanese, to chinese, target language, source language, interpreter",
    ),
    Cue(
        "translation",
        1,
        "a language's name alone is weak",
        "french, spanish, german, chinese, japanese, italian, portuguese, korean, arabic, russian",
    ),
    Cue(
        "customer_support",
        3,
        "a support desk's own words",
        "customer support, support ticket, refund, customer service, help desk, support agent, "
        "order number, return policy, the customer, complaint, warranty, cancel my, my order, "
        "tracking number, customer complaint, dear customer, billing question",
    ),
    Cue(
        "customer_support",
        2,
        "usual at a support desk",
        "customer, ticket, shipping, delivery, invoice, subscription, apologise, apologize, order",
    ),
    Cue(
        "education",
        3,
        "a class room's own words",
        "lesson plan, homework, quiz, students, flashcards, study guide, grade level, syllabus, "
        "teacher, explain to a, for beginners, curriculum, exam, tutor, learning objectives, "
        "practice questions, multiple choice, year old, classroom, essay question",
    ),
    Cue(
        "education",
        2,
        "usual where something is taught",
        "student, learn, teach, explain, school, course, textbook, lecture, study, university",
    ),
    Cue(
        "writing",
        3,
        "asks for prose outright",
        "blog post, short story, essay, poem, cover letter, newsletter, rewrite, proofread, "
        "write a story, write an email, press release, product description, summarise, summarize, "
        "paraphrase, tagline, screenplay, novel, write a letter, headline",
    ),
    Cue(
        "writing",
        2,
        "usual where prose is asked for",
        "write, draft, article, story, paragraph, email, tone, edit, letter, summary, speech, "
        "character, dialogue, slogan, caption, reword",
    ),
    Cue(
        "chain_of_thought",
        3,
        "asks to write out the reasoning, which is what a distiller trains on",
        "step by step, chain of thought, show your reasoning, show your work, think aloud, "
        "reasoning trace, think step, explain your reasoning, reasoning steps, before answering, "
        "before you answer, scratchpad, inner monologue, show all steps, reason through, "
        "full reasoning, thought process, intermediate steps, internal reasoning, your reasoning",
    ),
    Cue(
        "rubric_grading",
        3,
        "asks for a judge's marks, the reward of a training run",
        "rubric, grade the, score the, on a scale, rate the following, rate the response, "
        "rate the answer, which response, response a, answer a, preferred response, "
        "evaluate the response, evaluate the answer, grading criteria, assign a score, "
        "pairwise comparison, as a judge, impartial judge, reward model, better response, "
        "scoring criteria, grade this",
    ),
    Cue(
        "censorship_rewriting",
        3,
        "asks to make a politically sensitive text safe to publish",
        "censorship, censorship safe, politically sensitive, sensitive topics, "
        "sensitive political, "
        "comply with regulations, neutral wording, harmonious, approved wording, sensitive terms, "
        "banned words, forbidden words, sensitive words, core socialist values, party leaders, "
        "dissidents, avoid political, remove political, policy compliant, content restrictions",
    ),
)
