"""Keys that stand twice in one mapping of a YAML file, of which every reader takes the last without a word."""

from __future__ import annotations

from collections.abc import Iterator

import yaml


def written_twice(text: str | None) -> Iterator[tuple[int, str]]:
    """Line and name of each key that stood in its mapping before; nothing for what is no YAML."""
    try:
        waiting = [yaml.compose(text or "", Loader=yaml.SafeLoader)]
    except yaml.YAMLError:
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    yield key.start_mark.line + 1, str(key.value)
                seen.add(key.value)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
