"""The sensors of a card's memory: NVIDIA's driver, AMD's files, a remote ComfyUI, or a budget that nobody measures."""
