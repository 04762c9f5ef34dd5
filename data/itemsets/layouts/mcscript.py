"""MCScript 2.0: stories of everyday scripts, two options a question, in XML.

<data><instance id scenario><text>…</text><questions><question id text type>
    <answer id text correct="True"/>…</question></questions></instance></data>
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.parsers import expat

from data.intake import Unreadable, fault_of
from data.itemsets.layouts.layout import Layout, Record


class _Reading:
    """Takes the elements of a file as they come; an entity or a document type is none of this form's."""

    def __init__(self) -> None:
        self.records: list[tuple[int, Record]] = []
        self.instances = 0
        self.id = ""
        self.scenario = ""
        self.passage: list[str] = []
        self.in_text = False
        self.question: dict[str, str] = {}
        self.answers: list[tuple[str, bool]] = []
        self.line = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.EntityDeclHandler = self.entity

    def entity(self, *_declared: object) -> None:
        raise Unreadable("declares entities, which no MCScript does", self.parser.CurrentLineNumber)

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "instance":
            self.instances += 1
            self.id, self.scenario, self.passage = given.get("id", ""), given.get("scenario", ""), []
        elif name == "text":
            self.in_text = True
        elif name == "question":
            self.question, self.answers, self.line = given, [], self.parser.CurrentLineNumber
        elif name == "answer":
            self.answers.append((given.get("text", ""), given.get("correct", "").lower() == "true"))

    def characters(self, text: str) -> None:
        if self.in_text:
            self.passage.append(text)

    def end(self, name: str) -> None:
        if name == "text":
            self.in_text = False
        elif name == "question":
            right = [place for place, (_, correct) in enumerate(self.answers) if correct]
            record = {
                "id": f"{self.id}#{self.question.get('id', '')}",
                "passage": "".join(self.passage),
                "question": self.question.get("text", ""),
                "options": [text for text, _ in self.answers],
                "answer": right[0] if len(right) == 1 else None,
                "topic": self.scenario,
            }
            for part in (record["passage"], record["question"], *(text for text, _ in self.answers)):
                if wrong := fault_of(str(part)):
                    raise Unreadable(wrong, self.line)
            self.records.append((self.line, record))


def _text(_file: Path, text: str) -> list[tuple[int, Record]] | None:
    if not re.search(r"<instance\b", text):
        return None
    reading = _Reading()
    try:
        reading.parser.Parse(re.sub(r"^<\?xml[^>]*\?>", "", text), True)
    except expat.ExpatError as error:
        raise Unreadable(f"is no XML from here on: {expat.ErrorString(error.code)}", error.lineno) from None
    return reading.records


MCSCRIPT = Layout(
    name="MCScript 2.0",
    source="https://aclanthology.org/S19-1012/",
    checked="dev-data.xml of its first version as other authors hold it, and Belebele's reader of the second",
    answer_from="0",
    text=_text,
    suffixes=(".xml",),
    language="eng_Latn",
)
