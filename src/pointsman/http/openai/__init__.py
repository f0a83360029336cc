"""OpenAI's surface: chat completions, models, embeddings and pictures, as its clients know them."""
