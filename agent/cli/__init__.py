"""The command line and the chat. `main` imports click only; everything else comes when used."""
