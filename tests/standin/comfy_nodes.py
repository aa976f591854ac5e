"""The nodes of the stand-in ComfyUI, and what it says of a workflow that it does not take."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    output: bool = False
    steps: int = 0

    def shown(self) -> dict[str, Any]:
        return {
            "input": {
                "required": {name: ["*", {}] for name in self.required},
                "optional": {name: ["*", {}] for name in self.optional},
            },
            "output_node": self.output,
        }


KINDS = {
    "UNETLoader": Kind(("unet_name",)),
    "LoadImage": Kind(("image",)),
    "LoadVideo": Kind(("file",)),
    "LoadAudio": Kind(("audio",)),
    "ImageScale": Kind(("image", "width", "height")),
    "CLIPVisionEncode": Kind(("clip_vision", "image")),
    "CLIPTextEncode": Kind(("text",), ("clip",)),
    "WanFirstLastFrameToVideo": Kind(
        ("width", "height", "length"),
        ("start_image", "end_image", "clip_vision_end_image", "reference", "audio", "video"),
    ),
    "KSampler": Kind(("seed", "steps", "latent_image"), ("positive", "negative", "denoise"), steps=4),
    "VAEDecode": Kind(("samples",)),
    "CreateVideo": Kind(("images", "fps"), ("audio",)),
    "SaveVideo": Kind(("video", "filename_prefix"), output=True),
    "SaveImage": Kind(("images",), ("filename_prefix",), output=True),
    "PreviewImage": Kind(("images",), output=True),
    "SaveAnimatedWEBP": Kind(("images", "fps"), output=True),
    "VHS_VideoCombine": Kind(("images", "frame_rate"), ("filename_prefix",), output=True),
}  # fmt: skip
_FILES = {"LoadImage": "image", "LoadVideo": "file", "LoadAudio": "audio"}


def wrong(sent: dict[str, Any], manner: str, inputs: Collection[str]) -> dict[str, Any] | None:
    """What POST /prompt answers with 400 for; None where nothing is wrong."""
    graph = sent.get("prompt")
    id = sent.get("prompt_id")
    if id is not None and manner == "new":
        try:
            good = str(uuid.UUID(id)) == id
        except ValueError:
            good = False
        if not good:
            return _error("invalid_prompt_id", "prompt_id must be a valid UUID", "")
    if not isinstance(graph, dict):
        return _error("no_prompt", "No prompt provided", "No prompt provided")
    for name, node in graph.items():
        kind = node.get("class_type")
        if kind not in KINDS:
            said = f"Node '{kind}' not found. The custom node may not be installed."
            return _error("missing_node_type", said, f"Node ID '#{name}'")
    if not any(KINDS[node["class_type"]].output for node in graph.values()):
        return _error("prompt_no_outputs", "Prompt has no outputs", "")
    errors = {
        name: found for name, node in graph.items() if (found := _errors(node, graph, inputs))
    }
    if not errors:
        return None
    told = _error("prompt_outputs_failed_validation", "Prompt outputs failed validation", "")
    told["node_errors"] = {
        name: {"errors": found, "dependent_outputs": [], "class_type": graph[name]["class_type"]}
        for name, found in errors.items()
    }
    return told


def _errors(
    node: dict[str, Any], graph: dict[str, Any], inputs: Collection[str]
) -> list[dict[str, Any]]:
    kind, given = node["class_type"], node["inputs"]
    found = [
        {"type": "required_input_missing", "message": "Required input is missing", "details": name,
         "extra_info": {"input_name": name}}
        for name in KINDS[kind].required if name not in given
    ]  # fmt: skip
    for name, value in given.items():
        if isinstance(value, list) and len(value) == 2 and value[0] not in graph:
            found.append(
                {"type": "bad_linked_input", "message": "Bad linked input", "details": name}
            )
        if name in ("width", "height", "length", "seed") and not isinstance(value, int | list):
            found.append({"type": "invalid_input_type", "message": "Failed to convert an input value",
                          "details": f"{name}, {value}"})  # fmt: skip
    file = given.get(_FILES.get(kind, ""))
    if file is not None and file not in inputs and file != "black.png":
        found.append({"type": "custom_validation_failed", "message": "Custom validation failed for node",
                      "details": f"image - Invalid image file: {file}"})  # fmt: skip
    return found


def _error(kind: str, message: str, details: str) -> dict[str, Any]:
    return {
        "error": {"type": kind, "message": message, "details": details, "extra_info": {}},
        "node_errors": {},
    }


def order(graph: dict[str, Any]) -> list[str]:
    """The nodes that its outputs need, each after those that it needs."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        for value in graph[name]["inputs"].values():
            if isinstance(value, list) and len(value) == 2 and value[0] in graph:
                visit(value[0])
        done.append(name)

    for name, node in graph.items():
        if KINDS[node["class_type"]].output:
            visit(name)
    return done
