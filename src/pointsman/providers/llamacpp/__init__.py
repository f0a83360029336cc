"""llama.cpp's own server, which loads and unloads models on demand in its router mode."""
