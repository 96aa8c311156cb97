"""Renders the part of kustomize that our manifests use, so that the checks see what a cluster would get
on a machine that has no kustomize. A field that is not known here is refused rather than skipped.
Where kubectl is installed, `validate.py` compares this rendering with its own.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from documents import Broken, read, read_all

Manifest = dict[str, Any]

KNOWN = {
    "apiVersion",
    "kind",
    "namespace",
    "resources",
    "components",
    "labels",
    "images",
    "replicas",
    "patches",
}
CLUSTER_WIDE = {"Namespace"}
# By which field the members of a list are told apart when a patch is merged (the API's own merge keys).
MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "topologySpreadConstraints": "topologyKey",
}


def render(directory: Path) -> list[Manifest]:
    """What `kubectl apply -k directory` would send."""
    return _build(directory, [])


def _build(directory: Path, given: list[Manifest]) -> list[Manifest]:
    settings = read(directory / "kustomization.yaml")
    unknown = set(settings) - KNOWN
    if unknown:
        raise Broken(f"{directory.name}: kustomization fields {sorted(unknown)} are not understood here")
    manifests = list(given)
    for entry in settings.get("resources", []):
        path = directory / entry
        if not path.exists():
            raise Broken(f"{directory.name}: resource {entry} does not exist")
        manifests += _build(path, []) if path.is_dir() else copy.deepcopy(read_all(path))
    for entry in settings.get("components", []):
        manifests = _build(directory / entry, manifests)
    for patch in settings.get("patches", []):
        manifests = _patch(directory, manifests, patch)
    for manifest in manifests:
        if "namespace" in settings and manifest["kind"] not in CLUSTER_WIDE:
            manifest["metadata"]["namespace"] = settings["namespace"]
        for labels in settings.get("labels", []):
            _label(manifest, labels)
        for replicas in settings.get("replicas", []):
            scaled = manifest["kind"] in ("Deployment", "StatefulSet")
            if scaled and manifest["metadata"]["name"] == replicas["name"]:
                manifest["spec"]["replicas"] = replicas["count"]
        for image in settings.get("images", []):
            _image(manifest, image)
    return manifests


def _label(manifest: Manifest, labels: dict[str, Any]) -> None:
    unknown = set(labels) - {"pairs", "includeTemplates"}
    if unknown:
        raise Broken(f"label fields {sorted(unknown)} are not understood here")
    manifest["metadata"].setdefault("labels", {}).update(labels["pairs"])
    template = manifest.get("spec", {}).get("template") if labels.get("includeTemplates") else None
    if template is not None:
        template.setdefault("metadata", {}).setdefault("labels", {}).update(labels["pairs"])


def _image(manifest: Manifest, image: dict[str, str]) -> None:
    pod = manifest.get("spec", {}).get("template", {}).get("spec", {})
    for container in pod.get("containers", []):
        name, _, tag = container["image"].partition(":")
        if name == image["name"]:
            tag = image.get("newTag", tag)
            container["image"] = image.get("newName", name) + (f":{tag}" if tag else "")


def _patch(directory: Path, manifests: list[Manifest], entry: dict[str, Any]) -> list[Manifest]:
    unknown = set(entry) - {"path", "target"}
    if unknown:
        raise Broken(f"{directory.name}: patch fields {sorted(unknown)} are not understood here")
    for patch in read_all(directory / entry["path"]):
        target = entry.get("target") or {"kind": patch["kind"], "name": patch["metadata"]["name"]}
        hits = [manifest for manifest in manifests if _matches(manifest, target)]
        if not hits:
            raise Broken(f"{directory.name}: patch {entry['path']} meets nothing")
        if patch.get("$patch") == "delete":
            manifests = [manifest for manifest in manifests if manifest not in hits]
            continue
        change = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind", "metadata")}
        for manifest in hits:
            _merge(manifest, copy.deepcopy(change))
    return manifests


def _matches(manifest: Manifest, target: dict[str, str]) -> bool:
    unknown = set(target) - {"kind", "name", "labelSelector"}
    if unknown:
        raise Broken(f"patch target fields {sorted(unknown)} are not understood here")
    labels = manifest["metadata"].get("labels", {})
    wanted = [pair.split("=") for pair in target.get("labelSelector", "").split(",") if pair]
    return (
        manifest["kind"] == target["kind"]
        and target.get("name", manifest["metadata"]["name"]) == manifest["metadata"]["name"]
        and all(labels.get(key) == value for key, value in wanted)
    )


def _merge(base: dict[str, Any], change: dict[str, Any]) -> None:
    """A strategic merge: objects by field, the lists above by their key, all other lists as a whole."""
    for field, value in change.items():
        if value is None:
            base.pop(field, None)
        elif isinstance(value, dict) and isinstance(base.get(field), dict):
            _merge(base[field], value)
        elif isinstance(value, list) and isinstance(base.get(field), list) and field in MERGE_KEYS:
            _merge_list(base[field], value, MERGE_KEYS[field])
        else:
            base[field] = value


def _merge_list(base: list[Any], change: list[Any], key: str) -> None:
    for member in change:
        same = [other for other in base if other.get(key) == member[key]]
        if same:
            _merge(same[0], member)
        else:
            base.append(member)
