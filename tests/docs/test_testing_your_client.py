"""docs/testing-your-client.md: its files are a project of their own, its commands a session of a shell."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mockserver.testing.serving import Setup, serving

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "testing-your-client.md").read_text(encoding="utf-8")
SHOWN_AT = "http://127.0.0.1:8080"
EXAMPLES = 11  # tests on the page, parameters counted


def files() -> dict[str, str]:
    """The page's files by their names, which their first lines say."""
    return dict(re.findall(r"```(?:python|ini)\n# (\S+)\n(.*?)```", PAGE, re.S))


def session() -> list[tuple[str, str]]:
    """The page's commands, each with the output that is shown for it."""
    shown = "".join(re.findall(r"```console\n(.*?)```", PAGE, re.S))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", shown, re.M)


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_tests_of_the_page_pass(pytester: pytest.Pytester, options: list[str]) -> None:
    for name, text in files().items():
        (pytester.path / name).write_text(text, encoding="utf-8")

    result = pytester.runpytest_subprocess("--strict-config", "-W", "error", *options)

    result.assert_outcomes(passed=EXAMPLES)


def test_every_snippet_of_the_page_is_a_file_or_a_session() -> None:
    fences = re.findall(r"^```(\w+)$", PAGE, re.M)

    assert len(fences) == len(files()) + fences.count("console")
    assert len(re.findall(r"^```$", PAGE, re.M)) == len(fences)


def test_commands_of_the_page_print_what_is_shown(tmp_path: Path) -> None:
    (first, announced), *others = session()
    script = "".join(f"{command}\necho ---\n" for command, _ in others)

    with serving(Setup(scenario="demo"), "thread") as url:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(SHOWN_AT, url)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert (first, announced) == ("mockserver serve --clock virtual", f"mockserver ready: {SHOWN_AT}\n")
    printed = [text.strip("\n") for text in done.stdout.split("---\n")[:-1]]
    assert (printed, done.stderr) == ([output.strip("\n") for _, output in others], "")
