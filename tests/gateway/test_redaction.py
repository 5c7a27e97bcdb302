"""Secrets are not sent, control sequences are not shown, and ordinary code is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.redaction import MARK, Redactor, StreamCleaner, redact, strip_escapes

SECRETS = {
    "openai": "sk-proj-Abc123def456ghi789jkl",
    "anthropic": "sk-ant-api03-Abc123def456ghi789jkl",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github fine-grained": "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv",
    "slack": "xoxb-123456789012-abcdefghijkl",
    "google": "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----",
    "pem without end": "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc",
    "stripe": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_well_known_keys_are_removed(secret: str) -> None:
    cleaned = redact(f"before {secret}", {})
    assert cleaned == f"before {MARK}"


@pytest.mark.parametrize(
    "line",
    ['password = "correct1horse2battery3"', "token: abcdefgh12345678ijkl", 'API_KEY="Zm9vYmFyMTIzNDU2Nzg5"',
     '"secret": "9f8e7d6c5b4a39281706f5e4"', "postgres://app:s3cr3t-word@db.example/x"],
)  # fmt: skip
def test_assigned_secrets_lose_their_value_and_keep_their_name(line: str) -> None:
    cleaned = redact(line, {})
    assert MARK in cleaned and cleaned.startswith(line[:5])
    assert not any(part in cleaned for part in ("horse2", "12345678", "MTIzNDU2", "7d6c5b", "s3cr3t"))


@pytest.mark.parametrize(
    "code",
    ['token = request.headers["Authorization"]', "password = get_password_from_environment()", "secret: str = ''",
     'self.assertEqual(token, "expected")', "sk-learn is not a key", "api_key = os.environ['OPENAI_API_KEY']",
     "key = make_key(first_argument, second_argument)", "class TokenStream2Parser: ..."],
)  # fmt: skip
def test_ordinary_code_is_left_alone(code: str) -> None:
    assert redact(code, {}) == code


def test_values_of_secret_variables_are_removed_and_others_kept() -> None:
    env = {
        "MY_API_KEY": "alpha-beta-gamma",
        "LONG_TOKEN": "alpha-beta-gamma-delta",
        "HOME": "/home/someone",
        "PIN_KEY": "12",
    }
    assert redact("alpha-beta-gamma-delta alpha-beta-gamma /home/someone 12", env) == f"{MARK} {MARK} /home/someone 12"


@given(st.text(max_size=200) | st.sampled_from(list(SECRETS.values())))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text, {})
    assert redact(once, {}) == once


def test_a_megabyte_is_redacted_whatever_it_holds() -> None:
    for piece in ("token=", "password: a1", "eyJa.", "-----BEGIN PRIVATE KEY-----", "://a:", "sk-", "a1" * 8):
        redact(piece * (1_000_000 // len(piece)), {})


@pytest.mark.parametrize(
    ("text", "seen"),
    [("\x1b[31mred\x1b[0m", "red"), ("\x1b]0;title\x07x", "x"), ("\x1b]8;;http://e\x1b\\link\x1b]8;;\x1b\\", "link"),
     ("\x9b2Jx", "x"), ("a\x08b\x00c", "abc"), ("x\u202ey\u2066z", "xyz"), ("\x1bcx", "x"),
     ("tab\t\r\nkept", "tab\t\r\nkept"),
     ("\x1b]0;never ends\nnext line", "\nnext line"), ("\x1bPq\x1b\\x", "x")],
)  # fmt: skip
def test_terminal_control_is_removed(text: str, seen: str) -> None:
    assert strip_escapes(text) == seen


@given(st.text(alphabet="ab[]\x1b\x9b\x07\x1c\\;?0m\n\u202e", max_size=60))
def test_nothing_that_controls_a_terminal_survives(text: str) -> None:
    assert not set(strip_escapes(text)) & set("\x1b\x9b\x07\x1c\u202e")


@given(st.lists(st.text(alphabet="ab \n", max_size=6), max_size=20))
def test_streamed_text_is_whole_however_it_is_cut(pieces: list[str]) -> None:
    seen: list[str] = []
    cleaner = StreamCleaner(lambda text: text, seen.append)
    for piece in pieces:
        cleaner.feed(piece)
    cleaner.finish()
    assert "".join(seen) == "".join(pieces)


def test_a_secret_split_over_two_pieces_is_still_removed() -> None:
    seen: list[str] = []
    cleaner = StreamCleaner(Redactor({}), seen.append)
    for piece in ("key sk-Abc123def", "456ghi789jkl", " done\n"):
        cleaner.feed(piece)
    cleaner.finish()
    assert "".join(seen) == f"key {MARK} done\n"
