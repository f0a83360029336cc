"""The classes of nodes that the fake ComfyUI has, as /object_info tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from pointsman.testing.comfyui.inputs import CORRUPT

Models = Mapping[str, Mapping[str, int]]
"""The model files that are installed: bytes by name, by folder."""

Z_IMAGE: Final[Models] = MappingProxyType(
    {
        "diffusion_models": {
            "z_image_turbo_bf16.safetensors": 11_460_000_000,
            "z_image_turbo_int8_convrot.safetensors": 5_780_000_000,
        },
        "text_encoders": {"qwen_3_4b.safetensors": 7_490_000_000, "qwen_3_4b_fp8_mixed.safetensors": 5_250_000_000},
        "vae": {"ae.safetensors": 320_000_000},
    }
)
FOLDERS: Final = (
    "checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
    "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models", "latent_upscale_models",
    "custom_nodes", "hypernetworks", "photomaker", "classifiers", "model_patches", "audio_encoders",
)  # fmt: skip
# Its input names a picture, which must be there.
LOADER: Final = "LoadImage"
# Comes without a file.
BUILT_IN: Final = {"vae": ("pixel_space",)}
MOST_SEED: Final = 2**64 - 1
MOST_SIDE: Final = 16384
SAMPLERS: Final = ["euler", "euler_ancestral", "heun", "dpmpp_2m", "dpmpp_2m_sde", "res_multistep", "ddim", "uni_pc"]
SCHEDULERS: Final = ["simple", "sgm_uniform", "karras", "exponential", "beta", "normal"]
SCALERS: Final = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
CLIP_TYPES: Final = ["stable_diffusion", "sd3", "lumina2", "wan", "qwen_image", "flux2"]

Spec = list[Any]
"""The kind of an input, as a list: a type or the values to choose from, then what else is known of it."""


@dataclass(frozen=True, slots=True)
class NodeClass:
    """A class of nodes."""

    name: str
    required: Mapping[str, Spec]
    outputs: tuple[str, ...] = ()
    optional: Mapping[str, Spec] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    category: str = "image"
    saves: bool = False

    @property
    def info(self) -> dict[str, Any]:
        """The entry of /object_info."""
        groups: dict[str, Mapping[str, Any]] = {"required": self.required}
        groups |= {"optional": self.optional} if self.optional else {}
        groups |= {"hidden": self.hidden} if self.hidden else {}
        return {
            "input": groups,
            "input_order": {name: list(group) for name, group in groups.items()},
            "output": list(self.outputs),
            "output_is_list": [False] * len(self.outputs),
            "output_name": list(self.outputs),
            "name": self.name,
            "display_name": self.title or self.name,
            "description": "",
            "python_module": "nodes",
            "category": self.category,
            "output_node": self.saves,
        }


def whole(default: int, least: int, most: int, **more: Any) -> Spec:
    """A whole number."""
    return ["INT", {"default": default, "min": least, "max": most, **more}]


def real(default: float, least: float, most: float, **more: Any) -> Spec:
    """A number."""
    return ["FLOAT", {"default": default, "min": least, "max": most, **more}]


def files_in(models: Models, folder: str) -> list[str]:
    """The files to choose from."""
    return sorted([*models.get(folder, ()), *BUILT_IN.get(folder, ())])


def side(step: int = 1) -> Spec:
    """A side of a latent picture."""
    return whole(512 if step == 8 else 1024, 16, MOST_SIDE, step=step)


def latent(name: str, step: int) -> NodeClass:
    """An empty latent picture."""
    return NodeClass(
        name,
        {"width": side(step), "height": side(step), "batch_size": whole(1, 1, 4096)},
        ("LATENT",),
        category="latent",
    )


def resizing(models: Models) -> tuple[NodeClass, ...]:
    """What makes pictures larger, by a model or without one, and what brings one back to be drawn over."""
    return (
        NodeClass(
            "UpscaleModelLoader",
            {"model_name": [files_in(models, "upscale_models")]},
            ("UPSCALE_MODEL",),
            title="Load Upscale Model",
            category="loaders",
        ),
        NodeClass(
            "ImageUpscaleWithModel",
            {"upscale_model": ["UPSCALE_MODEL"], "image": ["IMAGE"]},
            ("IMAGE",),
            title="Upscale Image (using Model)",
            category="image/upscaling",
        ),
        NodeClass(
            "ImageScaleBy",
            {"image": ["IMAGE"], "upscale_method": [SCALERS], "scale_by": real(1.0, 0.01, 8.0, step=0.01)},
            ("IMAGE",),
            title="Upscale Image By",
            category="image/upscaling",
        ),
        NodeClass(
            "VAEEncode", {"pixels": ["IMAGE"], "vae": ["VAE"]}, ("LATENT",), title="VAE Encode", category="latent"
        ),
    )


SAVED: Final = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def catalogue(models: Models) -> dict[str, NodeClass]:
    """All classes, with the files that are installed."""

    def files(folder: str) -> Spec:
        return [files_in(models, folder)]

    loaders = "advanced/loaders"
    classes = (
        NodeClass(
            "EmptyImage",
            {
                "width": whole(512, 1, MOST_SIDE, step=1),
                "height": whole(512, 1, MOST_SIDE, step=1),
                "batch_size": whole(1, 1, 4096),
                "color": whole(0, 0, 0xFFFFFF, step=1, display="color"),
            },
            ("IMAGE",),
        ),
        NodeClass("ImageInvert", {"image": ["IMAGE"]}, ("IMAGE",), title="Invert Image"),
        NodeClass(LOADER, {"image": [[CORRUPT], {"image_upload": True}]}, ("IMAGE", "MASK"), title="Load Image"),
        *resizing(models),
        NodeClass(
            "SaveImage",
            {"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "ComfyUI"}]},
            hidden=SAVED,
            title="Save Image",
            saves=True,
        ),
        NodeClass("PreviewImage", {"images": ["IMAGE"]}, hidden=SAVED, title="Preview Image", saves=True),
        latent("EmptyLatentImage", 8),
        latent("EmptySD3LatentImage", 16),
        NodeClass(
            "CheckpointLoaderSimple",
            {"ckpt_name": files("checkpoints")},
            ("MODEL", "CLIP", "VAE"),
            title="Load Checkpoint",
            category="loaders",
        ),
        NodeClass(
            "UNETLoader",
            {
                "unet_name": files("diffusion_models"),
                "weight_dtype": [["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"]],
            },
            ("MODEL",),
            title="Load Diffusion Model",
            category=loaders,
        ),
        NodeClass(
            "CLIPLoader",
            {"clip_name": files("text_encoders"), "type": [CLIP_TYPES]},
            ("CLIP",),
            optional={"device": [["default", "cpu"], {"advanced": True}]},
            title="Load CLIP",
            category=loaders,
        ),
        NodeClass("VAELoader", {"vae_name": files("vae")}, ("VAE",), title="Load VAE", category="loaders"),
        NodeClass(
            "CLIPTextEncode",
            {"text": ["STRING", {"multiline": True, "dynamicPrompts": True}], "clip": ["CLIP", {}]},
            ("CONDITIONING",),
            title="CLIP Text Encode (Prompt)",
            category="conditioning",
        ),
        NodeClass(
            "ConditioningZeroOut",
            {"conditioning": ["CONDITIONING"]},
            ("CONDITIONING",),
            category="advanced/conditioning",
        ),
        NodeClass(
            "ModelSamplingAuraFlow",
            {"model": ["MODEL"], "shift": real(1.73, 0.0, 100.0, step=0.01)},
            ("MODEL",),
            category="advanced/model",
        ),
        NodeClass(
            "KSampler",
            {
                "model": ["MODEL", {}],
                "seed": whole(0, 0, MOST_SEED, control_after_generate=True),
                "steps": whole(20, 1, 10000),
                "cfg": real(8.0, 0.0, 100.0, step=0.1, round=0.01),
                "sampler_name": [SAMPLERS, {}],
                "scheduler": [SCHEDULERS, {}],
                "positive": ["CONDITIONING", {}],
                "negative": ["CONDITIONING", {}],
                "latent_image": ["LATENT", {}],
                "denoise": real(1.0, 0.0, 1.0, step=0.01),
            },
            ("LATENT",),
            category="sampling",
        ),
        NodeClass(
            "VAEDecode",
            {"samples": ["LATENT", {}], "vae": ["VAE", {}]},
            ("IMAGE",),
            title="VAE Decode",
            category="latent",
        ),
    )
    return {it.name: it for it in classes}
