"""The model process: takes tasks from a pipe, decodes uploads, makes heads and writes their files."""
