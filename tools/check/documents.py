#!/usr/bin/env python3
"""Every path in backticks or links of the project's documents exists, and every `martinet` subcommand they name is known."""
import pathlib
import re
import subprocess
import sys

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "engine/README.md", "engine/hot/signal/README.md", "perf/RESULTS.md"]
SUBCOMMANDS = {"replay", "import", "synth", "inspect", "bench", "config", "journal", "explain"}
TOPS = ("engine/", "adapters/", "tools/", "tests/", "benchmarks/", "config/", "docs/", "perf/", ".ci/")


def paths_of(text):
    for quoted in re.findall(r"`([^`\n]+)`", text):
        for word in quoted.split():
            word = word.rstrip(",.;:)")
            if word.startswith(TOPS) and not any(c in word for c in "*<>{}$…"):
                yield word
    yield from (link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http"))


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    tracked = set(subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True, check=True).stdout.split())
    faults = []
    names = DOCUMENTS + sorted(p for p in tracked if p.startswith("docs/") and p.endswith(".md")) + sorted(p for p in tracked if p.endswith("FORMAT.md"))
    for name in names:
        file = root / name
        if not file.exists():
            faults.append(f"{name} is missing")
            continue
        text = file.read_text(encoding="utf-8")
        for path in paths_of(text):
            path = path.split(":")[0].rstrip("/")
            if not ((root / path).exists() or (file.parent / path).exists()):
                faults.append(f"{name} names {path}, which does not exist")
        for command in re.findall(r"martinet (\w+)", text):
            if command.islower() and re.search(rf"`[^`\n]*martinet {command}", text) and command not in SUBCOMMANDS:
                faults.append(f"{name} names the subcommand '{command}', which does not exist")
    for fault in faults:
        print(fault)
    print(f"documents: {len(names)} read, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
