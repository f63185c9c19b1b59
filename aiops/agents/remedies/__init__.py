"""What to change for a cause: one remedy a file, each registered for its mechanisms by `@remedy`.

`remediation` asks them, after undoing what the change history knows; `kit/` is what they are made of.
"""
