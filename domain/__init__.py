"""The words everyone speaks. Imports nothing of ours, and no numpy, torch or LangChain."""
