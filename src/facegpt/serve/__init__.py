"""The server: a page, REST, server-sent events and the OpenAI protocol over one model in a process of its own.

The web process (`app`) imports no torch: it takes requests, keeps jobs and heads (`jobs`, `store`), and hands the work
to model processes that it watches (`supervisor`). These (`worker`) decode uploads, make heads and write their files.
docs/server.md says what each address takes and gives.
"""
