"""One reader: the base language model writes what a turn asks for as a short request, in pieces of one table.

An experiment beside the shipped readers (lab/runs/one_reader): one adapter and one answer in place of the adapters and
networks that read a turn today.
"""
