"""`nexus completion SHELL`: a script that completes commands, flags and run ids."""

from __future__ import annotations

from collections.abc import Mapping

from app.arguments import headless_parser
from app.cli import COMMANDS
from app.output import put_text
from app.parser import Parser

_TAKES_RUN = ("show", "attach", "replay", "undo", "rate")

_RUN_IDS = "nexus runs --limit 30 2>/dev/null | tail -n +2 | cut -d' ' -f1"

_BASH = """\
_nexus() {
    local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "{flags}" -- "$current"))
    elif (( COMP_CWORD == 1 )); then
        COMPREPLY=($(compgen -W "{commands}" -- "$current") $(compgen -d -- "$current"))
    elif [[ " {takes_run} " == *" $command "* ]] && (( COMP_CWORD == 2 )); then
        COMPREPLY=($(compgen -W "last $({run_ids})" -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -F _nexus nexus
"""

_ZSH = """\
#compdef nexus
_nexus() {
    if [[ $PREFIX == -* ]]; then
        compadd -- {flags}
    elif (( CURRENT == 2 )); then
        compadd -- {commands}
        _files -/
    elif [[ " {takes_run} " == *" ${words[2]} "* ]] && (( CURRENT == 3 )); then
        compadd -- last ${(f)"$({run_ids})"}
    else
        _files
    fi
}
compdef _nexus nexus
"""

_FISH = """\
complete -c nexus -n __fish_use_subcommand -a "{commands}"
complete -c nexus -n "__fish_seen_subcommand_from {takes_run}" -f -a "last ({run_ids})"
for flag in {flags}
    complete -c nexus -n "not __fish_seen_subcommand_from {commands}" -l (string sub -s 3 -- $flag)
end
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}

_EXAMPLES = """\
  source <(nexus completion bash)
  nexus completion zsh > ~/.zfunc/_nexus
  nexus completion fish > ~/.config/fish/completions/nexus.fish"""


def run(argv: list[str], env: Mapping[str, str]) -> int:
    parser = Parser("nexus completion", "Print a completion script for a shell.", _EXAMPLES)
    parser.add_argument("shell", choices=sorted(_SCRIPTS), help="which shell")
    script = _SCRIPTS[parser.read(argv, env).shell]
    words = {
        "flags": " ".join(["--headless", *headless_parser().long_flags()]),
        "commands": " ".join(COMMANDS),
        "takes_run": " ".join(_TAKES_RUN),
        "run_ids": _RUN_IDS,
    }
    for name, text in words.items():
        script = script.replace("{" + name + "}", text)
    put_text(script)
    return 0
