"""Load on servers of embeddings, and what it shows."""
