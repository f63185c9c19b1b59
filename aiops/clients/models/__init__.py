"""Language models: an OpenAI-compatible endpoint, or a GGUF file in a process of its own. Off unless configured."""
