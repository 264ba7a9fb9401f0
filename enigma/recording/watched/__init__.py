"""Watches a loop that is not ours: what it logs becomes a run like any other, without a line of the loop being ours.

`watching.Watch` is what a person holds; `given` is what they said at first, `logged` what one log holds, `arrays` how
tensors become arrays, `frame` what a frame holds, `signals` what the stream tells, `schedule` which frames are kept,
`folder` and `writer` how they reach the disk, `network` how a model is looked at through a hook.
"""
