"""Pictures from ComfyUI: workflows with their inputs bound, its API, and its memory for the arbiter."""
