"""Gives model files their hash (engine/hot/model/FORMAT.md).

As a program: make_model.py FILE...    each holds the JSON object of a model, with or without "format" and "hash"; written back with both
As a module:  text_of(fields)          the text of a model file
"""
import hashlib
import json
import sys

FORMAT = "martinet-linear-model 1"


def text_of(fields):
    """in: a dict with every key of the format but "format" and "hash" (which are ignored)."""
    zeros = "0" * 64
    rest = {key: value for key, value in fields.items() if key not in ("format", "hash")}
    whole = {"format": FORMAT, **rest, "hash": zeros}
    # One line a key and a feature; floats are printed with the digits that give the same double back.
    lines = []
    for key, value in whole.items():
        if key in ("features", "weights"):
            rows = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f'  "{key}": [\n    {rows}\n  ]')
        else:
            lines.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    head, found, tail = text.rpartition(zeros)
    assert found and zeros not in head + tail
    return head + hashlib.sha256(text.encode()).hexdigest() + tail


def main():
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            fields = json.load(file)
        with open(name, "w", encoding="utf-8", newline="\n") as file:
            file.write(text_of(fields))


if __name__ == "__main__":
    main()
