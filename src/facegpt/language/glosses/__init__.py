"""Requests in German, French, Spanish and Italian, put into English word by word."""
