"""A language model's opinion on a diagnosis: it may explain and re-rank what statistics found, and nothing else."""
