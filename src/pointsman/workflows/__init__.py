"""The ComfyUI workflows that come with Pointsman: each graph in ComfyUI's API format, and what is bound in it."""
