"""The proof that the checks find what they are said to find, and are silent where nothing is wrong."""
