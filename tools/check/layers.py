#!/usr/bin/env python3
"""Checks every #include of the project against tools/check/layers.toml. Prints each offence and exits 1 if there is one."""
import pathlib
import re
import sys
import tomllib

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CODE = (".hpp", ".cpp", ".h")


def room_of(path, rooms):
    """The longest folder of the table that holds the path, or None."""
    best = None
    for room in rooms:
        if (path == room or path.startswith(room + "/")) and (best is None or len(room) > len(best)):
            best = room
    return best


def check_include(table, room, path, line, quoted, header):
    where = f"{path}:{line}"
    if quoted:
        target = room_of(header, table["rooms"])
        if target is None:
            return f'{where}: "{header}" is in no room; include from the top folder ("engine/base/time.hpp")'
        allowed = table["rooms"][room]
        if target != room and "*" not in allowed and target not in allowed:
            return f"{where}: {room} may not include {target} ({header})"
        if target in table["forbidden"].get(room, []):
            return f"{where}: {room} may not include {target} ({header})"
        return None
    for library, doors in table["doors"].items():
        if header.startswith(library) and room not in ("tests", "benchmarks") and not any(path.startswith(door) for door in doors):
            return f"{where}: <{header}> enters through {' or '.join(doors)} only"
    hot = table["hot"]
    if any(path.startswith(folder + "/") for folder in hot["folders"]) and path not in hot["except"]:
        for banned in hot["headers"]:
            if header == banned or (banned.endswith("/") and header.startswith(banned)):
                return f"{where}: <{header}> has no business on a hot thread"
    return None


def check(root, table):
    offences = []
    count = 0
    for top in ("engine", "adapters", "tools", "tests", "benchmarks"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in CODE:
                continue
            path = file.relative_to(root).as_posix()
            room = room_of(path, table["rooms"])
            if room is None:
                offences.append(f"{path}: in no room of layers.toml")
                continue
            count += 1
            for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(text)
                if match:
                    offence = check_include(table, room, path, number, match[1] == '"', match[2])
                    if offence:
                        offences.append(offence)
    return count, offences


def self_test(table):
    """The checker must see what it is there to see."""
    cases = [
        ("engine/hot/signal", "engine/hot/signal/x.hpp", True, "engine/hot/risk/risk_gate.hpp"),
        ("engine/hot/feed", "engine/hot/feed/x.hpp", True, "engine/cold/journal/record.hpp"),
        ("adapters/bitget", "adapters/bitget/x.hpp", True, "adapters/binance/decoder.hpp"),
        ("engine/base", "engine/base/x.hpp", True, "engine/messages/tick.hpp"),
        ("engine/hot/risk", "engine/hot/risk/x.hpp", False, "mutex"),
        ("engine/cold/journal", "engine/cold/journal/x.cpp", False, "liburing.h"),
        ("engine/hot/feed", "engine/hot/feed/x.hpp", False, "sys/time.h"),
    ]
    missed = [case for case in cases if check_include(table, case[0], case[1], 1, case[2], case[3]) is None]
    return [f"the checker misses {case}" for case in missed]


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    table = tomllib.loads((root / "tools/check/layers.toml").read_text(encoding="utf-8"))
    count, offences = check(root, table)
    offences += self_test(table)
    for offence in offences:
        print(offence)
    print(f"layers: {count} files, {len(offences)} offences")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
