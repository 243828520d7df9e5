"""Thin LangChain chat models, one per way to reach a reasoning core."""
