"""The page of vocabulary says what is so."""

from __future__ import annotations

import doctest
import json
import re

import jsonschema_rs
import pytest
import yaml

from specs.document import ROOT

README = ROOT / "README.md"
SNIPPETS = [text for text in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL) if "x-contract:" in text]


def test_readme_examples_run() -> None:
    assert doctest.testfile(str(README), module_relative=False) == (0, 4)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_readme_snippet_is_in_the_vocabulary(snippet: str) -> None:
    schema = json.loads((ROOT / "x-contract.schema.json").read_text())
    document = yaml.safe_load(snippet)
    contract = (document[0] if isinstance(document, list) else document)["x-contract"]

    jsonschema_rs.validator_for(schema).validate(contract)


def test_readme_names_every_word_of_the_vocabulary() -> None:
    schema = json.loads((ROOT / "x-contract.schema.json").read_text())
    definitions = schema["definitions"]
    words = {
        *schema["properties"],
        *definitions["lifecycle"]["properties"],
        *definitions["effect"]["properties"],
        *definitions["effect"]["properties"]["refused"]["properties"],
        *definitions["refusal"]["properties"],
    }

    page = README.read_text()
    assert {word for word in words if not re.search(rf"\b{word}\b", page)} == set()
