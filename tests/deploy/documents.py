"""Reads YAML and JSON strictly: a key that is given twice is an error, not the last one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


class Broken(Exception):
    """A file that cannot be read as what it says it is."""


class _Strict(yaml.SafeLoader):
    pass


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    own = [loader.construct_object(key) for key, _ in node.value if key.value != "<<"]
    for key in own:
        if own.count(key) > 1:
            raise Broken(f"key {key!r} is given twice, line {node.start_mark.line + 1}")
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise Broken(f"a key is given twice among {keys}")
    return dict(pairs)


def read_all(path: Path) -> list[Any]:
    """The documents of a file; one, when it is JSON."""
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix == ".json":
            return [json.loads(text, object_pairs_hook=_pairs)]
        return [document for document in yaml.load_all(text, Loader=_Strict) if document is not None]
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise Broken(" ".join(str(error).split())) from error


def read(path: Path) -> Any:
    """The one document of a file."""
    documents = read_all(path)
    if len(documents) != 1:
        raise Broken(f"{path.name} holds {len(documents)} documents, not one")
    return documents[0]
