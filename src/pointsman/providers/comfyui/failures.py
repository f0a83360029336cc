"""What ComfyUI says when it refuses a workflow or breaks off, as errors that name the cause and the cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import InvalidInput, OutOfMemory, PictureFailed, PointsmanError, Unreachable, WorkflowError
from pointsman.providers.comfyui.graph import Graph, class_of, is_file
from pointsman.providers.remote.wire import Reply

# Where ComfyUI keeps the files that a loader's input names, under its folder "models".
FOLDERS: Final[Mapping[str, str]] = {
    "unet_name": "diffusion_models",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "clip_name3": "text_encoders",
    "vae_name": "vae",
    "ckpt_name": "checkpoints",
    "lora_name": "loras",
    "control_net_name": "controlnet",
    "style_model_name": "style_models",
    "gligen_name": "gligen",
    "hypernetwork_name": "hypernetworks",
}
BY_CLASS: Final[Mapping[str, str]] = {"CLIPVisionLoader": "clip_vision", "UpscaleModelLoader": "upscale_models"}
SHOWN: Final = 4
IS_IT_COMFYUI: Final = "is images.comfyui.url ComfyUI's own address? COMFYUI_URL sets it, too"
SEE_LOG: Final = "ComfyUI's log says more; does the workflow run in ComfyUI itself?"
FULL: Final = "ask for a smaller picture or fewer at once, or set images.comfyui.text_encoder: cpu"
# Of the card, by CUDA, HIP and torch; the last is what torch says with CUDA's own allocator.
NO_MEMORY: Final = ("out of memory", "cudamalloc failed", "failed to allocate", "allocation on device")
NO_MEMORY_TYPES: Final = ("OutOfMemoryError", "AcceleratorOutOfMemoryError")


def folder_of(class_type: str, key: str) -> str:
    """The folder, under ComfyUI's models, of a file that a node's input names; "" where that is not known."""
    return BY_CLASS.get(class_type) or FOLDERS.get(key, "")


def missing_files(name: str, files: Sequence[tuple[str, str]], source: str = "") -> WorkflowError:
    """That model files are not installed: each with its folder."""
    told = [f"{file} (in models/{folder})" if folder else file for file, folder in files]
    one = len(told) == 1
    folders = sorted({folder for _, folder in files if folder})
    where = (
        f"into ComfyUI's folder {' and '.join(f'models/{it}' for it in folders)}" if folders else "where ComfyUI looks"
    )
    return WorkflowError(
        f"{name}: ComfyUI does not have the model file{'' if one else 's'} {', '.join(told)}",
        cure=f"put {'it' if one else 'them'} {where}, or name installed ones in the workflow"
        + (f"; {source}" if source else ""),
    )


def refused(reply: Reply, name: str, graph: Graph, source: str = "") -> PointsmanError | None:
    """Why a workflow was not taken as it is; None where it was."""
    said = reply.json()
    if not isinstance(said, dict):
        return not_comfyui(reply)
    by_node = said.get("node_errors")
    errors = list(errors_in(by_node)) if isinstance(by_node, dict) else []
    if reply.status == 200 and not by_node:
        return None if "prompt_id" in said else not_comfyui(reply)
    files = [
        (str(about["received_value"]), folder_of(class_type, str(about.get("input_name", ""))))
        for _, class_type, error in errors
        if error.get("type") == "value_not_in_list"
        and isinstance(about := error.get("extra_info"), dict)
        and is_file(about.get("received_value"))
    ]
    if files:
        return missing_files(name, files, source)
    if errors:
        told = [f"node {node} ({class_type}): {words(error)}" for node, class_type, error in errors]
        more = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        return WorkflowError(
            f"{name}: ComfyUI refuses it: {'; '.join(told[:SHOWN])}{more}",
            cure="open it in ComfyUI, correct it there and export it again; an older ComfyUI knows less",
        )
    error = said.get("error")
    error = error if isinstance(error, dict) else {"message": str(error or f"it answered {reply.status}")}
    return whole_refused(error, name, graph)


def whole_refused(error: Mapping[str, Any], name: str, graph: Graph) -> PointsmanError:
    """The refusal of a graph that is not about inputs of nodes."""
    node = str(error.get("details") or "").partition("#")[2].strip("'")
    class_type = class_of(graph, node)
    if error.get("type") in {"invalid_prompt", "missing_node_type"} and class_type:
        return WorkflowError(
            f"{name}: ComfyUI does not have the node {class_type} (node {node})",
            cure="install the custom node it belongs to, or update ComfyUI, and start ComfyUI anew",
        )
    return WorkflowError(f"{name}: ComfyUI refuses it: {words(error)}", cure=SEE_LOG)


def errors_in(by_node: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The errors of each node, with its id and class."""
    for node, entry in by_node.items():
        if isinstance(entry, dict):
            for error in entry.get("errors") or ():
                if isinstance(error, dict):
                    yield str(node), str(entry.get("class_type") or "?"), error


def words(error: Mapping[str, Any]) -> str:
    """The words of an error, in one line."""
    parts = (" ".join(str(error.get(key) or "").split()) for key in ("message", "details"))
    return ": ".join(part[:300] for part in parts if part) or "without a reason"


def not_comfyui(reply: Reply) -> PointsmanError:
    """What an answer means that is none of ComfyUI's."""
    if reply.status == 500 and not is_page(reply):
        return PictureFailed("ComfyUI failed inside (500)", cure=SEE_LOG)
    what = "a page" if is_page(reply) else "something else than ComfyUI's API"
    return Unreachable(f"at its address {what} answers ({reply.status}), not ComfyUI", cure=IS_IT_COMFYUI)


def too_large(size: int) -> InvalidInput:
    """That a picture was not taken, by ComfyUI or by what stands before it."""
    return InvalidInput(
        f"the picture has {size:,} bytes, which is more than ComfyUI takes",
        cure="send a smaller one, or start ComfyUI with a larger --max-upload-size; a proxy before it has a limit, too",
    )


def is_page(reply: Reply) -> bool:
    """Whether an answer is a page for people, such as that of a proxy."""
    return reply.headers.get("content-type", "").startswith("text/html") or reply.body[:1] == b"<"


def broke_off(data: Mapping[str, Any], name: str) -> PointsmanError:
    """The error of an `execution_error` event."""
    kind, message = str(data.get("exception_type") or ""), " ".join(str(data.get("exception_message") or "").split())
    where = f"node {data.get('node_id', '?')} ({data.get('node_type', '?')})"
    if kind.rpartition(".")[2] in NO_MEMORY_TYPES or any(it in message.lower() for it in NO_MEMORY):
        return OutOfMemory(f"{name}: the card was full in {where}: {message[:300] or kind}", cure=FULL)
    return PictureFailed(
        f"{name}: ComfyUI failed in {where}: {message[:300] or kind or 'it does not say why'}", cure=SEE_LOG
    )


def stopped(name: str) -> PictureFailed:
    """That somebody else stopped it."""
    return PictureFailed(f"{name}: it was stopped in ComfyUI", cure="ask again")


def vanished(name: str) -> PictureFailed:
    """That ComfyUI knows nothing of it any more."""
    return PictureFailed(
        f"{name}: ComfyUI does not know the picture any more",
        cure="ask again; somebody emptied its queue, or it was started anew",
    )


def too_slow(name: str, seconds: float) -> PictureFailed:
    """That nothing happened for too long."""
    return PictureFailed(
        f"{name}: nothing happened for {seconds:g} s, so it was stopped",
        cure="look at ComfyUI's log; a larger images.comfyui.timeout waits longer",
    )
